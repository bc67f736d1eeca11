using Microsoft.EntityFrameworkCore;
using Portal.Features.Databases;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Access;

public sealed class ApplyMariaDbTests(AccessMariaDb mariaDb) : MariaDbAccessTests(mariaDb)
{
    [Fact]
    public async Task The_first_run_makes_everything_and_the_second_finds_nothing_to_change()
    {
        var preview = await Bench.ApplyAsync(File, "--dry-run");
        var first = await Bench.ApplyAsync(File);
        var second = await Bench.ApplyAsync(File);

        string[] everything =
        [
            "+ team payments (github 2001)",
            $"+ connection billing (mariadb 127.0.0.1:{Server.Port}/billing)",
            "+ role billing-readonly (longest 8h)",
            "+ grant payments → billing-readonly (longest 8h)",
        ];
        first.Error.ShouldBeEmpty();
        first.Output.ShouldBe(everything);
        preview.Output.ShouldBe(everything);
        (second.ExitCode, second.Output.ShouldHaveSingleItem()).ShouldBe((0, "nothing to change"));
    }

    [Fact]
    public async Task Vault_has_what_the_file_says()
    {
        await Bench.ApplyAsync(File);

        var connection = (await VaultAsync($"{Prefix}-db/config/billing")).ShouldNotBeNull();
        $"{connection["plugin_name"]}".ShouldBe("mysql-database-plugin");
        $"{connection["connection_details"]!["connection_url"]}".ShouldBe($"{{{{username}}}}:{{{{password}}}}@tcp(127.0.0.1:{Server.Port})/billing?tls=false");
        connection.ToJsonString().ShouldNotContain(Server.VaultPassword);
        var role = (await VaultAsync($"{Prefix}-db/roles/billing-readonly")).ShouldNotBeNull();
        ((int)role["default_ttl"]!, (int)role["max_ttl"]!, $"{role["db_name"]}").ShouldBe((60, 8 * 3600, "billing"));
        role["revocation_statements"]!.AsArray().ShouldNotBeEmpty();
        role["renew_statements"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Revocation_that_somebody_changed_in_Vault_is_set_right()
    {
        await Bench.ApplyAsync(File);
        await Bench.Operator.WriteAsync($"{Prefix}-db/roles/billing-readonly", new() { ["revocation_statements"] = new System.Text.Json.Nodes.JsonArray("DO 0") }, Cancel);

        (await Bench.ApplyAsync(File)).Output.ShouldBe(["~ role billing-readonly: revocation"]);
        (await Bench.ApplyAsync(File)).Output.ShouldBe(["nothing to change"]);
    }

    [Fact]
    public async Task A_wrong_password_and_a_server_that_is_down_are_told_in_Vaults_words()
    {
        Bench.Write("password", "wr0ng-canary");

        var refused = await Bench.ApplyAsync(File);
        var unreachable = await Bench.ApplyAsync(File with { VaultAddress = "127.0.0.1:1" });

        refused.Error.ShouldHaveSingleItem().ShouldStartWith("3: connection billing: Vault says: error creating database object: error verifying connection: Error 1045");
        unreachable.Error.ShouldHaveSingleItem().ShouldStartWith("3: connection billing: Vault says: error creating database object: error verifying connection: dial tcp");
        string.Join('\n', refused.Error.Concat(refused.Output)).ShouldNotContain("canary");
        (await Bench.QueryAsync(db => db.DatabaseConnections.CountAsync(Cancel))).ShouldBe(0);
    }

    [Fact]
    public async Task Vault_replaces_the_password_once_when_asked_to()
    {
        var file = File with { Rotate = true };

        var first = await Bench.ApplyAsync(file);
        var second = await Bench.ApplyAsync(file);

        first.Output[1].ShouldBe($"+ connection billing (mariadb 127.0.0.1:{Server.Port}/billing, password replaced by Vault)");
        second.Output.ShouldBe(["nothing to change"]);
        (await Server.RefusalAsync("vault", Server.VaultPassword)).ShouldBe(MariaDb.AccessDenied);
        (await VaultAsync($"{Prefix}-db/creds/billing-readonly")).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_the_file_no_longer_names_stays_until_it_is_pruned()
    {
        await Bench.ApplyAsync(File with { Roles = [("billing-readonly", "SELECT"), ("billing-old", "SELECT")] });

        var kept = await Bench.ApplyAsync(File);
        var pruned = await Bench.ApplyAsync(File, "--prune");

        kept.Output.ShouldContain("= role billing-old: not in the file; --prune removes it");
        pruned.Output.ShouldBe(["~ connection billing: allowed roles", "- grant payments → billing-old", "- role billing-old"], ignoreOrder: true);
        (await VaultAsync($"{Prefix}-db/roles/billing-old")).ShouldBeNull();
        (await VaultAsync($"{Prefix}-db/creds/billing-readonly")).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_role_whose_statements_ask_for_more_than_Vaults_user_may_give_issues_nothing()
    {
        await Bench.ApplyAsync(File with { Roles = [("billing-all", "ALL PRIVILEGES")] });

        var refused = await Should.ThrowAsync<Portal.Vault.VaultException>(() => VaultAsync($"{Prefix}-db/creds/billing-all"));

        refused.Words.ShouldContain("Error 1044");
    }
}
