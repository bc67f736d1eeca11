using Microsoft.EntityFrameworkCore;
using Portal.Features.CloudCredentials;
using Portal.Features.Credentials;
using Portal.Features.Databases;
using Portal.Features.Teams;

namespace Portal.Tests.Features.Access;

public sealed class ApplyPruneTests(AccessPostgres postgres) : AccessTests(postgres)
{
    private const string Nothing = "teams: []\ndatabases: []\ngrants: []\n";

    [Fact]
    public async Task Only_what_access_files_made_is_removed()
    {
        await Bench.ApplyAsync(File);
        await MakeByHandAsync();

        var pruned = await Bench.ApplyAsync(Nothing, "--prune");

        pruned.Error.ShouldBeEmpty();
        pruned.Output.ShouldBe(["- grant payments → shop-readonly", "- role shop-readonly", "- connection shop", "- team payments"]);
        foreach (var path in (string[])[$"{Prefix}-db/config/shop", $"{Prefix}-db/roles/shop-readonly", $"sys/policies/acl/{Prefix}-database-shop-readonly", $"auth/token/roles/{Prefix}-database-shop-readonly"])
            (await VaultAsync(path)).ShouldBeNull(path);
        foreach (var path in (string[])[$"{Prefix}-db/config/hand", $"{Prefix}-db/roles/hand-made", $"sys/policies/acl/{Prefix}-database-hand-made", $"sys/policies/acl/{Prefix}-databases"])
            (await VaultAsync(path)).ShouldNotBeNull(path);
        (await Bench.QueryAsync(async db => await db.Teams.CountAsync(Cancel) + await db.DatabaseConnections.CountAsync(Cancel) + await db.DatabaseRoles.CountAsync(Cancel)))
            .ShouldBe(0);
        (await Bench.ApplyAsync(Nothing, "--prune")).Output.ShouldBe(["nothing to change"]);
    }

    [Fact]
    public async Task A_team_that_keeps_cloud_credentials_stays_until_they_are_revoked()
    {
        await Bench.ApplyAsync(File);
        await Bench.QueryAsync(async db =>
        {
            var somebody = new CloudIdentity("github", "1", "somebody");
            var document = new CloudDocument
            {
                Id = Guid.CreateVersion7(), Type = "generic", Values = new Dictionary<string, string>(), Owner = somebody, By = somebody, RegisteredAt = DateTimeOffset.UtcNow,
                At = DateTimeOffset.UtcNow, Act = "registered", Since = new Dictionary<string, int>(), SinceAt = new Dictionary<string, DateTimeOffset>(),
            };
            db.Add(CloudCredential.Of(new((await db.Teams.SingleAsync(Cancel)).Id, "aws"), document));
            return await db.SaveChangesAsync(Cancel);
        });

        var first = await Bench.ApplyAsync(Nothing, "--prune");
        await Bench.QueryAsync(db => db.CloudCredentials.ExecuteUpdateAsync(set => set.SetProperty(row => row.State, CloudState.Revoked), Cancel));
        var second = await Bench.ApplyAsync(Nothing, "--prune");

        first.Output.ShouldContain("= team payments: not in the file, and stays while it has 1 cloud credential; revoke them, then run again");
        second.Output.ShouldBe(["- team payments"]);
    }

    [Fact]
    public async Task What_was_issued_under_a_removed_grant_ends_and_nothing_else()
    {
        await Bench.ApplyAsync(File with { Roles = ["shop-readonly 8h", "shop-other 8h"], Grants = ["payments shop-readonly 4h", "payments shop-other 4h"] });
        var (stays, ends, ended) = (await IssueAsync("shop-readonly"), await IssueAsync("shop-other"), await IssueAsync("shop-other", CredentialState.Revoked));

        var pruned = await Bench.ApplyAsync(File with { Roles = ["shop-readonly 8h", "shop-other 8h"] }, "--prune");

        pruned.Output.ShouldBe(["- grant payments → shop-other (1 credential ends)"]);
        (await CredentialAsync(stays)).State.ShouldBe(CredentialState.Active);
        (await CredentialAsync(ended)).State.ShouldBe(CredentialState.Revoked);
        var revoking = await CredentialAsync(ends);
        (revoking.State, revoking.EndedBy).ShouldBe((CredentialState.Revoking, "access file"));
    }

