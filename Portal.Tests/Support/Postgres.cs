using Npgsql;
using Portal.Sandbox.Servers;

namespace Portal.Tests.Support;

/// <summary>What the database server itself says.</summary>
public static class Postgres
{
    extension(PostgresServer server)
    {
        public async Task<T> QueryAsync<T>(string sql, string database = "shop")
        {
            await using var connection = new NpgsqlConnection(server.AdminConnectionString(database));
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = new NpgsqlCommand(sql, connection);
            return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        }

        public Task<bool> HasUserAsync(string name) => server.QueryAsync<bool>($"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}')");

        /// <summary>Users that Vault made.</summary>
        public Task<string[]> VaultUsersAsync() =>
            server.QueryAsync<string[]>("SELECT coalesce(array_agg(rolname::text), '{}') FROM pg_roles WHERE rolname LIKE 'v-%'");

        public async Task<NpgsqlConnection> OpenAsync(string username, string password)
        {
            var connection = new NpgsqlConnection(server.ConnectionString("shop", username, password));
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            return connection;
        }

        /// <returns>The SQLSTATE with which a login is refused; null when it is let in.</returns>
        public async Task<string?> RefusalAsync(string username, string password)
        {
            try
            {
                await using var connection = await server.OpenAsync(username, password);
                return null;
            }
            catch (PostgresException refusal)
            {
                return refusal.SqlState;
            }
        }
    }
}
