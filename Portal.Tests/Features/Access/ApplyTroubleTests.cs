using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Databases;
using Portal.Features.Teams;

namespace Portal.Tests.Features.Access;

/// <summary>Runs that break off, and servers that are away.</summary>
public sealed class ApplyTroubleTests(AccessPostgres postgres) : AccessTests(postgres)
{
    [Theory]
    [InlineData("{prefix}-db/config/shop")]
    [InlineData("{prefix}-db/rotate-root/shop")]
    [InlineData("sys/policies/acl/{prefix}-database-shop-readonly")]
    [InlineData("auth/token/roles/{prefix}-database-shop-readonly")]
    [InlineData("{prefix}-db/roles/shop-readonly")]
    public async Task A_run_that_loses_an_answer_is_healed_by_the_next(string path)
    {
        var file = File with { Rotate = true };
        await Bench.Vault.Control.HoldAsync("POST", Bench.Vault.Named(path), Cancel);
        var broken = Bench.ApplyAsync(file);
        await Bench.Vault.Control.WaitUntilHeldAsync(Cancel);
        await Bench.Vault.Control.DropAsync(Cancel);

        (await broken).ExitCode.ShouldBe(1);
        (await broken).Error.ShouldHaveSingleItem().ShouldStartWith("3: connection shop: Vault does not answer");
        (await Bench.QueryAsync(db => db.DatabaseConnections.CountAsync(Cancel))).ShouldBe(0);
        var healed = await Bench.ApplyAsync(file);

        healed.Error.ShouldBeEmpty();
        healed.Output.Select(line => line.Split(" (")[0]).ShouldBe(["+ connection shop", "+ role shop-readonly", "+ grant payments → shop-readonly"]);
        (await Bench.ApplyAsync(file)).Output.ShouldBe(["nothing to change"]);
        (await VaultAsync($"{Prefix}-db/creds/shop-readonly")).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_run_that_breaks_off_while_pruning_is_healed_by_the_next()
    {
        await Bench.ApplyAsync(File with { Grants = [] });
        await Bench.Vault.Control.HoldAsync("DELETE", $"{Prefix}-db/roles/shop-readonly", Cancel);
        var broken = Bench.ApplyAsync("teams: []\ndatabases: []\ngrants: []\n", "--prune");
        await Bench.Vault.Control.WaitUntilHeldAsync(Cancel);
        await Bench.Vault.Control.DropAsync(Cancel);

        (await broken).ExitCode.ShouldBe(1);
        (await Bench.ApplyAsync("teams: []\ndatabases: []\ngrants: []\n", "--prune")).Output.ShouldBe(["- role shop-readonly", "- connection shop"]);
        (await VaultAsync($"auth/token/roles/{Prefix}-database-shop-readonly")).ShouldBeNull();
    }

    [Fact]
    public async Task A_Vault_that_is_away_changes_nothing()
    {
        await Bench.Vault.Control.StopAsync(Cancel);

        var applied = await Bench.ApplyAsync(File);

        applied.ExitCode.ShouldBe(1);
        applied.Output.ShouldBeEmpty();
        applied.Error.ShouldHaveSingleItem().ShouldStartWith("Vault does not answer");
    }

    [Fact]
    public async Task A_sealed_Vault_is_called_sealed()
    {
        await Bench.Vault.Control.SealAsync(Cancel);

        (await Bench.ApplyAsync(File)).Error.ShouldBe(["Vault is sealed"]);
    }

    [Fact]
    public async Task A_refusal_names_the_path()
    {
        await Bench.Vault.Control.DenyAsync($"{Prefix}-db/config/*", Cancel);

        (await Bench.ApplyAsync(File)).Error.ShouldBe([$"Vault refuses {Prefix}-db/config/shop: this token or login lacks a policy, or is over"]);
    }

    [Fact]
    public async Task A_Vault_without_the_portals_mounts_is_told_to_be_set_up()
    {
        await Bench.Operator.DeleteAsync($"sys/mounts/{Prefix}-db", Cancel);

        (await Bench.ApplyAsync(File)).Error.ShouldBe([$"3: connection shop: Vault has nothing at {Prefix}-db/config/shop: run setup-vault first"]);
    }

    [Fact]
    public async Task It_waits_for_a_portal_that_is_writing()
    {
        await Bench.ApplyAsync(File);
        await using var portal = new SqliteConnection($"Data Source={Bench.DatabaseFile}");
        await portal.OpenAsync(Cancel);
        await using var writing = portal.BeginTransaction();

        await Bench.Vault.Control.HoldAsync("POST", $"{Prefix}-db/roles/shop-readonly", Cancel);
        var applying = Bench.ApplyAsync(File with { Roles = ["shop-readonly 5h"] });
        await Bench.Vault.Control.WaitUntilHeldAsync(Cancel);
        await Bench.Vault.Control.ReleaseAsync(Cancel);
        applying.IsCompleted.ShouldBeFalse();
        await writing.CommitAsync(Cancel);

        (await applying).Output.ShouldBe(["~ role shop-readonly: longest 8h → 5h"]);
    }

    [Fact]
    public async Task Two_runs_at_once_make_one_of_everything()
    {
        await Bench.ApplyAsync(File with { Grants = [] });
        var runs = await Task.WhenAll(Bench.ApplyAsync(File), Bench.ApplyAsync(File));

        runs.ShouldAllBe(run => run.ExitCode == 0);
        (await Bench.QueryAsync(db => db.DatabaseGrants.CountAsync(Cancel))).ShouldBe(1);
        (await Bench.QueryAsync(db => db.Teams.CountAsync(Cancel))).ShouldBe(1);
    }
}
