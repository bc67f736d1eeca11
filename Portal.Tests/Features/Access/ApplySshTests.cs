using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Credentials;
using Portal.Features.Ssh;

namespace Portal.Tests.Features.Access;

/// <summary>SSH roles and their grants, applied to a Vault of the test's own.</summary>
public sealed class ApplySshTests : IAsyncLifetime
{
    private const string Nothing = "teams: []\ndatabases: []\ngrants: []\n";

    private AccessBench _bench = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string RolePath => $"{_bench.Vault.Prefix}-ssh/roles/oncall";

    public async ValueTask InitializeAsync() => _bench = await AccessBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_role_comes_to_Vault_and_the_portal_and_a_second_run_changes_nothing()
    {
        var dry = await _bench.ApplyAsync(AccessText.ValidSsh, "--dry-run");
        (await _bench.Operator.ReadAsync(RolePath, Cancel)).ShouldBeNull();
        var applied = await _bench.ApplyAsync(AccessText.ValidSsh);

        applied.Error.ShouldBeEmpty();
        applied.Output.ShouldBe(
        [
            "+ team on-call (github 2002)",
            "+ role oncall (principals deploy, ubuntu, longest 8h)",
            "+ grant on-call → oncall (longest 1h, principals deploy)",
        ]);
        dry.Output.ShouldBe(applied.Output);
        var role = (await _bench.Operator.ReadAsync(RolePath, Cancel)).ShouldNotBeNull();
        ((string?)role["allowed_users"], (string?)role["allowed_extensions"], (string?)role["default_user"]).ShouldBe(("deploy,ubuntu", "permit-pty", ""));
        ((bool)role["allow_user_key_ids"]!, (bool)role["allow_host_certificates"]!, (int)role["max_ttl"]!).ShouldBe((true, false, 8 * 3600));
        role["default_extensions"].ShouldBeOfType<JsonObject>().ShouldBeEmpty();
        (await _bench.ApplyAsync(AccessText.ValidSsh)).Output.ShouldBe(["nothing to change"]);
        (await _bench.ApplyAsync(AccessText.ValidSsh, "--dry-run", "--prune")).Output.ShouldBe(["nothing to change"]);
    }

