using System.Text.Json.Nodes;
using Portal.Features.Credentials;
using Portal.Features.Health;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Tests.Support;
using Portal.Tests.Vault;

namespace Portal.Tests.Features.Health;

public sealed class HealthChecklistTests : IAsyncLifetime
{
    private const string SetUp = "dotnet Portal.dll setup-vault";
    private readonly SandboxVault _vault = new();
    private readonly HealthPortal _portal;

    public HealthChecklistTests() => _portal = new HealthPortal(_vault);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _vault.InitializeAsync();
        (await _vault.SetUpAsync()).ShouldBeFine();
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        await _vault.DisposeAsync();
    }

    [Fact]
    public async Task All_is_well()
    {
        var admin = await StartAsync();

        var lines = await CheckAsync(admin);

        lines.ShouldAllBe(line => line.Status == HealthStatus.Ok && line.Remedy == null);
        lines.Select(line => line.Title).ShouldBe(
        [
            "Vault", "Vault's seal", "Login for sign-in", "Login for access tokens", "Login for cloud credentials", "Login for databases", "Login for SSH", "Login for the audit trail",
            "Login for these checks",
            "Engines and keys", "Policies", "Leases that Vault could not end", "Credentials being ended", "GitHub organisation", "Portal admins",
        ]);
        _portal.Checklist.Current.ShouldBe(new HealthSummary(HealthStatus.Ok, null));
    }

    [Fact]
    public async Task Vault_away_breaks_the_first_line_and_the_others_wait()
    {
        var admin = await StartAsync();
        await _vault.Control.StopAsync(Ct);

        var lines = await CheckAsync(admin);

        lines[0].ShouldSatisfyAllConditions(line => line.Status.ShouldBe(HealthStatus.Broken), line => line.Says.ShouldContain("cannot reach Vault"));
        lines.Skip(1).Take(10).ShouldAllBe(line => line.Status == HealthStatus.Waiting && line.Says == "Waits for the line above.");
        _portal.Checklist.Current.Message!.ShouldStartWith("Vault does not answer. What you hold keeps working until its end");
    }

    [Fact]
    public async Task A_sealed_Vault_breaks_the_second_line()
    {
        var admin = await StartAsync();
        await _vault.Control.SealAsync(Ct);

        var lines = await CheckAsync(admin);

        lines[0].Status.ShouldBe(HealthStatus.Ok);
        lines[1].ShouldBe(new HealthLine("Vault's seal", HealthStatus.Broken, "Vault runs, but is locked until an operator unseals it.", "vault operator unseal"));
        lines[2].Status.ShouldBe(HealthStatus.Waiting);
        _portal.Checklist.Current.Message!.ShouldStartWith("Vault is sealed.");
    }

    [Fact]
    public async Task A_role_that_is_gone_is_named_with_the_command_that_helps()
    {
        var admin = await StartAsync();
        await _vault.Root().DeleteAsync($"auth/{_vault.AuthPath}/role/{_vault.Prefix}-databases", Ct);
        await _vault.Control.ForgetTokensAsync(Ct);

        var line = await LineAsync(admin, "Login for databases");

        line.Status.ShouldBe(HealthStatus.Broken);
        line.Remedy.ShouldBe(SetUp);
        line.Says.ShouldContain("invalid role name");
        _portal.Checklist.Current.Message!.ShouldStartWith("The portal does not get all it needs from Vault");
    }

    [Theory]
    [InlineData("sys/mounts/{prefix}-kv", "mount {prefix}-kv (kv v2)")]
    [InlineData("sys/mounts/{prefix}-db", "mount {prefix}-db (database)")]
    [InlineData("sys/mounts/{prefix}-transit", "mount {prefix}-transit (transit), transit key data-protection, transit key audit, transit key access-tokens")]
    [InlineData("sys/mounts/{prefix}-ssh", "mount {prefix}-ssh (ssh)")]
    public async Task A_missing_engine_is_named(string mount, string missing)
    {
        var admin = await StartAsync();
        await _vault.Root().DeleteAsync(_vault.Named(mount), Ct);

        (await LineAsync(admin, "Engines and keys")).ShouldBe(new HealthLine("Engines and keys", HealthStatus.Broken, $"Missing: {_vault.Named(missing)}.", SetUp));
    }

    [Fact]
    public async Task A_missing_key_is_named()
    {
        var admin = await StartAsync();
        await _vault.Root().WriteAsync($"{_vault.Prefix}-transit/keys/audit/config", new JsonObject { ["deletion_allowed"] = true }, Ct);
        await _vault.Root().DeleteAsync($"{_vault.Prefix}-transit/keys/audit", Ct);

        (await LineAsync(admin, "Engines and keys")).Says.ShouldBe("Missing: transit key audit.");
    }

    [Fact]
    public async Task A_missing_authority_is_named()
    {
        var admin = await StartAsync();
        await _vault.Root().DeleteAsync($"{_vault.Prefix}-ssh/config/ca", Ct);

        (await LineAsync(admin, "Engines and keys")).Says.ShouldBe("Missing: SSH certificate authority.");
    }

    [Fact]
    public async Task A_policy_that_somebody_changed_is_named()
    {
        var admin = await StartAsync();
        await _vault.Root().WriteAsync($"sys/policies/acl/{_vault.Prefix}-audit", new JsonObject { ["policy"] = "path \"*\" { capabilities = [\"read\"] }" }, Ct);

        (await LineAsync(admin, "Policies")).ShouldSatisfyAllConditions(
            line => line.Status.ShouldBe(HealthStatus.Broken),
            line => line.Says.ShouldBe($"Missing: policy {_vault.Prefix}-audit as this version of the portal needs it."),
            line => line.Remedy.ShouldBe(SetUp));
    }

    [Fact]
    public async Task A_check_that_Vault_refuses_is_broken_and_the_others_go_on()
    {
        var admin = await StartAsync();
        await _vault.Control.DenyAsync("sys/leases*", Ct);

        (await LineAsync(admin, "Leases that Vault could not end")).Status.ShouldBe(HealthStatus.Broken);
        (await LineAsync(admin, "Policies")).Status.ShouldBe(HealthStatus.Ok);
    }

    [Fact]
    public async Task A_credential_that_cannot_be_ended_is_told_with_its_last_error_to_admins_alone()
    {
        var (admin, alice) = (await StartAsync(), await _portal.StrangerAsync());
        var stuck = Credential();
        stuck.Activate("v-alice-x", $"{_vault.Prefix}-db/creds/shop/1", _portal.Time.GetUtcNow().AddHours(1));
        stuck.StartRevoking("alice", _portal.Time.GetUtcNow());
        stuck.RetryRevoking("dial tcp 10.0.0.7:5432: connection refused", _portal.Time.GetUtcNow().AddMinutes(1));
        var underWay = Credential();
        underWay.StartRevoking("alice", _portal.Time.GetUtcNow());
        await _portal.AddAsync(stuck, underWay);

        var line = await LineAsync(admin, "Credentials being ended");
        line.Status.ShouldBe(HealthStatus.Broken);
        line.Says.ShouldStartWith("One could not be ended yet and may still work.");
        line.Says.ShouldContain("v-alice-x of alice at PostgreSQL shop, 1 attempts: dial tcp 10.0.0.7:5432: connection refused.");
        (await CheckAsync(alice, again: false)).Single(other => other.Title == line.Title).Says.ShouldNotContain("10.0.0.7");
        _portal.Checklist.Current.ShouldBe(new HealthSummary(HealthStatus.Broken, null));
    }

    [Fact]
    public async Task Nobody_but_admins_reads_paths_and_Vaults_words()
    {
        var (admin, alice) = (await StartAsync(), await _portal.StrangerAsync());
        await _vault.Root().DeleteAsync($"auth/{_vault.AuthPath}/role/{_vault.Prefix}-databases", Ct);
        await _vault.Control.ForgetTokensAsync(Ct);

        var forAdmin = string.Join('\n', await CheckAsync(admin));
        var forAlice = string.Join('\n', await CheckAsync(alice, again: false));

        forAdmin.ShouldContain($"auth/{_vault.AuthPath}/login");
        forAlice.ShouldNotContain("auth/");
        forAlice.ShouldNotContain("invalid role name");
        forAlice.ShouldContain("lacks something that the portal needs");
    }

    [Fact]
    public async Task An_admin_reads_them_also_while_memberships_cannot_be_confirmed()
    {
        var admin = await StartAsync();
        await _vault.Control.StopAsync(Ct);
        _portal.Time.Advance(TimeSpan.FromMinutes(30));

        (await CheckAsync(admin))[0].Says.ShouldContain("sys/seal-status");
    }

    [Fact]
    public async Task Missing_settings_of_signing_in_are_told()
    {
        await _portal.StartAsync(("SignIn:GitHub:Organizations:0", null), ("Portal:AdminTeam", null));
        var alice = await _portal.StrangerAsync();

        (await LineAsync(alice, "GitHub organisation")).ShouldBe(
            new HealthLine("GitHub organisation", HealthStatus.Broken, "None is configured, so nobody can sign in.", "SignIn:GitHub:Organizations:0 = <login or id>"));
        (await LineAsync(alice, "Portal admins")).ShouldBe(
            new HealthLine("Portal admins", HealthStatus.Waiting, "No team is named, so nobody is portal admin.", "Portal:AdminTeam = <team>"));
    }

    [Fact]
    public async Task An_admin_team_that_is_not_adopted_is_told()
    {
        await _portal.StartAsync();
        var alice = await _portal.StrangerAsync();

        (await LineAsync(alice, "Portal admins")).ShouldBe(
            new HealthLine("Portal admins", HealthStatus.Broken, "The named team is not adopted, so nobody is portal admin.", "dotnet Portal.dll apply access.yaml"));
    }

    [Fact]
    public async Task Who_is_signed_out_sees_nothing()
    {
        await _portal.StartAsync();

        await Should.ThrowAsync<SignedOutException>(() =>
            _portal.Checklist.CheckAsync(new Actor(Guid.CreateVersion7(), Guid.CreateVersion7(), "eve", "192.0.2.1"), Ct));
    }

    [Fact]
    public async Task However_many_look_Vault_is_asked_once()
    {
        var admin = await StartAsync();
        await CheckAsync(admin);
        await _vault.Control.ResetAsync(Ct);

        for (var look = 0; look < 20; look++)
            await CheckAsync(admin, again: false);
        (await _vault.Control.RequestsAsync(Ct)).ShouldBeEmpty();

        _portal.Time.Advance(TimeSpan.FromSeconds(6));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _portal.Checklist.CheckAsync(admin, Ct)));
        (await _vault.Control.RequestsAsync(Ct)).Count(request => request.Path == "sys/seal-status").ShouldBe(1);
    }

    [Fact]
    public async Task In_the_background_it_looks_slowly_while_all_is_well_and_often_while_something_is_broken()
    {
        await StartAsync(isChecked: false);
        await RoundAsync(() => Task.FromResult(_portal.Checklist.Current.Status == HealthStatus.Ok), TimeSpan.FromSeconds(30));
        await _vault.Control.ResetAsync(Ct);

        _portal.Time.Advance(TimeSpan.FromSeconds(29));
        (await _vault.Control.RequestsAsync(Ct)).ShouldNotContain(request => request.Path == "sys/seal-status");
        await _vault.Control.SealAsync(Ct);
        _portal.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => Task.FromResult(_portal.Checklist.Current.Status == HealthStatus.Broken), "the seal is noticed");

        await _vault.Control.UnsealAsync(Ct);
        await RoundAsync(() => Task.FromResult(_portal.Checklist.Current.Status == HealthStatus.Ok), TimeSpan.FromSeconds(10));
        _portal.Log.Text.ShouldContain("Something is broken: Vault is sealed.");
        _portal.Log.Text.ShouldContain("Nothing is broken any more.");
    }

    // The clock moves by one pause; the check itself takes real time.
    private async Task RoundAsync(Func<Task<bool>> isTrue, TimeSpan pause)
    {
        _portal.Time.Advance(pause);
        await Eventually.TrueAsync(isTrue, "the check saw it");
    }

    /// <param name="isChecked">The portal's own first check is over: what a test changes then is not overlooked by it.</param>
    private async Task<Actor> StartAsync(bool isChecked = true)
    {
        await _portal.StartAsync();
        await _portal.WaitUntilReadyAsync();
        var admin = await _portal.AdminAsync();
        if (isChecked)
            await CheckAsync(admin);
        return admin;
    }

    private async Task<IReadOnlyList<HealthLine>> CheckAsync(Actor actor, bool again = true)
    {
        if (again)
            _portal.Time.Advance(TimeSpan.FromSeconds(6));
        return await _portal.Checklist.CheckAsync(actor, Ct);
    }

    private async Task<HealthLine> LineAsync(Actor actor, string title) => (await CheckAsync(actor)).Single(line => line.Title == title);

    private Credential Credential() => new()
    {
        Id = Guid.CreateVersion7(), OwnerId = Guid.CreateVersion7(), OwnerLogin = "alice", TeamName = "payments", Role = "shop", Target = "PostgreSQL shop",
        Reason = "test", RequestKey = Guid.CreateVersion7().ToString(), IssuedAt = _portal.Time.GetUtcNow(), LatestEnd = _portal.Time.GetUtcNow().AddHours(8),
    };
}
