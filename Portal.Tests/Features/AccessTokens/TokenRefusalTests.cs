using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.IdentityModel.Tokens;
using Portal.Features.AccessTokens;
using Portal.Tests.Support;

namespace Portal.Tests.Features.AccessTokens;

/// <summary>What looks like a token and is none is refused with 401, whatever it says of itself.</summary>
public sealed class TokenRefusalTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    private TestPortal _portal = null!;
    private Person _alice = null!;
    private ApiCaller _api = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _portal = await TestPortal.StartAsync(Sandbox);
        _alice = await _portal.SignInAsync("alice");
        _api = new ApiCaller(_portal.Address);
    }

    public override async ValueTask DisposeAsync()
    {
        _api.Dispose();
        _alice.Dispose();
        await _portal.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_token_opens_the_api_and_says_who_it_speaks_for()
    {
        var token = await Token.MakeAsync(_alice, "databases");

        var me = await _api.MeAsync(token.Text);

        me.Status.ShouldBe(HttpStatusCode.OK, me.Text);
        me.NoStore.ShouldBeTrue();
        me.Json.GetProperty("login").GetString().ShouldBe("alice");
        me.Json.GetProperty("teams")[0].GetProperty("name").GetString().ShouldBe("payments");
        me.Json.GetProperty("teams")[0].GetProperty("role").GetString().ShouldBe("member");
        Base64UrlEncoder.Decode(token.Text.Split('.')[0]).ShouldBe($$"""{"alg":"ES256","typ":"at+jwt","kid":"{{_portal.Get<SigningKeys>().All[^1].KeyId}}"}""");
        token.Claims.Select(claim => claim.Key).ShouldBe(["iss", "aud", "sub", "login", "jti", "scope", "iat", "nbf", "exp"]);
        ((string?)token.Claims["jti"]).ShouldBe(token.Id.ToString());
    }

    [Fact]
    public async Task Without_a_token_or_with_a_cookie_alone_the_api_is_closed()
    {
        (await _api.MeAsync(null)).Slug.ShouldBe("token-missing");
        (await _api.StatusAsync(null)).ShouldBe(HttpStatusCode.Unauthorized);
        (await _alice.GetAsync("/api/v1/me")).Status.ShouldBe(HttpStatusCode.Unauthorized);
        (await _api.StatusAsync("")).ShouldBe(HttpStatusCode.Unauthorized);
        (await _api.StatusAsync("a.b.c")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_claim_or_signature_that_was_changed_is_refused()
    {
        var token = await Token.MakeAsync(_alice);
        var claims = token.Claims;
        claims["sub"] = Guid.CreateVersion7().ToString();
        await RefusedAsync($"{token.Text.Split('.')[0]}.{Token.Encode(claims)}.{token.Signature}");
        claims = token.Claims;
        claims["scope"] = "tokens databases cloud:reveal";
        await RefusedAsync($"{token.Text.Split('.')[0]}.{Token.Encode(claims)}.{token.Signature}");
        var signature = Base64UrlEncoder.DecodeBytes(token.Signature);
        for (var bit = 0; bit < signature.Length * 8; bit += 37)
        {
            var broken = (byte[])signature.Clone();
            broken[bit / 8] ^= (byte)(1 << (bit % 8));
            await RefusedAsync($"{token.Text[..token.Text.LastIndexOf('.')]}.{Base64UrlEncoder.Encode(broken)}");
        }
    }

    [Fact]
    public async Task Algorithms_other_than_the_portals_own_are_refused()
    {
        var token = await Token.MakeAsync(_alice);
        foreach (var none in new[] { "none", "None", "NONE", "" })
        {
            var header = With(token.Header, "alg", none);
            await RefusedAsync($"{Token.Encode(header)}.{Token.Encode(token.Claims)}.");
            await RefusedAsync($"{Token.Encode(header)}.{Token.Encode(token.Claims)}.{token.Signature}");
        }

        // The public key as the secret of an HMAC: what a verifier falls for that believes the header.
        var key = _portal.Get<SigningKeys>().All[^1].PublicKey.ECDsa;
        byte[][] secrets = [Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()), Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem() + "\n"), key.ExportSubjectPublicKeyInfo()];
        foreach (var secret in secrets)
        {
            var text = $"{Token.Encode(With(token.Header, "alg", "HS256"))}.{Token.Encode(token.Claims)}";
            await RefusedAsync($"{text}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(text)))}");
        }

        foreach (var other in new[] { "ES384", "ES512", "RS256", "PS256", "ES256K" })
            await RefusedAsync(await Token.ForgeAsync(_portal, With(token.Header, "alg", other), token.Claims));
    }

    [Fact]
    public async Task Keys_that_the_portal_does_not_know_vouch_for_nothing()
    {
        var token = await Token.MakeAsync(_alice);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string Sign(JsonObject header)
        {
            var text = $"{Token.Encode(header)}.{Token.Encode(token.Claims)}";
            return $"{text}.{Base64UrlEncoder.Encode(stranger.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";
        }

        await RefusedAsync(Sign(token.Header));
        foreach (var kid in new[] { "1", "access-tokens", "../../../../etc/passwd", "/dev/null", "a/../b", "https://example.com/jwks.json", "' OR 1=1 --", new string('k', 2000), "" })
        {
            await RefusedAsync(Sign(With(token.Header, "kid", kid)));
            await RefusedAsync(await Token.ForgeAsync(_portal, With(token.Header, "kid", kid), token.Claims));
        }

        var without = token.Header;
        without.Remove("kid");
        await RefusedAsync(await Token.ForgeAsync(_portal, without, token.Claims));
        // A header that brings its own key along.
        var parameters = stranger.ExportParameters(false);
        var brought = token.Header;
        brought["jwk"] = new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64UrlEncoder.Encode(parameters.Q.X), ["y"] = Base64UrlEncoder.Encode(parameters.Q.Y) };
        brought["jku"] = "https://example.com/jwks.json";
        await RefusedAsync(Sign(brought));
    }

    [Fact]
    public async Task Claims_that_are_wrong_or_missing_are_refused_though_the_signature_is_right()
    {
        var token = await Token.MakeAsync(_alice);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        (await _api.StatusAsync(await Token.ForgeAsync(_portal, token.Header, token.Claims))).ShouldBe(HttpStatusCode.OK, "else nothing below means anything");
        (string Claim, JsonNode? Value)[] wrong =
        [
            ("iss", "https://portal.example.com"), ("iss", null), ("aud", "https://portal.example.com/api"), ("aud", _portal.Address.GetLeftPart(UriPartial.Authority)), ("aud", null),
            ("exp", now - 1), ("exp", null), ("exp", "soon"), ("nbf", now + 600), ("nbf", null), ("sub", "alice"), ("sub", null), ("sub", Guid.CreateVersion7().ToString()),
            ("jti", "../" + token.Id), ("jti", null), ("jti", Guid.CreateVersion7().ToString()), ("scope", null), ("login", null),
        ];
        foreach (var (claim, value) in wrong)
        {
            var claims = token.Claims;
            if (value is null)
                claims.Remove(claim);
            else
                claims[claim] = value;
            await RefusedAsync(await Token.ForgeAsync(_portal, token.Header, claims), $"{claim}: {value}");
        }

        await RefusedAsync(await Token.ForgeAsync(_portal, With(token.Header, "typ", "JWT"), token.Claims), "an ID token or the like");
    }

    [Fact]
    public async Task More_or_fewer_parts_are_refused()
    {
        var token = await Token.MakeAsync(_alice);
        string[] texts =
        [
            $"{token.Text}.{token.Signature}", $"{token.Text}.", $".{token.Text}", token.Text.Replace(".", "..", StringComparison.Ordinal), token.Text[..token.Text.LastIndexOf('.')],
            $"{token.Text}.{token.Text}", $"{token.Text} {token.Text}", $"{token.Text},{token.Text}", "...", ".", $"{token.Text}\t", $"{token.Text}=", token.Text.Replace('.', ':'),
            new string('a', 5000), string.Join('.', Enumerable.Repeat("e30", 5)),
        ];
        foreach (var text in texts.Where(text => text.Trim() != token.Text))
            await RefusedAsync(text);
    }

    [Fact]
    public async Task Ten_thousand_mangled_tokens_are_refused_and_none_is_an_error()
    {
        var token = await Token.MakeAsync(_alice);
        var texts = Mangled(token.Text).Array[10_000].Single();

        await Parallel.ForEachAsync(texts, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel }, async (text, _) =>
            (await _api.StatusAsync(text)).ShouldBe(text == token.Text ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, text));

        (await _api.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.OK);
        _portal.Log.Text.ShouldNotContain("unhandled exception");
    }

    // A letter changed, taken out, put in or doubled; a part cut, swapped or repeated; nothing that HTTP itself would refuse.
    private static Gen<string> Mangled(string token)
    {
        var letter = Gen.Char["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/~!"];
        var at = Gen.Int[0, token.Length - 1];
        var parts = token.Split('.');
        return Gen.OneOf(
            Gen.Select(at, letter, (i, c) => token.Remove(i, 1).Insert(i, c.ToString())),
            at.Select(i => token.Remove(i, 1)),
            Gen.Select(at, letter, (i, c) => token.Insert(i, c.ToString())),
            Gen.Select(at, at, (i, j) => token[Math.Min(i, j)..Math.Max(i, j)]),
            Gen.Select(Gen.Shuffle(parts), shuffled => string.Join('.', shuffled)),
            Gen.Select(Gen.Int[0, 2], Gen.Int[1, 4], (part, times) => string.Join('.', parts.SelectMany((text, i) => Enumerable.Repeat(text, i == part ? times : 1)))),
            Gen.Select(Gen.Int[0, 2], Gen.Byte.Array[0, 80], (part, bytes) => string.Join('.', parts.Select((text, i) => i == part ? Base64UrlEncoder.Encode(bytes) : text))),
            letter.Array[1, 200].Select(letters => new string(letters)))
            // One that differs in the unused bits of the last letter alone is the same token, and one that is the same is no mangled one.
            .Where(text => text.Length > 0 && text != token && !(text.Length == token.Length && text[..^1] == token[..^1]));
    }

    private async Task RefusedAsync(string text, string? what = null)
    {
        var answer = await _api.MeAsync(text);
        answer.Status.ShouldBe(HttpStatusCode.Unauthorized, what ?? text);
        answer.Slug.ShouldBe("token-refused");
        answer.NoStore.ShouldBeTrue();
    }

    private static JsonObject With(JsonObject part, string name, JsonNode value)
    {
        part[name] = value;
        return part;
    }
}
