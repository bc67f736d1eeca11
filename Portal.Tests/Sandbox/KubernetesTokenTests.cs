using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Portal.Sandbox.Kubernetes;

namespace Portal.Tests.Sandbox;

public sealed class KubernetesTokenTests : KubernetesTests
{
    private const string Issuer = "https://kubernetes.default.svc.cluster.local";

    [Fact]
    public async Task A_token_says_what_a_real_one_says_and_verifies_by_the_published_key()
    {
        var account = await Admin.ReadNamespacedServiceAccountAsync("portal", "portal", cancellationToken: Cancelled);
        var answer = await RequestAsync("portal", ["vault", "api"], 1200);

        var now = Clock.GetUtcNow().ToUnixTimeSeconds();
        answer.Status.ExpirationTimestamp.ShouldBe(Clock.GetUtcNow().UtcDateTime.AddMinutes(20));
        var parts = answer.Status.Token.Split('.');
        var header = Decode(parts[0]);
        header["alg"]!.ToString().ShouldBe("RS256");
        var claims = Decode(parts[1]);
        claims["jti"]!.ToString().ShouldNotBeEmpty();
        claims.Remove("jti");
        claims.ToJsonString().ShouldBe(
            $$$"""{"aud":["vault","api"],"exp":{{{now + 1200}}},"iat":{{{now}}},"iss":"{{{Issuer}}}","kubernetes.io":{"namespace":"portal","serviceaccount":{"name":"portal","uid":"{{{account.Uid()}}}"}},"nbf":{{{now}}},"sub":"system:serviceaccount:portal:portal"}""");

        var (_, discovery) = await SendAsync(HttpMethod.Get, "/.well-known/openid-configuration", Server.ReviewerToken);
        discovery["issuer"]!.ToString().ShouldBe(Issuer);
        var (_, keys) = await SendAsync(HttpMethod.Get, new Uri(discovery["jwks_uri"]!.ToString()).AbsolutePath, Server.ReviewerToken);
        var key = keys["keys"]![0]!;
        key["kid"]!.ToString().ShouldBe(header["kid"]!.ToString());
        using var rsa = RSA.Create(new RSAParameters
        {
            Modulus = Base64Url.DecodeFromChars(key["n"]!.ToString()),
            Exponent = Base64Url.DecodeFromChars(key["e"]!.ToString()),
        });
        rsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .ShouldBeTrue();
    }