    [Fact]
    public async Task The_portals_admin_login_may_do_it()
    {
        (await _bench.RunAsync(AccessText.ValidSsh)).Error.ShouldBeEmpty();
        (await _bench.RunAsync(Nothing, "--prune")).Output.ShouldContain("- role oncall");
        (await _bench.Operator.ReadAsync(RolePath, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task What_the_file_changes_is_told_and_brought()
    {
        await _bench.ApplyAsync(AccessText.ValidSsh);
        var changed = AccessText.ValidSsh
            .Replace("[deploy, ubuntu]", "[deploy, root]", StringComparison.Ordinal)
            .Replace("[permit-pty]", "[]", StringComparison.Ordinal)
            .Replace("hosts: web servers", "hosts: all servers", StringComparison.Ordinal)
            .Replace("longest: 8h", "longest: 4h", StringComparison.Ordinal)
            .Replace("longest: 1h, principals: [deploy]", "longest: 2h, approval: true", StringComparison.Ordinal);

        (await _bench.ApplyAsync(changed)).Output.ShouldBe(
        [
            "~ role oncall: hosts web servers → all servers, principals deploy, ubuntu → deploy, root, extensions permit-pty → none, longest 8h → 4h, "
                + "principals deploy,ubuntu → deploy,root, extensions, usual life",
            "~ grant on-call → oncall: longest 1h → 2h, principals deploy → all, approval no → yes",
        ]);

        var grant = await _bench.QueryAsync(db => db.SshGrants.AsNoTracking().Include(grant => grant.Role).SingleAsync(Cancel));
        grant.Role.Principals.ShouldBe(["deploy", "root"]);
        (grant.Role.Hosts, grant.MaxDurationSeconds, grant.RequiresApproval, grant.Principals.Count).ShouldBe(("all servers", 7200, true, 0));
        // No server reads this as "any".
        ((string?)(await _bench.Operator.ReadAsync(RolePath, Cancel))!["allowed_extensions"]).ShouldBe("none");
    }

    [Fact]
    public async Task What_somebody_changed_in_Vault_is_brought_back()
    {
        await _bench.ApplyAsync(AccessText.ValidSsh);
        var role = (await _bench.Operator.ReadAsync(RolePath, Cancel))!;
        (role["allowed_users"], role["default_user"], role["default_extensions"]) = ("*", "root", new JsonObject { ["permit-X11-forwarding"] = "" });
        await _bench.Operator.WriteAsync(RolePath, (JsonObject)role.DeepClone(), Cancel);

        (await _bench.ApplyAsync(AccessText.ValidSsh)).Output.ShouldBe(["~ role oncall: principals * → deploy,ubuntu, limits"]);

        ((string?)(await _bench.Operator.ReadAsync(RolePath, Cancel))!["allowed_users"]).ShouldBe("deploy,ubuntu");
        (await _bench.ApplyAsync(AccessText.ValidSsh)).Output.ShouldBe(["nothing to change"]);
    }

    [Fact]
    public async Task Pruning_removes_role_and_grant_and_ends_what_was_issued_under_it()
    {
        await _bench.ApplyAsync(AccessText.ValidSsh);
        await _bench.Operator.WriteAsync($"{_bench.Vault.Prefix}-ssh/roles/hand-made", new JsonObject { ["key_type"] = "ca", ["allow_user_certificates"] = true }, Cancel);
        var grant = await _bench.QueryAsync(db => db.SshGrants.AsNoTracking().SingleAsync(Cancel));
        var id = await IssueAsync(grant);

        (await _bench.ApplyAsync(Nothing)).Output.ShouldBe(
        [
            "= grant on-call → oncall: not in the file; --prune removes it", "= role oncall: not in the file; --prune removes it",
            "= team on-call: not in the file; --prune removes it", "nothing to change",
        ]);
        (await _bench.ApplyAsync(Nothing, "--prune")).Output
            .ShouldBe(["- grant on-call → oncall (1 credential ends)", "- role oncall", "- team on-call"]);

        (await _bench.QueryAsync(db => db.Credentials.SingleAsync(row => row.Id == id, Cancel))).State.ShouldBe(CredentialState.Revoking);
        (await _bench.Operator.ListAsync($"{_bench.Vault.Prefix}-ssh/roles", Cancel)).ShouldBe(["hand-made"]);
        (await _bench.QueryAsync(db => db.SshRoles.CountAsync(Cancel))).ShouldBe(0);
    }

    [Fact]
    public async Task A_role_that_only_Vault_knows_is_pruned_when_a_file_made_it()
    {
        await _bench.ApplyAsync(AccessText.ValidSsh);
        await _bench.QueryAsync(async db => await db.SshGrants.ExecuteDeleteAsync(Cancel) + await db.SshRoles.ExecuteDeleteAsync(Cancel));

        (await _bench.ApplyAsync(Nothing, "--prune")).Output.ShouldContain("- role oncall");
    }

    [Fact]
    public async Task Without_an_authority_it_says_what_to_run()
    {
        await _bench.Operator.DeleteAsync($"{_bench.Vault.Prefix}-ssh/config/ca", Cancel);

        var applied = await _bench.ApplyAsync(AccessText.ValidSsh);

        applied.ExitCode.ShouldBe(1);
        applied.Error.ShouldHaveSingleItem().ShouldContain($"{_bench.Vault.Prefix}-ssh/config/ca");
    }

    [Fact]
    public async Task A_role_of_the_portal_keeps_its_kind()
    {
        await _bench.ApplyAsync(AccessText.ValidSsh);
        _bench.Write("password", AccessText.Password);

        var text = AccessText.Valid.Replace("shop-readonly", "oncall", StringComparison.Ordinal);
        (await _bench.ApplyAsync(text)).Error.ShouldBe(["17: role oncall: is an SSH role in the portal; give it another name"]);
    }

    private async Task<Guid> IssueAsync(SshGrant grant)
    {
        var credential = new Credential
        {
            Id = Guid.CreateVersion7(), Kind = CredentialKind.SshCertificate, OwnerId = Guid.CreateVersion7(), OwnerLogin = "bob", TeamId = grant.TeamId, TeamName = "on-call",
            GrantId = grant.Id, Role = "oncall", Target = "web servers", Reason = "test", RequestKey = "key", LatestEnd = DateTimeOffset.MaxValue, ExpiresAt = DateTimeOffset.MaxValue,
        };
        credential.Activate("deploy", DateTimeOffset.MaxValue);
        await _bench.QueryAsync(db =>
        {
            db.Add(credential);
            return db.SaveChangesAsync(Cancel);
        });
        return credential.Id;
    }
}
