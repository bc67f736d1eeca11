using Microsoft.EntityFrameworkCore;
using Portal.Features.Access;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.Databases;
using Portal.Features.Teams;
using Portal.Vault;

namespace Portal.Tests.Features.Access;

public sealed class ApplyAccessTests(AccessPostgres postgres) : AccessTests(postgres)
{
    [Fact]
    public async Task The_first_run_makes_everything_and_the_second_finds_nothing_to_change()
    {
        var first = await Bench.ApplyAsync(File);
        var second = await Bench.ApplyAsync(File);

        first.Error.ShouldBeEmpty();
        first.Output.ShouldBe([
            "+ team payments (github 2001)",
            $"+ connection shop (postgresql 127.0.0.1:{Server.Port}/shop)",
            "+ role shop-readonly (longest 8h)",
            "+ grant payments → shop-readonly (longest 4h)"]);
        first.ExitCode.ShouldBe(0);
        second.Error.ShouldBeEmpty();
        second.Output.ShouldBe(["nothing to change"]);
        second.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Vault_has_what_the_file_says_and_no_more()
    {
        await Bench.ApplyAsync(File);

        var connection = (await VaultAsync($"{Prefix}-db/config/shop")).ShouldNotBeNull();
        connection["allowed_roles"]!.AsArray().Select(role => $"{role}").ShouldBe(["shop-readonly"]);
        $"{connection["connection_details"]!["connection_url"]}".ShouldBe($"postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{Server.Port}/shop?sslmode=disable");
        $"{connection["connection_details"]!["username_template"]}".ShouldBe(ManagedEngine.Of("postgresql").UsernameTemplate);
        connection.ToJsonString().ShouldNotContain(Server.VaultPassword);
        var role = (await VaultAsync($"{Prefix}-db/roles/shop-readonly")).ShouldNotBeNull();
        ((int)role["default_ttl"]!, (int)role["max_ttl"]!, $"{role["db_name"]}").ShouldBe((60, 8 * 3600, "shop"));
        role["revocation_statements"]!.AsArray().Select(statement => $"{statement}").ShouldBe(ManagedEngine.Of("postgresql").Revocation("shop"));
        $"{(await VaultAsync($"sys/policies/acl/{Prefix}-database-shop-readonly"))!["policy"]}"
            .ShouldEndWith($"path \"{Prefix}-db/creds/shop-readonly\" {{ capabilities = [\"read\"] }}\n");
        var tokenRole = (await VaultAsync($"auth/token/roles/{Prefix}-database-shop-readonly")).ShouldNotBeNull();
        tokenRole["allowed_policies"]!.AsArray().Select(policy => $"{policy}").ShouldBe([$"{Prefix}-database-shop-readonly"]);
        ((bool)tokenRole["orphan"]!, (bool)tokenRole["renewable"]!).ShouldBe((true, true));
    }

    [Fact]
    public async Task The_database_has_what_the_file_says()
    {
        await Bench.ApplyAsync(File);

        var connection = await Bench.QueryAsync(db => db.DatabaseConnections.SingleAsync(Cancel));
        (connection.Name, connection.Engine, connection.Host, connection.Port, connection.Database, connection.TlsMode)
            .ShouldBe(("shop", "postgresql", "127.0.0.1", Server.Port, "shop", "disable"));
        var role = await Bench.QueryAsync(db => db.DatabaseRoles.SingleAsync(Cancel));
        (role.Name, role.ConnectionName, role.Allows, role.MaxDurationSeconds).ShouldBe(("shop-readonly", "shop", "everything", 8 * 3600));
        role.CreationStatements.Split('\n').Length.ShouldBe(2);
        var grant = await GrantAsync("shop-readonly");
        (grant.Team.Name, grant.Team.Provider, grant.Team.Subject, grant.Team.Label, grant.MaxDurationSeconds, grant.RequiresApproval)
            .ShouldBe(("payments", "github", "2001", "acme/payments", 4 * 3600, false));
    }

    [Fact]
    public async Task The_credentials_own_token_reads_the_credentials_of_its_role_alone()
    {
        await Bench.ApplyAsync(File with { Roles = ["shop-readonly 8h", "shop-other 8h"] });
        await Bench.Get<DatabaseEngine>().CreateTokenAsync("shop-other", TimeSpan.FromMinutes(1), new OnBehalfOf("alice"), Cancel);
        var token = await Bench.Get<DatabaseEngine>().CreateTokenAsync("shop-readonly", TimeSpan.FromMinutes(1), new OnBehalfOf("alice"), Cancel);
        var vault = Bench.Get<VaultAdmin>().WithToken(token.Token);

        (await vault.ReadAsync($"{Prefix}-db/creds/shop-readonly", Cancel)).ShouldNotBeNull()["username"]!.ToString().ShouldStartWith("v-alice-shop-readonl-");
        foreach (var path in (string[])[$"{Prefix}-db/creds/shop-other", $"{Prefix}-db/config/shop", "auth/token/lookup-self", "sys/policies/acl"])
            (await Should.ThrowAsync<VaultException>(() => vault.ReadAsync(path, Cancel))).Failure.ShouldBe(VaultFailure.Denied, path);
    }

    [Fact]
    public async Task A_dry_run_says_the_same_and_writes_nothing_anywhere()
    {
        await Bench.Vault.Control.ResetAsync(Cancel);

        var dry = await Bench.ApplyAsync(File, "--dry-run", "--prune");

        (await Bench.Vault.Control.RequestsAsync(Cancel)).Select(request => request.Method).Distinct().ShouldBe(["GET"]);
        System.IO.File.Exists(Bench.DatabaseFile).ShouldBeFalse();
        dry.ExitCode.ShouldBe(0);
        (await Bench.ApplyAsync(File)).Output.ShouldBe(dry.Output);
    }

    [Fact]
    public async Task A_dry_run_on_what_is_there_says_the_same_and_writes_nothing_anywhere()
    {
        await Bench.ApplyAsync(File with { Roles = ["shop-readonly 8h", "shop-old 1h"], Grants = ["payments shop-readonly 4h", "payments shop-old 1h"] });
        await IssueAsync("shop-old");
        var wanted = File with { Roles = ["shop-readonly 2h"], Grants = ["payments shop-readonly 1h"], Tls = "disable", Teams = ["payers 2001"] };
        wanted = wanted with { Grants = ["payers shop-readonly 1h"] };
        await Bench.Vault.Control.ResetAsync(Cancel);
        var before = await DumpAsync();

        var dry = await Bench.ApplyAsync(wanted, "--dry-run", "--prune");

        (await Bench.Vault.Control.RequestsAsync(Cancel)).Select(request => request.Method).Distinct().ShouldBe(["GET"]);
        (await DumpAsync()).ShouldBe(before);
        dry.Output.ShouldBe([
            "~ team payers: name payments → payers, at GitHub acme/payments → acme/payers",
            "~ connection shop: allowed roles",
            "~ role shop-readonly: longest 8h → 2h",
            "~ grant payers → shop-readonly: longest 4h → 1h",
            "- grant payers → shop-old (1 credential ends)",
            "- role shop-old",
            "= role shop-old: stays in Vault until 1 credential has ended; run again then"]);
        (await Bench.ApplyAsync(wanted, "--prune")).Output.ShouldBe(dry.Output);
    }

    [Fact]
    public async Task What_was_changed_by_hand_in_Vault_is_brought_back()
    {
        await Bench.ApplyAsync(File);
        await Bench.Operator.WriteAsync($"{Prefix}-db/roles/shop-readonly", new() { ["max_ttl"] = "100h", ["revocation_statements"] = "SELECT 1;", ["default_ttl"] = "1h" }, Cancel);
        await Bench.Operator.WriteAsync($"sys/policies/acl/{Prefix}-database-shop-readonly", new() { ["policy"] = "path \"*\" { capabilities = [\"read\"] }" }, Cancel);
        await Bench.Operator.WriteAsync($"auth/token/roles/{Prefix}-database-shop-readonly", new() { ["allowed_policies"] = "root", ["orphan"] = false }, Cancel);
        await Bench.Operator.WriteAsync($"{Prefix}-db/config/shop", new() { ["username_template"] = "x-{{random 20}}", ["allowed_roles"] = "*" }, Cancel);

        var applied = await Bench.ApplyAsync(File);

        applied.Output.ShouldBe([
            "~ connection shop: form of user names, allowed roles",
            "~ role shop-readonly: revocation, first life, longest 100h → 8h, policy, token role"]);
        (await Bench.ApplyAsync(File)).Output.ShouldBe(["nothing to change"]);
        $"{(await VaultAsync($"sys/policies/acl/{Prefix}-database-shop-readonly"))!["policy"]}".ShouldNotContain("\"*\"");
    }

    [Fact]
    public async Task A_Vault_that_lost_everything_gets_it_again()
    {
        await Bench.ApplyAsync(File);
        await Bench.Operator.DeleteAsync($"{Prefix}-db/config/shop", Cancel);
        await Bench.Operator.DeleteAsync($"{Prefix}-db/roles/shop-readonly", Cancel);
        await Bench.Operator.DeleteAsync($"sys/policies/acl/{Prefix}-database-shop-readonly", Cancel);

        (await Bench.ApplyAsync(File)).Output.ShouldBe(["~ connection shop: made again in Vault", "~ role shop-readonly: made again in Vault"]);
        (await Bench.ApplyAsync(File)).Output.ShouldBe(["nothing to change"]);
    }

    [Fact]
    public async Task The_portals_own_admin_login_may_do_all_of_it()
    {
        var two = File with { More = File.Database("other", "other-role 1h") };

        (await Bench.RunAsync(two)).Error.ShouldBeEmpty();
        (await Bench.RunAsync(two)).Output.ShouldBe(["nothing to change"]);
        var pruned = await Bench.RunAsync(File, "--prune");

        pruned.Error.ShouldBeEmpty();
        pruned.Output.ShouldBe(["- role other-role", "- connection other"]);
        (await VaultAsync($"{Prefix}-db/config/other")).ShouldBeNull();
    }

    [Fact]
    public async Task Teams_can_swap_their_names()
    {
        await Bench.ApplyAsync(File with { Teams = ["payments 2001", "platform 2003"] });

        var applied = await Bench.ApplyAsync(File with { Teams = ["payments 2003", "platform 2001"], Grants = ["platform shop-readonly 4h"] });

        applied.Error.ShouldBeEmpty();
        applied.Output.ShouldBe([
            "~ team payments: name platform → payments, at GitHub acme/platform → acme/payments",
            "~ team platform: name payments → platform, at GitHub acme/payments → acme/platform"]);
        (await GrantAsync("shop-readonly")).Team.Subject.ShouldBe("2001");
    }

    [Fact]
    public async Task A_team_made_anew_at_GitHub_does_not_inherit_the_name_until_the_old_one_is_pruned()
    {
        await Bench.ApplyAsync(File);
        var credential = await IssueAsync("shop-readonly");
        var anew = File with { Teams = ["payments 2009"] };

        var refused = await Bench.ApplyAsync(anew);
        var pruned = await Bench.ApplyAsync(anew, "--prune");

        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldBe(["1: team payments: is GitHub team 2001 in the portal, 2009 in the file; --prune removes the old one and ends what was issued under it"]);
        refused.Output.ShouldBeEmpty();
        pruned.Error.ShouldBeEmpty();
        (await GrantAsync("shop-readonly")).Team.Subject.ShouldBe("2009");
        (await CredentialAsync(credential)).State.ShouldBe(CredentialState.Revoking);
        (await Bench.QueryAsync(db => db.Teams.CountAsync(Cancel))).ShouldBe(1);
    }

    [Fact]
    public async Task Shorter_times_limit_what_comes_and_end_nothing()
    {
        await Bench.ApplyAsync(File);
        var credential = await IssueAsync("shop-readonly");

        await Bench.ApplyAsync(File with { Roles = ["shop-readonly 2h"], Grants = ["payments shop-readonly 1h"] });

        (await CredentialAsync(credential)).State.ShouldBe(CredentialState.Active);
        (await GrantAsync("shop-readonly")).MaxDurationSeconds.ShouldBe(3600);
    }

    [Fact]
    public async Task What_the_file_no_longer_names_stays_and_is_said()
    {
        var two = File with { Teams = ["payments 2001", "platform 2003"], Roles = ["shop-readonly 8h", "shop-old 8h"], Grants = ["payments shop-readonly 4h", "platform shop-old 8h"] };
        await Bench.ApplyAsync(two);
        var credential = await IssueAsync("shop-old");

        var applied = await Bench.ApplyAsync(File);

        applied.Output.ShouldBe([
            "= grant platform → shop-old: not in the file; --prune removes it",
            "= role shop-old: not in the file; --prune removes it",
            "= team platform: not in the file; --prune removes it",
            "nothing to change"]);
        (await CredentialAsync(credential)).State.ShouldBe(CredentialState.Active);
        (await VaultAsync($"{Prefix}-db/config/shop"))!["allowed_roles"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_role_does_not_leave_its_credentials_behind_on_another_connection()
    {
        await Bench.ApplyAsync(File);
        var credential = await IssueAsync("shop-readonly");
        var moved = File with { Roles = [], More = File.Database("other", "shop-readonly 8h") };

        var refused = await Bench.ApplyAsync(moved);
        await EndAsync(credential);
        var applied = await Bench.ApplyAsync(moved);

        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldHaveSingleItem().ShouldEndWith(
            "role shop-readonly: cannot move from connection shop to other while credentials live under it; give it another name");
        applied.Output[^1].ShouldBe("~ role shop-readonly: connection shop → other");
    }

    [Fact]
    public async Task Every_change_is_an_audit_event_in_the_chain()
    {
        await Bench.ApplyAsync(File);
        await IssueAsync("shop-readonly");
        await Bench.ApplyAsync(File with { Grants = [] }, "--prune");

        var events = await Bench.QueryAsync(db => db.AuditEvents.OrderBy(audited => audited.Id).ToListAsync(Cancel));

        events.Select(audited => $"{audited.Action} {audited.Object} {audited.Detail}").ShouldBe([
            "access.add team payments github 2001",
            $"access.add connection shop postgresql 127.0.0.1:{Server.Port}/shop",
            "access.add role shop-readonly longest 8h",
            "access.add grant payments → shop-readonly longest 4h",
            $"credential.revoke {events[4].Object} alice shop-readonly",
            "access.remove grant payments → shop-readonly 1 credential ends"]);
        events.ShouldAllBe(audited => audited.ActorLogin == "access file" && audited.ActorId == null && audited.Outcome == "ok");
        (await Bench.Get<AuditTrail>().FindBreakAsync(Cancel)).ShouldBeNull();
    }

    private async Task<string> DumpAsync() => string.Join('\n', await Bench.QueryAsync(async db =>
    {
        var lines = new List<string>();
        lines.AddRange(await db.Teams.Select(team => $"{team.Id} {team.Name} {team.Label}").ToListAsync(Cancel));
        lines.AddRange(await db.DatabaseRoles.Select(role => $"{role.Name} {role.MaxDurationSeconds}").ToListAsync(Cancel));
        lines.AddRange(await db.DatabaseGrants.Select(grant => $"{grant.Id} {grant.RoleName} {grant.MaxDurationSeconds}").ToListAsync(Cancel));
        lines.AddRange(await db.Credentials.Select(credential => $"{credential.Id} {credential.State} {credential.Version}").ToListAsync(Cancel));
        lines.AddRange(await db.AuditEvents.Select(audited => $"{audited.Id}").ToListAsync(Cancel));
        return lines;
    }));
}
