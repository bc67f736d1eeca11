using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Portal.Sandbox.Servers;

namespace Portal.Tests.Sandbox;

/// <summary>What the database engine refuses: connections, templates and roles that make no sense, servers that are not there.</summary>
public sealed class DatabaseConfigTests(DatabaseServers databases) : IAsyncLifetime
{
    private const string NoServer = "error creating database object: error verifying connection: dial tcp: connect: connection refused";

    private VaultUnderTest _vault = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _vault = await VaultUnderTest.StartAsync();
        await _vault.DoAsync("POST", "sys/mounts/db", new { type = "database" });
    }

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Theory]
    [InlineData("postgresql", "postgresql://127.0.0.1:1/app?sslmode=disable", NoServer)]
    [InlineData("mysql", "root:x@tcp(127.0.0.1:1)/app", NoServer)]
    [InlineData("postgresql", "postgresql://h:port/app", "error creating database object: invalid port \"port\"")]
    [InlineData("postgresql", "postgresql://h/app?sslmode=allow", "error creating database object: unsupported sslmode \"allow\"; only \"require\" (default), \"verify-full\", \"verify-ca\", and \"disable\" supported")]
    [InlineData("postgresql", "host=h connect_timeout=soon", "error creating database object: invalid connect_timeout \"soon\"")]
    [InlineData("postgresql", "host=h fallback=yes", "error creating database object: pq: unrecognized configuration parameter \"fallback\"")]
    [InlineData("mysql", "root@tcp(h:3306)", "error creating database object: invalid DSN: missing the slash separating the database name")]
    [InlineData("mysql", "root@unix(/socket)/app", "error creating database object: default addr for network 'unix(/socket)' unknown")]
    [InlineData("mysql", "root@tcp(h:port)/app", "error creating database object: invalid DSN: invalid port in h:port")]
    [InlineData("mysql", "root@tcp(h)/app?tls=custom", "error creating database object: invalid value / unknown config name: custom")]
    public Task A_connection_that_makes_no_sense_is_refused(string engine, string url, string message) =>
        _vault.RefusesAsync(400, message, "POST", "db/config/c", new { plugin_name = $"{engine}-database-plugin", connection_url = url });

    [Theory]
    [InlineData("{{", "unclosed action")]
    [InlineData("{{ }}", "missing value for command")]
    [InlineData("{{ nonesuch 1 }}", "function \"nonesuch\" not defined")]
    [InlineData("{{ .RoleName }", "unclosed action")]
    [InlineData("{{ .RoleName ) }}", "unexpected \")\" in operand")]
    [InlineData("{{ .RoleName | 5 }}", "non executable command in pipeline stage 2")]
    [InlineData("{{ truncate ( }}", "missing value for command")]
    [InlineData("{{ truncate (random 5 }}", "unclosed left paren")]
    [InlineData("{{ truncate 99999999999 .RoleName }}", "bad number syntax")]
    [InlineData("{{ truncate 5 % }}", "unexpected \"%\" in operand")]
    [InlineData("{{ truncate 5 nonesuch }}", "function \"nonesuch\" not defined")]
    [InlineData("{{ truncate 5 \"open }}", "unterminated quoted string")]
    public Task A_template_that_does_not_parse_is_refused(string template, string why) =>
        RefusesTemplateAsync(template, $"unable to initialize username template: unable to parse template: template: template:1: {why}");

    [Theory]
    [InlineData("{{ .Nonesuch }}", "executing \"template\" at <.Nonesuch>: can't evaluate field Nonesuch in type dbplugin.UsernameMetadata")]
    [InlineData("{{ truncate 0 .RoleName }}", "max length must be > 0")]
    [InlineData("{{ truncate 5 }}", "wrong number of args")]
    [InlineData("{{ truncate_sha256 8 .RoleName }}", "max length must be > 8 but was 8")]
    public Task A_template_that_cannot_work_is_refused(string template, string why) =>
        RefusesTemplateAsync(template, $"invalid username template: unable to apply template: template: template:1: {why}");

    [Theory]
    [InlineData("{\"creation_statements\": \"SELECT 1\"}", "empty database name attribute")]
    [InlineData("{\"db_name\": \"c\"}", "missing creation statements")]
    [InlineData("{\"db_name\": \"c\", \"creation_statements\": \"SELECT 1\", \"default_ttl\": \"soon\"}", "error converting input soon for field \"default_ttl\": strconv.ParseInt: parsing \"soon\": invalid syntax")]
    public Task A_role_that_makes_no_sense_is_refused(string role, string message) => _vault.RefusesAsync(400, message, "POST", "db/roles/r", role);

    [Theory]
    [InlineData("POST", "reset/none")]
    [InlineData("POST", "rotate-root/none")]
    [InlineData("GET", "creds/orphan")]
    public async Task A_connection_that_is_not_there_is_a_fault(string method, string path)
    {
        await _vault.DoAsync("POST", "db/roles/orphan", new { db_name = "none", creation_statements = "SELECT 1" });
        await _vault.RefusesAsync(500, "1 error occurred:\n\t* failed to find entry for connection with name: \"none\"\n\n", method, $"db/{path}");
    }

    [Fact]
    public async Task A_root_password_that_cannot_be_changed_is_told_and_kept()
    {
        var postgres = await databases.PostgresAsync();
        await ConfigureAsync(postgres, new { });
        await _vault.RefusesAsync(500, "1 error occurred:\n\t* unable to rotate root credentials: no username in configuration\n\n", "POST", "db/rotate-root/c");
        await ConfigureAsync(postgres, new { username = "nobody", verify_connection = false, root_rotation_statements = "ALTER ROLE \"{{username}}\" PASSWORD '{{password}}'" });
        var (status, body) = await _vault.SendAsync("POST", "db/rotate-root/c");
        status.ShouldBe(500);
        ((string?)body!["errors"]![0]).ShouldNotBeNull().ShouldContain("role \"nobody\" does not exist");
    }

    [Fact]
    public async Task When_role_or_connection_is_gone_leases_are_not_renewed_and_end_as_the_role_was()
    {
        await ConfigureAsync(await databases.PostgresAsync(), new { });
        await _vault.DoAsync("POST", "db/roles/r", new { db_name = "c", creation_statements = "SELECT 1", revocation_statements = "SELECT 1", default_ttl = "1h" });
        var lease = new { lease_id = (string)(await _vault.DoAsync("GET", "db/creds/r"))["lease_id"]! };
        await _vault.DoAsync("DELETE", "db/roles/r");
        await _vault.RefusesAsync(400, "failed to renew entry: error during renew: could not find role with name \"r\"", "PUT", "sys/leases/renew", lease);

        await _vault.DoAsync("DELETE", "db/config/c");
        const string Failure = "failed to revoke entry: resp: (*logical.Response)(nil) err: failed to find entry for connection with name: \"c\"";
        await _vault.RefusesAsync(400, Failure, "PUT", "sys/leases/revoke", lease);
        await _vault.RefusesAsync(400, $"failed to revoke \"{lease.lease_id}\": {Failure}", "PUT", "sys/leases/revoke-prefix/db/creds");
        await _vault.DoAsync("PUT", "sys/leases/revoke-force/db/creds");
        (await _vault.SendAsync("PUT", "sys/leases/lookup", lease)).Status.ShouldBe(400);
    }

    [Fact]
    public async Task By_default_a_privilege_that_cannot_be_taken_away_keeps_the_user()
    {
        var (postgres, database) = (await databases.PostgresAsync(), $"db_{Guid.CreateVersion7():N}");
        await ExecuteAsync(postgres, "postgres", $"CREATE DATABASE {database}");
        await ExecuteAsync(postgres, database, "DROP SCHEMA public");
        await ConfigureAsync(postgres, new { }, database);
        await _vault.DoAsync("POST", "db/roles/r", new { db_name = "c", creation_statements = "CREATE ROLE \"{{name}}\"", default_ttl = "1h" });
        var lease = (string)(await _vault.DoAsync("GET", "db/creds/r"))["lease_id"]!;
        await _vault.RefusesAsync(
            400, "failed to revoke entry: resp: (*logical.Response)(nil) err: could not perform all revocation statements: pq: schema \"public\" does not exist",
            "PUT", "sys/leases/revoke", new { lease_id = lease });
    }

    private Task RefusesTemplateAsync(string template, string message) => _vault.RefusesAsync(
        400, $"error creating database object: {message}", "POST", "db/config/c",
        new { plugin_name = "mysql-database-plugin", connection_url = "@tcp(h)/", verify_connection = false, username_template = template });

    private Task<JsonNode> ConfigureAsync(PostgresServer postgres, object more, string database = "app")
    {
        var config = JsonSerializer.SerializeToNode(more)!.AsObject();
        config["plugin_name"] = "postgresql-database-plugin";
        config["connection_url"] = $"postgresql://{postgres.Superuser}:{postgres.SuperuserPassword}@{postgres.Host}:{postgres.Port}/{database}?sslmode=disable";
        config["allowed_roles"] = "*";
        return _vault.DoAsync("POST", "db/config/c", config);
    }

    private static async Task ExecuteAsync(PostgresServer postgres, string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(postgres.AdminConnectionString(database));
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
