using System.Data.Common;
using System.Globalization;
using MySqlConnector;
using Npgsql;
using Portal.Sandbox.Servers;

namespace Portal.Tests.Sandbox;

/// <summary>A server of either kind that leases hang on, spoken to alike.</summary>
/// <param name="Url">with Vault's own user and password in it</param>
/// <param name="Timestamp">the column type whose default is the clock's time, not that of the transaction</param>
public sealed record LeaseServer(string Plugin, string Url, string Timestamp, Func<DbConnection> Connect)
{
    public bool IsPostgres => Plugin.StartsWith("postgresql", StringComparison.Ordinal);

    public string CreateUser => IsPostgres ? "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}'" : "CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}'";

    public string DropUser => IsPostgres ? "DROP ROLE \"{{name}}\"" : "DROP USER '{{name}}'@'%'";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static LeaseServer Of(PostgresServer server, string database) => new(
        "postgresql-database-plugin",
        $"postgresql://{server.Superuser}:{server.SuperuserPassword}@{server.Host}:{server.Port}/{database}?sslmode=disable",
        "timestamptz DEFAULT clock_timestamp()",
        () => new NpgsqlConnection(server.AdminConnectionString(database)));

    public static LeaseServer Of(MariaDbServer server, string database) => new(
        "mysql-database-plugin",
        $"{server.Superuser}:{server.SuperuserPassword}@tcp({server.Host}:{server.Port})/{database}",
        "timestamp(6) DEFAULT current_timestamp(6)",
        () => new MySqlConnection(server.AdminConnectionString(database)));

    public async Task ConfigureAsync(VaultUnderTest vault)
    {
        await vault.DoAsync("POST", "sys/mounts/db", new { type = "database" });
        await vault.DoAsync("POST", "db/config/c", new { plugin_name = Plugin, connection_url = Url, allowed_roles = "*" });
    }

    public async Task<long> CountUsersAsync(string pattern) =>
        await NumberAsync(IsPostgres ? $"SELECT count(*) FROM pg_roles WHERE rolname LIKE '{pattern}'" : $"SELECT count(*) FROM mysql.user WHERE User LIKE '{pattern}'");

    public async Task<long> NumberAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(Cancelled), CultureInfo.InvariantCulture);
    }

    public async Task<Dictionary<string, DateTimeOffset>> TimesAsync(string table)
    {
        var times = new Dictionary<string, DateTimeOffset>();
        await using var connection = await OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT name, {(IsPostgres ? "extract(epoch from at)" : "unix_timestamp(at)")} FROM {table}";
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        while (await reader.ReadAsync(Cancelled))
            times.Add(reader.GetString(0), DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds((double)reader.GetDecimal(1)));
        return times;
    }

    private async Task<DbConnection> OpenAsync()
    {
        var connection = Connect();
        await connection.OpenAsync(Cancelled);
        return connection;
    }
}
