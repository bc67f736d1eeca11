using Microsoft.EntityFrameworkCore;
using Npgsql;
using Portal.Features.Access;
using Portal.Features.Databases;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Access;

public sealed class ApplyPasswordTests(AccessPostgres postgres) : AccessTests(postgres)
{
    [Fact]
    public async Task A_wrong_password_is_told_in_Vaults_words_and_leaves_nothing_of_the_connection()
    {
        Bench.Write("wrong", "wr0ng-canary");
        var file = File with { Connection = "bad", Roles = ["bad-role 1h"], PasswordFile = "wrong", Grants = ["payments bad-role 1h", "payments other-role 1h"] };
        file = file with { More = File.Database("other", "other-role 1h") };

        var applied = await Bench.ApplyAsync(file);

        applied.ExitCode.ShouldBe(1);
        applied.Error.ShouldHaveSingleItem().ShouldStartWith("3: connection bad: Vault says: error creating database object: error verifying connection: pq: password authentication failed");
        applied.Output.ShouldBe([
            "+ team payments (github 2001)",
            $"+ connection other (postgresql 127.0.0.1:{Server.Port}/shop)",
            "+ role other-role (longest 1h)",
            "+ grant payments → other-role (longest 1h)"]);
        foreach (var path in (string[])[$"{Prefix}-db/config/bad", $"{Prefix}-db/roles/bad-role", $"sys/policies/acl/{Prefix}-database-bad-role", $"auth/token/roles/{Prefix}-database-bad-role"])
            (await VaultAsync(path)).ShouldBeNull(path);
        (await Bench.QueryAsync(db => db.DatabaseConnections.Select(connection => connection.Name).ToListAsync(Cancel))).ShouldBe(["other"]);
        (await Bench.QueryAsync(db => db.DatabaseRoles.Select(role => role.Name).ToListAsync(Cancel))).ShouldBe(["other-role"]);
        string.Join('\n', applied.Output.Concat(applied.Error)).ShouldNotContain("canary");
    }

    [Fact]
    public async Task A_server_that_is_down_is_told_with_the_line()
    {
        var applied = await Bench.ApplyAsync(File with { VaultAddress = "127.0.0.1:1" });

        applied.ExitCode.ShouldBe(1);
        applied.Error.ShouldHaveSingleItem().ShouldStartWith("3: connection shop: Vault says: error creating database object: error verifying connection: dial tcp");
    }

    [Fact]
    public async Task A_changed_password_is_sent_and_an_unchanged_one_is_not()
    {
        await Bench.ApplyAsync(File);
        await SetPasswordAsync("another-canary");
        Bench.Write("password", "another-canary\n");

        (await Bench.ApplyAsync(File)).Output.ShouldBe(["~ connection shop: password"]);
        (await Bench.ApplyAsync(File)).Output.ShouldBe(["nothing to change"]);
        (await VaultAsync($"{Prefix}-db/creds/shop-readonly")).ShouldNotBeNull();
    }

    [Fact]
    public async Task Vault_replaces_the_password_once_when_asked_to()
    {
        var file = File with { Rotate = true };

        var first = await Bench.ApplyAsync(file);
        var second = await Bench.ApplyAsync(file);

        first.Output[1].ShouldBe($"+ connection shop (postgresql 127.0.0.1:{Server.Port}/shop, password replaced by Vault)");
        second.Output.ShouldBe(["nothing to change"]);
        (await Server.RefusalAsync("vault", Server.VaultPassword)).ShouldBe(PostgresErrorCodes.InvalidPassword);
        (await VaultAsync($"{Prefix}-db/creds/shop-readonly")).ShouldNotBeNull();
        (await Bench.Vault.Control.RequestsAsync(Cancel)).Count(request => request.Path == $"{Prefix}-db/rotate-root/shop").ShouldBe(1);
    }

    [Fact]
    public async Task Other_changes_leave_the_password_that_Vault_made()
    {
        await Bench.ApplyAsync(File with { Rotate = true });

        var applied = await Bench.ApplyAsync(File with { Rotate = true, Roles = ["shop-readonly 8h", "shop-more 1h"] });

        applied.Error.ShouldBeEmpty();
        applied.Output.ShouldBe(["~ connection shop: allowed roles", "+ role shop-more (longest 1h)"]);
        (await VaultAsync($"{Prefix}-db/creds/shop-more")).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_new_password_after_a_replaced_one_is_sent_and_replaced()
    {
        await Bench.ApplyAsync(File with { Rotate = true });
        await SetPasswordAsync("another-canary");
        Bench.Write("password", "another-canary");

        (await Bench.ApplyAsync(File with { Rotate = true })).Output.ShouldBe(["~ connection shop: password, password replaced by Vault"]);
        (await Server.RefusalAsync("vault", "another-canary")).ShouldBe(PostgresErrorCodes.InvalidPassword);
    }

    [Fact]
    public async Task A_connection_that_moved_to_a_server_with_the_files_password_is_taken()
    {
        await Bench.ApplyAsync(File with { Rotate = true });
        await SetPasswordAsync(Server.VaultPassword);

        var applied = await Bench.ApplyAsync(File with { Rotate = true, VaultAddress = $"localhost:{Server.Port}" });

        applied.Error.ShouldBeEmpty();
        applied.Output.ShouldBe(["~ connection shop: address in Vault"]);
        (await Server.RefusalAsync("vault", Server.VaultPassword)).ShouldBe(PostgresErrorCodes.InvalidPassword);
        (await Bench.ApplyAsync(File with { Rotate = true, VaultAddress = $"localhost:{Server.Port}" })).Output.ShouldBe(["nothing to change"]);
    }

    [Fact]
    public async Task Without_rotation_again_the_files_password_counts_again()
    {
        await Bench.ApplyAsync(File with { Rotate = true });

        var refused = await Bench.ApplyAsync(File);
        await SetPasswordAsync(Server.VaultPassword);
        var applied = await Bench.ApplyAsync(File);

        refused.ExitCode.ShouldBe(1);
        refused.Error.ShouldHaveSingleItem().ShouldContain("password authentication failed");
        applied.Output.ShouldBe(["~ connection shop: password of the file again"]);
        (await Bench.ApplyAsync(File)).Output.ShouldBe(["nothing to change"]);
    }

    [Fact]
    public async Task No_password_rests_in_the_portals_database()
    {
        Bench.Write("wrong", "wr0ng-canary");
        await Bench.ApplyAsync(File with { PasswordFile = "wrong" });
        await Bench.ApplyAsync(File);

        var bytes = System.Text.Encoding.Latin1.GetString(await System.IO.File.ReadAllBytesAsync(Bench.DatabaseFile, Cancel));
        bytes.ShouldNotContain(Server.VaultPassword);
        bytes.ShouldNotContain("canary");
    }

    [Theory]
    [InlineData("secret", "secret", true)]
    [InlineData("secret", "Secret", false)]
    [InlineData("", "", true)]
    public void A_check_knows_its_password_alone(string given, string asked, bool expected)
    {
        var check = PasswordCheck.Of(given);

        PasswordCheck.Matches(check, asked).ShouldBe(expected);
        check.ShouldNotBe(PasswordCheck.Of(given));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("pbkdf2-sha256$1$AA==$!")]
    [InlineData("pbkdf2-sha256$0$AA==$AA==")]
    [InlineData("pbkdf2-sha256$99999999999$AA==$AA==")]
    [InlineData("pbkdf2-sha256$1$AA==$")]
    public void What_is_no_check_matches_nothing(string? check) => PasswordCheck.Matches(check, "").ShouldBeFalse();
}
