using MySqlConnector;
using Npgsql;
using Portal.Sandbox.Servers;
using Portal.Tests.Sandbox;

[assembly: AssemblyFixture(typeof(DatabaseServers))]

namespace Portal.Tests.Sandbox;

/// <summary>A PostgreSQL and a MariaDB for the tests of the sandbox's Vault, each with a database <c>app</c>, started by the first test that asks.</summary>
public sealed class DatabaseServers : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vault-databases-");
    private readonly Lazy<Task<PostgresServer>> _postgres;
    private readonly Lazy<Task<MariaDbServer>> _mariaDb;

    public DatabaseServers()
    {
        _postgres = new(StartPostgresAsync);
        _mariaDb = new(StartMariaDbAsync);
    }

    public Task<PostgresServer> PostgresAsync() => _postgres.Value;

    public Task<MariaDbServer> MariaDbAsync() => _mariaDb.Value;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_postgres.IsValueCreated && _postgres.Value.IsCompletedSuccessfully)
            await (await _postgres.Value).DisposeAsync();
        if (_mariaDb.IsValueCreated && _mariaDb.Value.IsCompletedSuccessfully)
            await (await _mariaDb.Value).DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<PostgresServer> StartPostgresAsync()
    {
        var server = await PostgresServer.StartAsync(Path.Combine(_folder.FullName, "postgres"));
        await using var source = NpgsqlDataSource.Create(server.AdminConnectionString("postgres"));
        await using var command = source.CreateCommand("CREATE DATABASE app");
        await command.ExecuteNonQueryAsync();
        return server;
    }

    private async Task<MariaDbServer> StartMariaDbAsync()
    {
        var server = await MariaDbServer.StartAsync(Path.Combine(_folder.FullName, "mariadb"));
        await using var connection = new MySqlConnection(server.AdminConnectionString(""));
        await connection.OpenAsync();
        await using var command = new MySqlCommand("CREATE DATABASE app", connection);
        await command.ExecuteNonQueryAsync();
        return server;
    }
}
