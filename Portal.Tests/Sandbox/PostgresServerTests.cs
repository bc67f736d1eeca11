using Npgsql;
using Portal.Sandbox.Servers;

namespace Portal.Tests.Sandbox;

public sealed class PostgresServerTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("postgres-").FullName;
    private PostgresServer server = null!;

    public async ValueTask InitializeAsync() => server = await PostgresServer.StartAsync(folder);

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Stopped_and_started_again_it_keeps_its_port_and_its_data()
    {
        var port = server.Port;
        await ExecuteAsync(Admin, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)");

        await server.StopAsync();
        await Should.ThrowAsync<NpgsqlException>(() => ExecuteAsync(Admin, "SELECT 1"));

        await server.StartAgainAsync();
        server.Port.ShouldBe(port);
        (await ScalarAsync(Admin, "SELECT count(*) FROM kept")).ShouldBe(1L);
    }

    [Fact]
    public async Task A_second_start_on_the_same_folder_keeps_the_data_and_renews_the_vault_roles_password()
    {
        var first = server.VaultPassword;
        await ExecuteAsync(Admin, "CREATE TABLE kept (id int)");

        await server.DisposeAsync();
        server = await PostgresServer.StartAsync(folder);

        (await ScalarAsync(Admin, "SELECT count(*) FROM kept")).ShouldBe(0L);
        server.VaultPassword.ShouldNotBe(first);
        (await ScalarAsync(Vault, "SELECT current_user")).ShouldBe("vault");
    }

    [Fact]
    public async Task It_ends_what_a_crashed_run_left_behind()
    {
        // As a crashed sandbox does: the server is not stopped, and another start finds its pid file.
        await using var next = await PostgresServer.StartAsync(folder);

        next.Port.ShouldNotBe(server.Port);
        await Should.ThrowAsync<NpgsqlException>(() => ExecuteAsync(Admin, "SELECT 1"));
        (await ScalarAsync(next.AdminConnectionString("shop"), "SELECT count(*) > 0 FROM customers")).ShouldBe(true);
    }

    [Fact]
    public async Task Nothing_but_a_password_opens_it()
    {
        var wrong = server.ConnectionString("shop", server.Superuser, "wrong");
        (await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(wrong, "SELECT 1")))
            .SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
    }

    [Fact]
    public async Task The_vault_role_is_no_superuser_and_can_take_back_what_it_gave()
    {
        (await ScalarAsync(Vault, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).ShouldBe(false);
        await ExecuteAsync(Vault,
            """
            CREATE ROLE "v-alice" WITH LOGIN PASSWORD 'test' VALID UNTIL 'infinity' ROLE vault;
            GRANT CONNECT ON DATABASE shop TO "v-alice";
            GRANT CREATE ON SCHEMA public TO "v-alice";
            GRANT SELECT ON ALL TABLES IN SCHEMA public TO "v-alice";
            """);
        var alice = server.ConnectionString("shop", "v-alice", "test");
        (await ScalarAsync(alice, "SELECT count(*) FROM orders")).ShouldBe(120L);
        await ExecuteAsync(alice, "CREATE TABLE mine (id int)");
        await using var session = new NpgsqlConnection(alice);
        await session.OpenAsync(TestContext.Current.CancellationToken);
        var query = ExecuteAsync(session, "SELECT pg_sleep(60)");

        await using (var vault = new NpgsqlConnection(Vault))
        {
            await vault.OpenAsync(TestContext.Current.CancellationToken);
            foreach (var statement in Revocation("v-alice"))
                await ExecuteAsync(vault, statement);
        }

        (await Should.ThrowAsync<PostgresException>(() => query)).SqlState.ShouldBe(PostgresErrorCodes.AdminShutdown);
        (await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(alice, "SELECT 1")))
            .SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
        (await ScalarAsync(Admin, "SELECT tableowner::text FROM pg_tables WHERE tablename = 'mine'")).ShouldBe("shop");
        (await ScalarAsync(Admin, "SELECT count(*) FROM pg_roles WHERE rolname = 'v-alice'")).ShouldBe(0L);
    }

    [Fact]
    public async Task Disposed_it_leaves_no_process()
    {
        var process = server.ProcessId.ShouldNotBeNull();
        await server.DisposeAsync();
        Directory.Exists($"/proc/{process}").ShouldBeFalse();
        server.ProcessId.ShouldBeNull();
    }

    [Fact]
    public async Task Where_its_user_cannot_walk_root_gives_it_a_folder_elsewhere()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root runs it as another user.");
        var closed = Directory.CreateTempSubdirectory("closed-").FullName;
        await using var elsewhere = await PostgresServer.StartAsync(Path.Combine(closed, "postgres"));

        elsewhere.Directory.ShouldStartWith("/var/lib/portal-sandbox/");
        File.GetUnixFileMode(closed).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await elsewhere.StopAsync();
        Directory.Delete(elsewhere.Directory, recursive: true);
        Directory.Delete(closed, recursive: true);
    }

    private string Admin => server.AdminConnectionString("shop");

    private string Vault => server.ConnectionString("shop", server.VaultUsername, server.VaultPassword);

    // What `apply` writes into Vault for roles on PostgreSQL.
    private static string[] Revocation(string name) =>
    [
        "BEGIN;", $"""ALTER ROLE "{name}" NOLOGIN;""", "COMMIT;", "BEGIN;",
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}';",
        $"""REASSIGN OWNED BY "{name}" TO "shop";""", $"""DROP OWNED BY "{name}";""", $"""DROP ROLE IF EXISTS "{name}";""", "COMMIT;",
    ];

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await ExecuteAsync(connection, sql);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
