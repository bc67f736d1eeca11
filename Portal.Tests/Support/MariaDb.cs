using MySqlConnector;
using Portal.Sandbox.Servers;

namespace Portal.Tests.Support;

/// <summary>What MariaDB itself says.</summary>
public static class MariaDb
{
    /// <summary>The number of "Access denied for user".</summary>
    public const int AccessDenied = 1045;

    extension(MariaDbServer server)
    {
        /// <summary>As the superuser.</summary>
        public Task ExecuteAsync(string sql) => server.QueryAsync<object?>(sql);

        /// <summary>As the superuser.</summary>
        /// <returns>the first value, or default when there is no row</returns>
        public async Task<T?> QueryAsync<T>(string sql)
        {
            await using var connection = new MySqlConnection(server.AdminConnectionString("billing"));
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            return await connection.QueryAsync<T>(sql);
        }

        public async Task<bool> HasUserAsync(string name) => await server.QueryAsync<long>($"SELECT count(*) FROM mysql.user WHERE User = '{name}'") > 0;

        public async Task<MySqlConnection> OpenAsync(string username, string password)
        {
            var connection = new MySqlConnection(server.ConnectionString("billing", username, password));
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            return connection;
        }

        /// <returns>The number of the error with which a login is refused; null when it is let in.</returns>
        public async Task<int?> RefusalAsync(string username, string password)
        {
            try
            {
                await using var connection = await server.OpenAsync(username, password);
                return null;
            }
            catch (MySqlException refusal)
            {
                return refusal.Number;
            }
        }
    }
}

/// <summary>What a session on MariaDB does.</summary>
public static class MariaDbSessions
{
    extension(MySqlConnection connection)
    {
        public async Task<T?> QueryAsync<T>(string sql)
        {
            await using var command = new MySqlCommand(sql, connection) { CommandTimeout = 0 };
            return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is T value ? value : default;
        }

        public Task ExecuteAsync(string sql) => connection.QueryAsync<object?>(sql);
    }
}