    // Without KubernetesClient, which takes these answers for JSON strings.
    [Fact]
    public async Task Issuer_and_keys_are_told_to_accounts_and_not_to_strangers()
    {
        const string path = "/.well-known/openid-configuration";

        var (code, configuration) = await SendAsync(HttpMethod.Get, path, Token());
        code.ShouldBe(HttpStatusCode.OK);
        configuration["jwks_uri"]!.ToString().ShouldBe(new Uri(Server.Address, "/openid/v1/jwks").AbsoluteUri);
        configuration["id_token_signing_alg_values_supported"]!.ToJsonString().ShouldBe("""["RS256"]""");
        var (_, keys) = await SendAsync(HttpMethod.Get, "/openid/v1/jwks", Token());
        var key = keys["keys"]!.AsArray().ShouldHaveSingleItem()!;
        (key["kty"]!.ToString(), key["use"]!.ToString(), key["alg"]!.ToString()).ShouldBe(("RSA", "sig", "RS256"));
        (await SendAsync(HttpMethod.Get, path, null)).Code.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_token_lasts_an_hour_for_the_API_unless_asked_otherwise()
    {
        var answer = await Admin.CreateNamespacedServiceAccountTokenAsync(new Authenticationv1TokenRequest(), "portal", "portal", cancellationToken: Cancelled);

        answer.Spec.ExpirationSeconds.ShouldBe(3600);
        answer.Spec.Audiences.ShouldBe([Issuer]);
    }

    [Theory]
    [InlineData(0, "less than 10 minutes")]
    [InlineData(599, "less than 10 minutes")]
    [InlineData(4294967297, "larger than 2^32 seconds")]
    public async Task Token_lives_outside_the_limits_are_invalid(long seconds, string problem)
    {
        var (code, status) = await RefusalAsync(() => RequestAsync("portal", ["vault"], seconds));

        code.ShouldBe(HttpStatusCode.UnprocessableEntity);
        status.Reason.ShouldBe("Invalid");
        status.Message.ShouldContain($"spec.expirationSeconds: Invalid value: {seconds}: may not specify a duration {problem}");
        status.Details.Causes.Single().Field.ShouldBe("spec.expirationSeconds");
    }

    [Fact]
    public async Task Tokens_of_nobody_and_tokens_bound_to_pods_are_not_found()
    {
        var bound = new Authenticationv1TokenRequest
        {
            Spec = new V1TokenRequestSpec { Audiences = ["a"], BoundObjectRef = new V1BoundObjectReference { Kind = "Pod", Name = "web-0" } },
        };

        (await RefusalAsync(() => RequestAsync("nobody", ["vault"], 600))).Code.ShouldBe(HttpStatusCode.NotFound);
        var (code, status) = await RefusalAsync(() => Admin.CreateNamespacedServiceAccountTokenAsync(bound, "portal", "portal", cancellationToken: Cancelled));
        code.ShouldBe(HttpStatusCode.NotFound);
        status.Message.ShouldBe("pods \"web-0\" not found");
    }

    [Fact]
    public async Task A_good_token_is_reviewed_with_the_account_behind_it()
    {
        var account = Server.Cluster.Find(ClusterKind.ServiceAccount, "portal", "portal")!;

        var status = await ReviewAsync(Token());

        status.Authenticated.ShouldBe(true);
        status.Error.ShouldBeNull();
        status.Audiences.ShouldBe([Issuer]);
        status.User.Username.ShouldBe("system:serviceaccount:portal:portal");
        status.User.Uid.ShouldBe(account.Uid.ToString());
        status.User.Groups.ShouldBe(["system:serviceaccounts", "system:serviceaccounts:portal", "system:authenticated"]);
        status.User.Extra.Keys.ShouldBe(["authentication.kubernetes.io/credential-id"]);
    }

    [Theory]
    [InlineData(null, new string[0], new[] { Issuer })]
    [InlineData("vault", new[] { "vault" }, new[] { "vault" })]
    [InlineData("vault", new[] { "other", "vault" }, new[] { "vault" })]
    [InlineData("vault", new string[0], null)]
    [InlineData("vault", new[] { "other" }, null)]
    [InlineData(null, new[] { "vault" }, null)]
    public async Task The_audiences_asked_for_must_be_among_those_of_the_token(string? tokens, string[] asked, string[]? common)
    {
        var status = await ReviewAsync(Server.CreateToken("portal", "portal", tokens, TimeSpan.FromMinutes(1)), asked);

        (status.Authenticated ?? false).ShouldBe(common is not null);
        status.Audiences.ShouldBe(common);
        if (common is null)
            status.Error.ShouldContain("is invalid for the target audiences");
    }

    [Fact]
    public async Task A_tampered_token_is_refused()
    {
        var parts = Token().Split('.');
        var claims = Decode(parts[1]);
        claims["sub"] = "system:serviceaccount:kube-system:admin";
        claims["kubernetes.io"]!["namespace"] = "kube-system";
        var forged = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()));
        var unsigned = Base64Url.EncodeToString("""{"alg":"none"}"""u8);

