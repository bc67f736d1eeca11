using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

/// <summary>What the transcripts do not show of tokens and token roles.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private VaultUnderTest _vault = null!;

    public async ValueTask InitializeAsync()
    {
        _vault = await VaultUnderTest.StartAsync(new VaultServerOptions { TimeProvider = _time });
        await _vault.PolicyAsync("maker", """path "auth/token/*" { capabilities = ["create", "read", "update", "delete", "list"] }""");
    }

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Theory]
    [InlineData("{\"no_parent\": true}", "root or sudo privileges required to create orphan token")]
    [InlineData("{\"period\": \"1h\"}", "root or sudo privileges required to create periodic token")]
    [InlineData("{\"id\": \"mine\"}", "root or sudo privileges required to specify token id")]
    [InlineData("{\"policies\": [\"root\"]}", "child policies must be subset of parent")]
    [InlineData("{\"policies\": [\"other\"]}", "child policies must be subset of parent")]
    public async Task Without_sudo_it_is_refused(string wish, string message) =>
        await _vault.RefusesAsync(400, message, "POST", "auth/token/create", wish, await _vault.TokenAsync(new { policies = "maker" }));

    [Theory]
    [InlineData("{\"num_uses\": -1}", "number of uses cannot be negative")]
    [InlineData("{\"ttl\": \"-1s\"}", "ttl must be positive")]
    [InlineData("{\"explicit_max_ttl\": \"-1s\"}", "explicit_max_ttl must be positive")]
    [InlineData("{\"period\": \"-1s\"}", "period must be positive")]
    [InlineData("{\"ttl\": \"1x2h\"}", "time: invalid duration \"1x2h\"")]
    [InlineData("{\"type\": \"other\"}", "invalid 'token_type' value")]
    [InlineData("{\"type\": \"batch\", \"policies\": [\"root\"]}", "batch tokens cannot be root tokens")]
    [InlineData("{\"type\": \"batch\", \"num_uses\": 2}", "batch tokens cannot have \"num_uses\" set")]
    [InlineData("{\"type\": \"batch\", \"period\": \"1h\"}", "batch tokens cannot have \"period\" set")]
    [InlineData("{\"type\": \"batch\", \"explicit_max_ttl\": \"1h\"}", "batch tokens cannot have \"explicit_max_ttl\" set")]
    [InlineData("{\"id\": \"s.mine\"}", "custom token ID cannot have the 's.' prefix")]
    [InlineData("{\"policies\": [\"response-wrapping\"]}", "cannot assign policy \"response-wrapping\"")]
    public Task A_wish_that_makes_no_sense_is_refused(string wish, string message) => _vault.RefusesAsync(400, message, "POST", "auth/token/create", wish);

    [Fact]
    public async Task An_id_of_ones_own_is_taken_once()
    {
        (await _vault.TokenAsync(new { id = "my-own", policies = "default" })).ShouldBe("my-own");
        await _vault.RefusesAsync(400, "cannot create a token with a duplicate ID", "POST", "auth/token/create", new { id = "my-own" });
    }

    [Fact]
    public async Task A_root_token_that_ends_makes_none_that_does_not() => await _vault.RefusesAsync(
        400, "expiring root tokens cannot create non-expiring root tokens", "POST", "auth/token/create", new { policies = "root" }, await _vault.TokenAsync(new { policies = "root", ttl = "1h" }));

    [Fact]
    public async Task Tokens_of_limited_uses_and_batch_tokens_make_no_others()
    {
        var few = await _vault.TokenAsync(new { policies = "maker", num_uses = 5 });
        await _vault.RefusesAsync(400, "restricted use token cannot generate child tokens", "POST", "auth/token/create", new { }, few);
        var batch = await _vault.TokenAsync(new { policies = "maker", type = "batch", ttl = "1h" });
        await _vault.RefusesAsync(400, "batch tokens cannot create more tokens", "POST", "auth/token/create", new { }, batch);
        await _vault.RefusesAsync(400, "batch tokens cannot be renewed", "POST", "auth/token/renew-self", new { }, batch);
    }

    [Fact]
    public async Task What_does_not_end_or_may_not_be_renewed_is_not_renewed()
    {
        await _vault.RefusesAsync(400, "lease not found or lease is not renewable", "POST", "auth/token/renew-self");
        var fixedEnd = await _vault.TokenAsync(new { policies = "default", ttl = "1h", renewable = false });
        await _vault.RefusesAsync(400, "lease is not renewable", "POST", "auth/token/renew", new { token = fixedEnd });
        await _vault.RefusesAsync(400, "token not found", "POST", "auth/token/renew", new { token = "none" });
    }

    [Theory]
    [InlineData("lookup", "missing token ID")]
    [InlineData("renew", "missing token ID")]
    [InlineData("revoke", "missing token ID")]
    [InlineData("lookup-accessor", "1 error occurred:\n\t* missing accessor\n\n")]
    [InlineData("renew-accessor", "1 error occurred:\n\t* missing accessor\n\n")]
    public Task Which_token_must_be_said(string verb, string message) => _vault.RefusesAsync(400, message, "POST", $"auth/token/{verb}", new { });

    [Fact]
    public async Task A_token_is_renewed_up_to_its_maximum_and_not_past_it()
    {
        var token = await _vault.TokenAsync(new { policies = "default", ttl = "1h", explicit_max_ttl = "90m" });
        _time.Advance(TimeSpan.FromMinutes(50));
        Seconds(await RenewAsync(token)).ShouldBeInRange(2399, 2401);
        _time.Advance(TimeSpan.FromMinutes(41));
        (await _vault.SendAsync("GET", "auth/token/lookup-self", token: token)).Status.ShouldBe(403);
    }

    [Fact]
    public async Task A_periodic_token_lives_as_long_as_it_is_renewed()
    {
        var token = await _vault.TokenAsync(new { policies = "default", period = "1h" });
        for (var i = 0; i < 50; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(59));
            Seconds(await RenewAsync(token)).ShouldBe(3600);
        }

        _time.Advance(TimeSpan.FromMinutes(61));
        (await _vault.SendAsync("GET", "auth/token/lookup-self", token: token)).Status.ShouldBe(403);
    }

    [Fact]
    public async Task A_token_of_three_uses_is_used_three_times_however_many_ask_at_once()
    {
        var token = await _vault.TokenAsync(new { policies = "default", num_uses = 3 });
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _vault.SendAsync("GET", "auth/token/lookup-self", token: token)));
        answers.Count(answer => answer.Status == 200).ShouldBe(3);
        answers.Count(answer => answer.Status == 403).ShouldBe(47);
    }

    [Fact]
    public async Task A_role_can_forbid_policies_and_types_and_limit_uses()
    {
        await _vault.RefusesAsync(400, "invalid 'token_type' value \"other\"", "POST", "auth/token/roles/r", new { token_type = "other" });
        await _vault.DoAsync("POST", "auth/token/roles/r", new { disallowed_policies = "secret", token_num_uses = 1 });
        await _vault.RefusesAsync(400, "token policy \"secret\" is disallowed by this role", "POST", "auth/token/create/r", new { policies = "secret" });
        var token = (string)(await _vault.DoAsync("POST", "auth/token/create/r", new { policies = "default", num_uses = 9 }))["auth"]!["client_token"]!;
        (await _vault.SendAsync("GET", "auth/token/lookup-self", token: token)).Status.ShouldBe(200);
        (await _vault.SendAsync("GET", "auth/token/lookup-self", token: token)).Status.ShouldBe(403);

        await _vault.DoAsync("POST", "auth/token/roles/b", new { token_type = "batch" });
        ((string?)(await _vault.DoAsync("POST", "auth/token/create/b", new { policies = "default" }))["auth"]!["token_type"]).ShouldBe("batch");
    }

    [Fact]
    public async Task Past_the_maximum_that_its_role_has_now_a_token_is_not_renewed()
    {
        await _vault.DoAsync("POST", "auth/token/roles/r", new { });
        var token = (string)(await _vault.DoAsync("POST", "auth/token/create/r", new { policies = "default", ttl = "1h" }))["auth"]!["client_token"]!;
        _time.Advance(TimeSpan.FromMinutes(20));
        await _vault.DoAsync("POST", "auth/token/roles/r", new { token_explicit_max_ttl = "10m" });
        await _vault.RefusesAsync(400, "past the max TTL, cannot renew", "POST", "auth/token/renew", new { token });
    }

    [Fact]
    public async Task When_its_role_is_gone_a_token_is_not_renewed()
    {
        await _vault.DoAsync("POST", "auth/token/roles/r", new { orphan = true });
        var token = (string)(await _vault.DoAsync("POST", "auth/token/create/r", new { policies = "default", ttl = "1h" }))["auth"]!["client_token"]!;
        await _vault.DoAsync("DELETE", "auth/token/roles/r");
        await _vault.RefusesAsync(400, "original token role \"r\" could not be found, not renewing", "POST", "auth/token/renew", new { token });
    }

    [Fact]
    public async Task Revoked_alone_a_token_leaves_its_children_behind_as_orphans()
    {
        var parent = await _vault.TokenAsync(new { policies = "maker" });
        var child = await _vault.TokenAsync(new { }, parent);
        var grandchild = await _vault.TokenAsync(new { }, child);
        await _vault.DoAsync("POST", "auth/token/revoke-orphan", new { token = parent });
        (await _vault.SendAsync("GET", "auth/token/lookup-self", token: parent)).Status.ShouldBe(403);
        ((bool)(await _vault.DoAsync("GET", "auth/token/lookup-self", token: child))["data"]!["orphan"]!).ShouldBeTrue();
        await _vault.DoAsync("POST", "auth/token/revoke", new { token = child });
        (await _vault.SendAsync("GET", "auth/token/lookup-self", token: grandchild)).Status.ShouldBe(403);
    }

    private static int Seconds(JsonNode answer) => (int)answer["auth"]!["lease_duration"]!;

    private Task<JsonNode> RenewAsync(string token) => _vault.DoAsync("POST", "auth/token/renew-self", new { }, token);
}
