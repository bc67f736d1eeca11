using System.Text.Json.Nodes;
using MySqlConnector;
using Npgsql;
using Portal.Sandbox.Servers;

namespace Portal.Tests.Sandbox;

/// <summary>What the sandbox's Vault does on real database servers.</summary>
public sealed class DatabasePluginTests(DatabaseServers databases) : IAsyncLifetime
{
    private const string CreateRole = "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'";

    // COMMIT makes NOLOGIN visible before sessions are cut, so that no pool slips back in.
    private static readonly string[] s_cutOff =
    [
        "ALTER ROLE \"{{name}}\" NOLOGIN;", "COMMIT;", "BEGIN;", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}';",
        "REASSIGN OWNED BY \"{{name}}\" TO postgres;", "DROP OWNED BY \"{{name}}\";", "DROP ROLE IF EXISTS \"{{name}}\";",
    ];

    private readonly string _table = $"table_{Guid.CreateVersion7():N}";
    private VaultUnderTest _vault = null!;
    private PostgresServer _postgres = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _postgres = await databases.PostgresAsync();
        _vault = await VaultUnderTest.StartAsync();
        await _vault.DoAsync("POST", "sys/mounts/db", new { type = "database" });
        await ConfigureAsync("app", _postgres.Superuser, _postgres.SuperuserPassword);
    }

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Fact]
    public async Task By_default_a_user_who_owns_a_table_is_not_removed_and_can_still_log_in()
    {
        var login = await CredentialsAsync("owner", [CreateRole, "GRANT CREATE ON SCHEMA public TO \"{{name}}\""], []);
        await QueryAsync(login, $"CREATE TABLE {_table} ()");
        var (status, body) = await RevokeAsync(login);
        status.ShouldBe(400);
        ((string?)body!["errors"]![0]).ShouldNotBeNull().ShouldStartWith("failed to revoke entry: ");
        (await QueryAsync(login, "SELECT current_user")).ShouldBe(login.Username);
    }

    [Fact]
    public async Task Revocation_statements_may_end_and_begin_transactions_cut_sessions_and_keep_tables()
    {
        var login = await CredentialsAsync("cut", [CreateRole, "GRANT CREATE ON SCHEMA public TO \"{{name}}\""], s_cutOff);
        await using var session = new NpgsqlConnection(_postgres.ConnectionString("app", login.Username, login.Password));
        await session.OpenAsync(Cancelled);
        await using (var create = new NpgsqlCommand($"CREATE TABLE {_table} ()", session))
            await create.ExecuteNonQueryAsync(Cancelled);
        await using var sleep = new NpgsqlCommand("SELECT pg_sleep(600)", session);
        var sleeping = sleep.ExecuteNonQueryAsync(Cancelled);

        (await RevokeAsync(login)).Status.ShouldBe(204);
        await Should.ThrowAsync<NpgsqlException>(() => sleeping);
        await Should.ThrowAsync<PostgresException>(() => QueryAsync(login, "SELECT 1"));
        (await AdminAsync($"SELECT tableowner FROM pg_tables WHERE tablename = '{_table}'")).ShouldBe("postgres");
        (await AdminAsync($"SELECT count(*) FROM pg_roles WHERE rolname = '{login.Username}'")).ShouldBe(0L);
    }

    [Fact]
    public async Task A_creation_that_fails_half_way_leaves_nothing()
    {
        await RoleAsync("broken", [CreateRole, "SELECT * FROM nowhere"], []);
        (await _vault.SendAsync("GET", "db/creds/broken")).Status.ShouldBe(500);
        (await AdminAsync("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'v-%broken%'")).ShouldBe(0L);
    }

    [Theory]
    [InlineData("""CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}'; COMMENT ON ROLE "{{name}}" IS 'one two'""")]
    [InlineData("""["CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}'", "COMMENT ON ROLE \"{{name}}\" IS 'one two'"]""")]
    [InlineData("""DO $$ BEGIN CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}'; COMMENT ON ROLE "{{name}}" IS 'one two'; END $$""")]
    public async Task Statements_come_in_one_text_as_json_or_as_a_block(string statement)
    {
        var login = await CredentialsAsync("forms", [statement], []);
        (await AdminAsync($"SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = '{login.Username}'")).ShouldBe("one two");
        (await QueryAsync(login, "SELECT current_user")).ShouldBe(login.Username);
    }

    [Fact]
    public async Task Semicolons_in_a_json_array_do_not_cut()
    {
        var login = await CredentialsAsync("json", ["""["CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}'", "COMMENT ON ROLE \"{{name}}\" IS 'a;b'"]"""], []);
        (await AdminAsync($"SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = '{login.Username}'")).ShouldBe("a;b");
    }

    [Theory]
    [InlineData("alice", "v-alice-ro-[A-Za-z0-9]{12}-[0-9]{10}")]
    [InlineData("o'neil\"; DROP ROLE postgres; --", "v-o-neil---DROP-ROLE-postg-ro-[A-Za-z0-9]{12}-[0-9]{10}")]
    [InlineData("<script>alert(1)</script>", "v--script-alert-1---script-ro-[A-Za-z0-9]{12}-[0-9]{10}")]
    [InlineData("a-very-long-login-of-thirty-nine-charact", "v-a-very-long-login-of-thi-ro-[A-Za-z0-9]{12}-[0-9]{10}")]
    public async Task A_template_puts_the_login_into_the_users_name(string displayName, string pattern)
    {
        await ConfigureAsync("named", _postgres.Superuser, _postgres.SuperuserPassword, """v-{{.DisplayName | replace "token-" "" | truncate 24}}-{{.RoleName | truncate 12}}-{{random 12}}-{{unix_time}}""");
        await RoleAsync("ro", [CreateRole], [], "named");
        var token = await _vault.TokenAsync(new { policies = "root", display_name = displayName, ttl = "1h" });
        var answer = await _vault.DoAsync("GET", "db/creds/ro", token: token);
        ((string)answer["data"]!["username"]!).ShouldMatch($"^{pattern}$");
    }

    [Fact]
    public async Task By_default_the_name_keeps_eight_characters_of_login_and_role()
    {
        await RoleAsync("readonly-of-shop", [CreateRole], []);
        var token = await _vault.TokenAsync(new { policies = "root", display_name = "alice", ttl = "1h" });
        var answer = await _vault.DoAsync("GET", "db/creds/readonly-of-shop", token: token);
        ((string)answer["data"]!["username"]!).ShouldMatch("^v-token-al-readonly-[A-Za-z0-9]{20}-[0-9]{10}$");
    }

    [Fact]
    public async Task Rotated_only_vault_knows_the_password()
    {
        var user = $"rotated_{Guid.CreateVersion7():N}";
        await AdminAsync($"CREATE ROLE {user} LOGIN SUPERUSER PASSWORD 'before'");
        await ConfigureAsync("rotated", user, "before");
        await RoleAsync("after", [CreateRole], [], "rotated");
        await _vault.DoAsync("POST", "db/rotate-root/rotated");
        await Should.ThrowAsync<PostgresException>(() => QueryAsync((user, "before", ""), "SELECT 1"));
        await _vault.DoAsync("GET", "db/creds/after");
        // Configured again without a password, Vault keeps the one it knows.
        await _vault.DoAsync("POST", "db/config/rotated", new { plugin_name = "postgresql-database-plugin", allowed_roles = "after" });
        await _vault.DoAsync("GET", "db/creds/after");
        (await _vault.DoAsync("GET", "db/config/rotated")).ToJsonString().ShouldNotContain("before");
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_not_configured_unless_asked_not_to_try()
    {
        object Config(bool verify) => new { plugin_name = "postgresql-database-plugin", connection_url = $"postgresql://u:p@127.0.0.1:{FreePort.Next()}/d?sslmode=disable", verify_connection = verify };
        var (status, body) = await _vault.SendAsync("POST", "db/config/away", Config(true));
        status.ShouldBe(400);
        ((string?)body!["errors"]![0]).ShouldBe("error creating database object: error verifying connection: dial tcp: connect: connection refused");
        (await _vault.SendAsync("GET", "db/config/away")).Status.ShouldBe(404);
        (await _vault.SendAsync("POST", "db/config/away", Config(false))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task On_mariadb_users_are_made_named_and_dropped()
    {
        var server = await databases.MariaDbAsync();
        await _vault.DoAsync("POST", "db/config/maria", new
        {
            plugin_name = "mysql-database-plugin",
            connection_url = $"{{{{username}}}}:{{{{password}}}}@tcp({server.Host}:{server.Port})/",
            username = server.Superuser,
            password = server.SuperuserPassword,
            allowed_roles = "*",
            username_template = """v-{{.DisplayName | replace "token-" "" | truncate 18}}-{{random 10}}""",
        });
        await RoleAsync("billing", ["CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}'; GRANT SELECT ON app.* TO '{{name}}'@'%';"], [], "maria");
        var token = await _vault.TokenAsync(new { policies = "root", display_name = "alice", ttl = "1h" });
        var answer = await _vault.DoAsync("GET", "db/creds/billing", token: token);
        var (username, password) = ((string)answer["data"]!["username"]!, (string)answer["data"]!["password"]!);
        username.ShouldMatch("^v-alice-[A-Za-z0-9]{10}$");
        var connectionString = server.ConnectionString("app", username, password);
        await using (var connection = new MySqlConnection(connectionString))
            await connection.OpenAsync(Cancelled);

        await _vault.DoAsync("PUT", "sys/leases/revoke", new { lease_id = (string)answer["lease_id"]!, sync = true });
        await using var refused = new MySqlConnection(connectionString);
        await Should.ThrowAsync<MySqlException>(() => refused.OpenAsync(Cancelled));
    }

    private Task<JsonNode> ConfigureAsync(string name, string username, string password, string template = "") => _vault.DoAsync("POST", $"db/config/{name}", new
    {
        plugin_name = "postgresql-database-plugin",
        connection_url = $"postgresql://{{{{username}}}}:{{{{password}}}}@{_postgres.Host}:{_postgres.Port}/app?sslmode=disable",
        username,
        password,
        allowed_roles = "*",
        username_template = template,
    });

    private Task<JsonNode> RoleAsync(string name, string[] creation, string[] revocation, string database = "app") => _vault.DoAsync(
        "POST", $"db/roles/{name}", new { db_name = database, creation_statements = creation, revocation_statements = revocation, default_ttl = "1h" });

    private async Task<(string Username, string Password, string Lease)> CredentialsAsync(string role, string[] creation, string[] revocation)
    {
        await RoleAsync(role, creation, revocation);
        var answer = await _vault.DoAsync("GET", $"db/creds/{role}");
        return ((string)answer["data"]!["username"]!, (string)answer["data"]!["password"]!, (string)answer["lease_id"]!);
    }

    private Task<(int Status, JsonNode? Body)> RevokeAsync((string Username, string Password, string Lease) login) =>
        _vault.SendAsync("PUT", "sys/leases/revoke", new { lease_id = login.Lease, sync = true });

    private Task<object?> QueryAsync((string Username, string Password, string Lease) login, string sql) =>
        QueryAsync(_postgres.ConnectionString("app", login.Username, login.Password), sql);

    private Task<object?> AdminAsync(string sql) => QueryAsync(_postgres.AdminConnectionString("app"), sql);

    private static async Task<object?> QueryAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Cancelled);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancelled);
    }
}
