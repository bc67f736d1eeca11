using System.Security.Cryptography;
using Npgsql;

namespace Portal.Sandbox.Servers;

/// <summary>The seeded database: `shop.sql`, and the role as which Vault manages its users.</summary>
internal static class ShopDatabase
{
    /// <summary>Makes what is missing and gives the role `vault` a new password, which is returned.</summary>
    public static async Task<string> SeedAsync(PostgresServer server)
    {
        var password = RandomNumberGenerator.GetHexString(40, lowercase: true);
        await using (var connection = new NpgsqlConnection(server.AdminConnectionString("postgres")))
        {
            await connection.OpenAsync();
            if (await ScalarAsync(connection, "SELECT 1 FROM pg_database WHERE datname = 'shop'") is null)
            {
                await ExecuteAsync(connection, SeedFile.Read("roles.sql"));
                await ExecuteAsync(connection, "CREATE DATABASE shop OWNER shop");
            }

            await ExecuteAsync(connection, $"ALTER ROLE vault PASSWORD '{password}'");
        }

        await using var shop = new NpgsqlConnection(server.AdminConnectionString("shop"));
        await shop.OpenAsync();
        if (await ScalarAsync(shop, "SELECT 1 FROM pg_tables WHERE tablename = 'customers'") is null)
            await ExecuteAsync(shop, SeedFile.Read("shop.sql"));
        return password;
    }

    /// <summary>Users that a Vault made which is no more: nobody else would end them.</summary>
    /// <param name="since">Older ones belong to another Vault.</param>
    public static async Task DropUsersOfVaultAsync(PostgresServer server, DateTimeOffset since)
    {
        await using var connection = new NpgsqlConnection(server.AdminConnectionString("shop"));
        await connection.OpenAsync();
        await ExecuteAsync(connection, SeedFile.Read("drop-users-of-vault.sql").Replace("{since}", $"{since.ToUnixTimeSeconds()}", StringComparison.Ordinal));
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
