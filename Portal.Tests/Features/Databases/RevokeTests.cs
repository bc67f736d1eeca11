using Microsoft.EntityFrameworkCore;
using Npgsql;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.Databases;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Databases;

public sealed class RevokeTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    private const string LoginRefused = "28P01";

    [Fact]
    public async Task Revoking_cuts_the_running_query_refuses_the_login_and_keeps_the_table_for_its_owner()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        var actor = await alice.ActorAsync(portal);
        var issued = await alice.IssueAsync();
        await Sandbox.Postgres.QueryAsync<string>($"GRANT CREATE ON SCHEMA public TO \"{issued.Username}\"; SELECT 'granted'");
        await using var session = await Sandbox.Postgres.OpenAsync(issued.Username, issued.Password);
        await using (var make = new NpgsqlCommand("DROP TABLE IF EXISTS made_by_alice; CREATE TABLE made_by_alice AS SELECT 42 AS answer", session))
            await make.ExecuteNonQueryAsync(Cancel);
        await using var sleep = new NpgsqlCommand("SELECT pg_sleep(600)", session) { CommandTimeout = 0 };
        var running = sleep.ExecuteNonQueryAsync(Cancel);

        var outcome = await portal.Get<DatabaseCredentials>().RevokeAsync(actor, issued.Id, Cancel);

        outcome.ShouldBeOfType<RevokeOutcome.Revoked>();
        (await Should.ThrowAsync<NpgsqlException>(running)).ShouldNotBeNull();
        (await Sandbox.Postgres.RefusalAsync(issued.Username, issued.Password)).ShouldBe(LoginRefused);
        (await Sandbox.Postgres.HasUserAsync(issued.Username)).ShouldBeFalse();
        (await Sandbox.Postgres.QueryAsync<string>("SELECT tableowner::text FROM pg_tables WHERE tablename = 'made_by_alice'")).ShouldBe("shop");
        (await Sandbox.Postgres.QueryAsync<int>("SELECT answer FROM made_by_alice")).ShouldBe(42);
        var credential = await portal.DatabaseAsync(db => db.Credentials.SingleAsync(row => row.Id == issued.Id, Cancel));
        (credential.State, credential.EndedBy).ShouldBe((CredentialState.Revoked, "alice"));
        (await Operator(portal).ListAsync($"sys/leases/lookup/{Sandbox.Vault.Prefix}-db/creds/shop-readonly", Cancel))
            .ShouldNotContain(credential.LeaseId!.Split('/')[^1]);
    }

    [Fact]
    public async Task A_pool_that_reconnects_at_once_does_not_slip_back_in()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        var actor = await alice.ActorAsync(portal);
        var issued = await alice.IssueAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested && await Sandbox.Postgres.RefusalAsync(issued.Username, issued.Password) is null)
                ;
        })).ToArray();

        (await portal.Get<DatabaseCredentials>().RevokeAsync(actor, issued.Id, Cancel)).ShouldBeOfType<RevokeOutcome.Revoked>();

        (await Sandbox.Postgres.QueryAsync<long>($"SELECT count(*) FROM pg_stat_activity WHERE usename = '{issued.Username}' AND state IS NOT NULL")).ShouldBe(0);
        await stop.CancelAsync();
        await Task.WhenAll(clients);
    }

    [Fact]
    public async Task While_its_server_is_down_a_credential_is_revoking_and_then_gone()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["Databases:EndingInterval"] = "00:00:00.2" });
        using var alice = await portal.SignInAsync("alice");
        var actor = await alice.ActorAsync(portal);
        var issued = await alice.IssueAsync();
        await Sandbox.Postgres.StopAsync();

        var outcome = await portal.Get<DatabaseCredentials>().RevokeAsync(actor, issued.Id, Cancel);

        outcome.ShouldBeOfType<RevokeOutcome.Revoking>().Why.ShouldNotBeEmpty();
        var listed = (await portal.Get<CredentialInventory>().ListMineAsync(actor, Cancel)).Single();
        (listed.State, string.IsNullOrEmpty(listed.LastError)).ShouldBe((CredentialState.Revoking, false));

        await Sandbox.Postgres.StartAgainAsync();
        await Eventually.TrueAsync(async () => await StateAsync(portal, issued.Id) == CredentialState.Revoked, "the credential is revoked");
        (await Sandbox.Postgres.HasUserAsync(issued.Username)).ShouldBeFalse();
    }

    [Fact]
    public async Task Revoking_twice_and_at_once_is_one_revocation()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        var actor = await alice.ActorAsync(portal);
        var issued = await alice.IssueAsync();
        var credentials = portal.Get<DatabaseCredentials>();

        var outcomes = await Task.WhenAll(credentials.RevokeAsync(actor, issued.Id, Cancel), credentials.RevokeAsync(actor, issued.Id, Cancel));

        outcomes.ShouldAllBe(outcome => outcome is RevokeOutcome.Revoked || outcome is RevokeOutcome.HadEnded);
        var ended = await portal.DatabaseAsync(db => db.AuditEvents.CountAsync(
            audited => audited.Object == $"credential {issued.Id}" && audited.Action == "credential.revoked", Cancel));
        ended.ShouldBe(1);
    }

    [Fact]
    public async Task A_maintainer_of_the_team_and_a_portal_admin_may_end_it()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        using var carol = await portal.SignInAsync("carol");
        using var dave = await portal.SignInAsync("dave");
        var credentials = portal.Get<DatabaseCredentials>();
        var (first, second) = (await alice.IssueAsync(), await alice.IssueAsync());

        (await credentials.RevokeAsync(await carol.ActorAsync(portal), first.Id, Cancel)).ShouldBeOfType<RevokeOutcome.Revoked>();
        (await credentials.RevokeAsync(await dave.ActorAsync(portal), second.Id, Cancel)).ShouldBeOfType<RevokeOutcome.Revoked>();

        (await portal.DatabaseAsync(db => db.Credentials.OrderBy(row => row.IssuedAt).Select(row => row.EndedBy).ToListAsync(Cancel))).ShouldBe(["carol", "dave"]);
    }

    [Fact]
    public async Task Who_leaves_the_team_loses_what_was_issued_under_it()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?>
        {
            ["SignIn:MembershipInterval"] = "00:00:01",
            ["Databases:EndingInterval"] = "00:00:00.2",
        });
        using var alice = await portal.SignInAsync("alice");
        var issued = await alice.IssueAsync();
        Sandbox.GitHub.State.RemoveFromTeam("acme", "payments", "alice");
        try
        {
            await Eventually.TrueAsync(async () => await StateAsync(portal, issued.Id) == CredentialState.Revoked, "the credential is revoked");

            (await Sandbox.Postgres.HasUserAsync(issued.Username)).ShouldBeFalse();
            (await portal.Get<GrantedRoles>().ListAsync(await alice.ActorAsync(portal), Cancel)).ShouldBeEmpty();
        }
        finally
        {
            Sandbox.GitHub.State.AddToTeam("acme", "payments", "alice");
        }
    }

    [Fact]
    public async Task A_credential_ends_by_itself_and_is_then_expired()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?>
        {
            ["Databases:ShortestDuration"] = "00:00:10",
            ["Databases:EndingInterval"] = "00:00:00.2",
        });
        using var alice = await portal.SignInAsync("alice");
        var issued = await alice.IssueAsync(seconds: 10);

        await Eventually.TrueAsync(async () => await StateAsync(portal, issued.Id) == CredentialState.Expired, "the credential is expired");

        (await Sandbox.Postgres.HasUserAsync(issued.Username)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_lease_outlives_the_login_and_the_portal_and_ends_on_time_without_them()
    {
        var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["Databases:ShortestDuration"] = "00:00:10" });
        Answer issued;
        await using (portal)
        {
            using var alice = await portal.SignInAsync("alice");
            issued = await alice.IssueAsync(seconds: 15);
            await VaultLookup.RevokeLoginsAsync(Sandbox.Vault);
        }

        (await Sandbox.Postgres.RefusalAsync(issued.Username, issued.Password)).ShouldBeNull();
        await Eventually.TrueAsync(async () => !await Sandbox.Postgres.HasUserAsync(issued.Username), "the user is gone");
        DateTimeOffset.UtcNow.ShouldBeGreaterThan(issued.ExpiresAt.AddSeconds(-1));
        DateTimeOffset.UtcNow.ShouldBeLessThan(issued.ExpiresAt.AddSeconds(5));
    }

    private static async Task<CredentialState> StateAsync(TestPortal portal, Guid id) =>
        await portal.DatabaseAsync(db => db.Credentials.Where(row => row.Id == id).Select(row => row.State).SingleAsync(Cancel));
}