        foreach (var token in new[]
        {
            $"{parts[0]}.{forged}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.{parts[2]}x",
            $"{parts[0]}.{parts[1]}.",
            $"{unsigned}.{forged}.",
            $"{unsigned}.{parts[1]}.{parts[2]}",
        })
        {
            var status = await ReviewAsync(token);
            (status.Authenticated ?? false).ShouldBeFalse();
            status.Error.ShouldBe("[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]");
            status.User.Username.ShouldBeNull();
        }
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("a.b.c")]
    [InlineData("....")]
    [InlineData("bnVsbA.bnVsbA.bnVsbA")]
    public async Task What_is_no_token_is_refused(string token) => (await ReviewAsync(token)).Error.ShouldBe("invalid bearer token");

    [Fact]
    public async Task A_token_of_another_cluster_or_another_issuer_is_refused()
    {
        await using var sameIssuer = await KubernetesServer.StartAsync(new KubernetesServerOptions { TimeProvider = Clock });
        await using var otherIssuer = await KubernetesServer.StartAsync(new KubernetesServerOptions { TimeProvider = Clock, Issuer = "https://elsewhere" });

        var forged = await ReviewAsync(sameIssuer.CreateToken("portal", "portal", null, TimeSpan.FromHours(1)));
        var foreign = await ReviewAsync(otherIssuer.CreateToken("portal", "portal", Issuer, TimeSpan.FromHours(1)));

        forged.Error.ShouldBe("[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]");
        foreign.Error.ShouldBe("invalid bearer token");
    }

    [Fact]
    public async Task A_token_ends_at_its_end()
    {
        var token = Token();

        Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        (await ReviewAsync(token)).Authenticated.ShouldBe(true);
        Clock.Advance(TimeSpan.FromSeconds(1));
        var status = await ReviewAsync(token);
        (status.Authenticated ?? false).ShouldBeFalse();
        status.Error.ShouldBe("[invalid bearer token, service account token has expired]");
        (await ReviewAsync(Server.CreateToken("portal", "portal", null, TimeSpan.FromSeconds(-1)))).Error.ShouldContain("expired");
    }

    [Fact]
    public async Task A_token_does_not_outlive_its_account_and_not_by_a_new_one_of_the_same_name()
    {
        var token = Token();
        Server.Cluster.Delete(ClusterKind.ServiceAccount, "portal", "portal");
        (await ReviewAsync(token)).Error.ShouldBe("[invalid bearer token, serviceaccounts \"portal\" not found]");

        Server.Cluster.CreateServiceAccount("portal", "portal");
        var status = await ReviewAsync(token);

        (status.Authenticated ?? false).ShouldBeFalse();
        status.Error.ShouldContain("does not match claim");
    }

    [Fact]
    public async Task An_empty_token_is_a_bad_request() =>
        (await RefusalAsync(() => ReviewAsync(""))).Code.ShouldBe(HttpStatusCode.BadRequest);

    [Fact]
    public async Task Reviews_are_for_reviewers()
    {
        using var portal = Client(Token());
        var review = new V1TokenReview { Spec = new V1TokenReviewSpec { Token = Token() } };

        var (code, status) = await RefusalAsync(() => portal.CreateTokenReviewAsync(review, cancellationToken: Cancelled));
        Server.Cluster.Bind("portal", "portal", ClusterRole.AuthDelegator);
        var allowed = await portal.CreateTokenReviewAsync(review, cancellationToken: Cancelled);

        code.ShouldBe(HttpStatusCode.Forbidden);
        status.Message.ShouldBe("tokenreviews.authentication.k8s.io is forbidden: User \"system:serviceaccount:portal:portal\" cannot create resource \"tokenreviews\" in API group \"authentication.k8s.io\" at the cluster scope");
        allowed.Status.Authenticated.ShouldBe(true);
    }

    private string Token() => Server.CreateToken("portal", "portal", null, TimeSpan.FromMinutes(10));

    private async Task<V1TokenReviewStatus> ReviewAsync(string token, params string[] audiences)
    {
        using var reviewer = Client(Server.ReviewerToken);
        var review = new V1TokenReview { Spec = new V1TokenReviewSpec { Audiences = audiences.Length == 0 ? null : audiences, Token = token } };
        return (await reviewer.CreateTokenReviewAsync(review, cancellationToken: Cancelled)).Status;
    }

    private Task<Authenticationv1TokenRequest> RequestAsync(string account, string[] audiences, long seconds) => Admin.CreateNamespacedServiceAccountTokenAsync(
        new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = audiences, ExpirationSeconds = seconds } }, account, "portal", cancellationToken: Cancelled);

    private static JsonObject Decode(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part))!.AsObject();
}