    [Fact]
    public async Task A_role_stays_in_Vault_until_its_credentials_have_ended()
    {
        await Bench.ApplyAsync(File);
        var credential = await IssueAsync("shop-readonly");

        var first = await Bench.ApplyAsync(Nothing, "--prune");
        var second = await Bench.ApplyAsync(Nothing, "--prune");
        await EndAsync(credential);
        var third = await Bench.ApplyAsync(Nothing, "--prune");

        first.Output.ShouldBe([
            "- grant payments → shop-readonly (1 credential ends)", "- role shop-readonly", "- connection shop", "- team payments",
            "= role shop-readonly: stays in Vault until 1 credential has ended; run again then",
            "= connection shop: stays in Vault while its role shop-readonly is there"]);
        second.Output.ShouldBe([
            "= role shop-readonly: stays in Vault until 1 credential has ended; run again then",
            "= connection shop: stays in Vault while its role shop-readonly is there",
            "nothing to change"]);
        third.Output.ShouldBe(["- role shop-readonly", "- connection shop"]);
        (await VaultAsync($"{Prefix}-db/config/shop")).ShouldBeNull();
    }

    [Fact]
    public async Task A_lease_that_somebody_else_asked_for_keeps_the_role_too()
    {
        await Bench.ApplyAsync(File);
        await VaultAsync($"{Prefix}-db/creds/shop-readonly");

        (await Bench.ApplyAsync(Nothing, "--prune")).Output.ShouldContain("= role shop-readonly: stays in Vault until 1 credential has ended; run again then");
    }

    [Fact]
    public async Task A_connection_that_a_handmade_role_uses_stays()
    {
        await Bench.ApplyAsync(File);
        await Bench.Operator.WriteAsync($"{Prefix}-db/roles/hand-made", new() { ["db_name"] = "shop", ["creation_statements"] = "SELECT 1;" }, Cancel);

        (await Bench.ApplyAsync(Nothing, "--prune")).Output[^1].ShouldBe("= connection shop: stays in Vault while its role hand-made is there");
        (await VaultAsync($"{Prefix}-db/config/shop")).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_a_broken_run_left_in_Vault_alone_is_found_and_removed()
    {
        await Bench.ApplyAsync(File with { Grants = [] });
        await Bench.QueryAsync(async db => await db.DatabaseRoles.ExecuteDeleteAsync(Cancel) + await db.DatabaseConnections.ExecuteDeleteAsync(Cancel));
        await Bench.Operator.DeleteAsync($"{Prefix}-db/roles/shop-readonly", Cancel);

        (await Bench.ApplyAsync(Nothing, "--prune")).Output.ShouldBe(["- role shop-readonly", "- connection shop", "- team payments"], ignoreOrder: true);
        (await VaultAsync($"sys/policies/acl/{Prefix}-database-shop-readonly")).ShouldBeNull();
    }

    [Fact]
    public async Task Without_prune_nothing_is_deleted()
    {
        await Bench.ApplyAsync(File);
        await Bench.Vault.Control.ResetAsync(Cancel);

        var applied = await Bench.ApplyAsync(Nothing);

        applied.Output[^1].ShouldBe("nothing to change");
        (await Bench.Vault.Control.RequestsAsync(Cancel)).ShouldNotContain(request => request.Method == "DELETE");
        (await Bench.QueryAsync(db => db.DatabaseGrants.CountAsync(Cancel))).ShouldBe(1);
    }

    private async Task MakeByHandAsync()
    {
        await Bench.Operator.WriteAsync(
            $"{Prefix}-db/config/hand",
            new()
            {
                ["plugin_name"] = "postgresql-database-plugin", ["connection_url"] = $"postgresql://{{{{username}}}}:{{{{password}}}}@127.0.0.1:{Server.Port}/shop?sslmode=disable",
                ["username"] = Server.VaultUsername, ["password"] = Server.VaultPassword, ["allowed_roles"] = "*",
            },
            Cancel);
        await Bench.Operator.WriteAsync($"{Prefix}-db/roles/hand-made", new() { ["db_name"] = "hand", ["creation_statements"] = "SELECT 1;" }, Cancel);
        await Bench.Operator.WriteAsync($"sys/policies/acl/{Prefix}-database-hand-made", new() { ["policy"] = "path \"x\" { capabilities = [\"read\"] }" }, Cancel);
    }
}
