using MySqlConnector;
using Portal.Sandbox.Servers;
using Portal.Tests.Support;

namespace Portal.Tests.Sandbox;

public sealed class MariaDbServerTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mariadb-").FullName;
    private MariaDbServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await MariaDbServer.StartAsync(_folder);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task It_ends_what_a_crashed_run_left_behind_and_keeps_the_data()
    {
        await _server.ExecuteAsync("CREATE TABLE kept (id int)");
        var first = _server.VaultPassword;

        // As a crashed sandbox does: the server is not stopped, and another start finds its pid file.
        await using var next = await MariaDbServer.StartAsync(_folder);

        await Should.ThrowAsync<MySqlException>(() => _server.ExecuteAsync("DO 0"));
        (await next.QueryAsync<long>("SELECT count(*) FROM kept")).ShouldBe(0);
        (await next.QueryAsync<long>("SELECT count(*) FROM invoices")).ShouldBe(90);
        (await next.RefusalAsync("vault", first)).ShouldBe(MariaDb.AccessDenied);
        (await next.RefusalAsync("vault", next.VaultPassword)).ShouldBeNull();
    }

    [Fact]
    public async Task A_start_anew_and_one_after_a_broken_installation_begin_empty()
    {
        await _server.ExecuteAsync("CREATE TABLE kept (id int)");
        await _server.DisposeAsync();
        // What an installation that was killed leaves behind.
        Directory.CreateDirectory(Path.Combine(_folder, "data.new", "mysql"));

        _server = await MariaDbServer.StartAsync(_folder, anew: true);

        (await _server.QueryAsync<long>("SELECT count(*) FROM information_schema.TABLES WHERE TABLE_NAME = 'kept'")).ShouldBe(0);
        (await _server.QueryAsync<long>("SELECT count(*) FROM invoices")).ShouldBe(90);
    }

    // They would shadow 'name'@'%' for whoever comes from this machine.
    [Fact]
    public async Task Nobody_enters_without_a_name_and_a_password()
    {
        // mariadb.sys owns the server's own views and is locked.
        (await _server.QueryAsync<string>("SELECT group_concat(User ORDER BY User) FROM mysql.user")).ShouldBe("mariadb.sys,root,vault");
        (await _server.RefusalAsync("", "")).ShouldBe(MariaDb.AccessDenied);
        (await _server.RefusalAsync("root", "")).ShouldBe(MariaDb.AccessDenied);
    }

    [Fact]
    public async Task Vaults_user_may_make_users_who_read_billing_and_no_more()
    {
        await using var vault = await _server.OpenAsync("vault", _server.VaultPassword);

        await vault.ExecuteAsync("CREATE USER 'v-a'@'%' IDENTIFIED BY 'a'; GRANT SELECT ON billing.* TO 'v-a'@'%'");

        await Should.ThrowAsync<MySqlException>(() => vault.ExecuteAsync("GRANT INSERT ON billing.* TO 'v-a'@'%'"));
        await Should.ThrowAsync<MySqlException>(() => vault.ExecuteAsync("GRANT SELECT ON mysql.* TO 'v-a'@'%'"));
        await Should.ThrowAsync<MySqlException>(() => vault.ExecuteAsync("DELETE FROM invoices"));
        await Should.ThrowAsync<MySqlException>(() => vault.ExecuteAsync("SELECT * FROM mysql.global_priv"));
    }
}
