using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Features.AccessTokens;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Features.AccessTokens;

/// <summary>What is remembered about a token, for how long, and that nothing remembered brings a revoked one back.</summary>
public sealed class TokenCheckTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    private static readonly TimeSpan s_cacheTime = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_token_that_is_revoked_is_refused_here_at_once_and_elsewhere_within_the_cache_time()
    {
        await using var here = await TestPortal.StartAsync(Sandbox);
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var elsewhere = await TestPortal.StartAsync(
            Sandbox,
            new Dictionary<string, string?> { ["Database:ConnectionString"] = $"Data Source={here.DatabaseFile}", ["Portal:PublicUrl"] = here.Address.GetLeftPart(UriPartial.Authority) },
            services => services.AddSingleton<TimeProvider>(clock));
        using var alice = await here.SignInAsync("alice");
        using var calls = new ApiCaller(here.Address);
        using var callsElsewhere = new ApiCaller(elsewhere.Address);
        var token = await Token.MakeAsync(alice);
        (await calls.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.OK);
        (await callsElsewhere.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.OK);

        (await calls.SendAsync(HttpMethod.Delete, $"/api/v1/access-tokens/{token.Id}", token.Text)).Status.ShouldBe(HttpStatusCode.NoContent);

        (await calls.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.Unauthorized);
        clock.Advance(s_cacheTime);
        (await callsElsewhere.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_look_up_under_way_does_not_bring_back_a_token_that_is_revoked_meanwhile()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        using var calls = new ApiCaller(portal.Address);
        var token = await Token.MakeAsync(alice);
        await Sandbox.Vault.Control.HoldAsync("GET", $"*/data/access-tokens/*/{token.Id}", Cancel);

        var asking = calls.StatusAsync(token.Text);
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);
        var actor = await alice.ActorAsync(portal);
        (await portal.Get<OwnAccessTokens>().RevokeAsync(actor, token.Id, Cancel)).ShouldBeTrue();
        await Sandbox.Vault.Control.ReleaseAsync(Cancel);

        (await asking).ShouldBe(HttpStatusCode.Unauthorized);
        (await calls.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Vault_away_known_tokens_count_until_their_cache_time_ends_and_then_nobody_knows()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var portal = await TestPortal.StartAsync(Sandbox, services: services => services.AddSingleton<TimeProvider>(clock));
        using var alice = await portal.SignInAsync("alice");
        using var calls = new ApiCaller(portal.Address);
        var (known, unknown) = (await Token.MakeAsync(alice), await Token.MakeAsync(alice));
        (await calls.StatusAsync(known.Text)).ShouldBe(HttpStatusCode.OK);

        await Sandbox.Vault.Control.StopAsync(Cancel);
        (await calls.StatusAsync(known.Text)).ShouldBe(HttpStatusCode.OK);
        var refused = await calls.MeAsync(unknown.Text);
        (refused.Status, refused.Slug, refused.NoStore).ShouldBe((HttpStatusCode.ServiceUnavailable, "vault-unreachable", true));
        refused.RetryAfter.ShouldNotBeNull();
        (await calls.StatusAsync("no.such.token")).ShouldBe(HttpStatusCode.Unauthorized);

        clock.Advance(s_cacheTime);
        (await calls.MeAsync(known.Text)).Slug.ShouldBe("vault-unreachable");
        await Sandbox.Vault.Control.StartAsync(Cancel);
        (await calls.StatusAsync(known.Text)).ShouldBe(HttpStatusCode.OK);

        await Sandbox.Vault.Control.SealAsync(Cancel);
        clock.Advance(s_cacheTime);
        var sealedAnswer = await calls.MeAsync(known.Text);
        (sealedAnswer.Status, sealedAnswer.Slug).ShouldBe((HttpStatusCode.ServiceUnavailable, "vault-sealed"));
    }

    [Fact]
    public async Task A_token_that_is_revoked_while_vault_is_away_stays_revoked_and_leaves_the_whitelist_later()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var portal = await TestPortal.StartAsync(Sandbox, services: services => services.AddSingleton<TimeProvider>(clock));
        using var alice = await portal.SignInAsync("alice");
        using var calls = new ApiCaller(portal.Address);
        var (token, other) = (await Token.MakeAsync(alice), await Token.MakeAsync(alice));
        foreach (var text in new[] { token.Text, other.Text })
            (await calls.StatusAsync(text)).ShouldBe(HttpStatusCode.OK);

        await Sandbox.Vault.Control.StopAsync(Cancel);
        (await calls.SendAsync(HttpMethod.Delete, $"/api/v1/access-tokens/{token.Id}", other.Text)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await calls.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.Unauthorized);
        await Sandbox.Vault.Control.StartAsync(Cancel);
        (await calls.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.Unauthorized, "the whitelist still has it, the portal's database says otherwise");
        (await OnWhitelistAsync(portal, alice, token)).ShouldBeTrue();

        clock.Advance(TimeSpan.FromMinutes(1));
        await portal.Get<AccessTokenWorker>().RoundAsync(Cancel);
        (await OnWhitelistAsync(portal, alice, token)).ShouldBeFalse();
        (await OnWhitelistAsync(portal, alice, other)).ShouldBeTrue();
    }

    [Fact]
    public async Task Whoever_deletes_an_entry_at_vault_ends_its_token()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var portal = await TestPortal.StartAsync(Sandbox, services: services => services.AddSingleton<TimeProvider>(clock));
        using var alice = await portal.SignInAsync("alice");
        using var calls = new ApiCaller(portal.Address);
        var (token, other) = (await Token.MakeAsync(alice), await Token.MakeAsync(alice));
        (await calls.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.OK);

        var actor = await alice.ActorAsync(portal);
        await Operator(portal).DeleteAsync($"{portal.Get<VaultNames>().Kv}/metadata/access-tokens/{actor.UserId}/{token.Id}", Cancel);
        clock.Advance(s_cacheTime);

        (await calls.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.Unauthorized);
        (await portal.Get<OwnAccessTokens>().ListAsync(actor, Cancel)).Select(listed => listed.Id).ShouldBe([other.Id]);
        (await calls.SendAsync(HttpMethod.Delete, $"/api/v1/access-tokens/{token.Id}", other.Text)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_hundred_calls_at_once_ask_vault_about_their_token_once()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        using var calls = new ApiCaller(portal.Address);
        var token = await Token.MakeAsync(alice);
        await Sandbox.Vault.Control.ResetAsync(Cancel);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => calls.StatusAsync(token.Text)));

        answers.ShouldAllBe(status => status == HttpStatusCode.OK);
        (await Sandbox.Vault.Control.RequestsAsync(Cancel)).Count(request => request.Path.Contains("/data/access-tokens/")).ShouldBe(1);
    }

    [Fact]
    public async Task Keys_are_rotated_without_breaking_live_tokens_and_withdrawn_with_theirs()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var portal = await TestPortal.StartAsync(Sandbox, services: services => services.AddSingleton<TimeProvider>(clock));
        await using var replica = await TestPortal.StartAsync(
            Sandbox,
            new Dictionary<string, string?> { ["Database:ConnectionString"] = $"Data Source={portal.DatabaseFile}", ["Portal:PublicUrl"] = portal.Address.GetLeftPart(UriPartial.Authority) },
            services => services.AddSingleton<TimeProvider>(clock));
        using var alice = await portal.SignInAsync("alice");
        using var calls = new ApiCaller(portal.Address);
        using var replicaCalls = new ApiCaller(replica.Address);
        var old = await Token.MakeAsync(alice);
        (await replicaCalls.StatusAsync(old.Text)).ShouldBe(HttpStatusCode.OK);
        var root = Operator(portal);
        var key = $"{portal.Get<VaultNames>().Transit}/keys/{VaultNames.AccessTokensKey}";

        await root.WriteAsync($"{key}/rotate", [], Cancel);
        await portal.Get<SigningKeys>().LoadAsync(Cancel);
        var fresh = await Token.MakeAsync(alice);

        ((string?)fresh.Header["kid"]).ShouldNotBe((string?)old.Header["kid"]);
        foreach (var text in new[] { old.Text, fresh.Text })
            (await calls.StatusAsync(text)).ShouldBe(HttpStatusCode.OK);
        using var http = new HttpClient();
        var published = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync(new Uri(portal.Address, "/.well-known/jwks.json"), Cancel)).RootElement.GetProperty("keys");
        published.EnumerateArray().Select(jwk => jwk.GetProperty("kid").GetString()).ShouldContain((string?)old.Header["kid"]);
        published.EnumerateArray().Select(jwk => jwk.GetProperty("kid").GetString()).ShouldContain((string?)fresh.Header["kid"]);
        published.GetRawText().ShouldNotContain("\"d\":");
        clock.Advance(s_cacheTime);
        (await replicaCalls.StatusAsync(fresh.Text)).ShouldBe(HttpStatusCode.OK, "a replica asks for the key it does not know");

        // An operator withdraws the older versions: what they signed is over, though its signature was checked and remembered.
        var versions = portal.Get<SigningKeys>().All;
        await root.WriteAsync($"{key}/config", new() { ["min_decryption_version"] = versions[^1].Version }, Cancel);
        await portal.Get<SigningKeys>().LoadAsync(Cancel);
        (await calls.StatusAsync(old.Text)).ShouldBe(HttpStatusCode.Unauthorized);
        (await calls.StatusAsync(fresh.Text)).ShouldBe(HttpStatusCode.OK);
        await root.WriteAsync($"{key}/config", new() { ["min_decryption_version"] = 1 }, Cancel);
    }

    private static async Task<bool> OnWhitelistAsync(TestPortal portal, Person person, Token token) =>
        await portal.Get<Whitelist>().HasAsync((await person.ActorAsync(portal)).UserId, token.Id, Cancel);
}
