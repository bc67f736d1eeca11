using System.Security.Cryptography;
using MySqlConnector;

namespace Portal.Sandbox.Servers;

/// <summary>The seeded database of MariaDB: `billing.sql`, and the user as which Vault manages its users.</summary>
internal static class BillingDatabase
{
    /// <summary>Makes what is missing and gives the user `vault` a new password, which is returned.</summary>
    public static async Task<string> SeedAsync(MariaDbServer server)
    {
        var password = RandomNumberGenerator.GetHexString(40, lowercase: true);
        await using var connection = new MySqlConnection(server.AdminConnectionString(""));
        await connection.OpenAsync();
        await ExecuteAsync(connection, SeedFile.Read("billing.sql"));
        await ExecuteAsync(connection, SeedFile.Read("billing-vault.sql"));
        await ExecuteAsync(connection, $"ALTER USER 'vault'@'%' IDENTIFIED BY '{password}'");
        return password;
    }

    /// <summary>Users that a Vault made which is no more: nobody else would end them.</summary>
    /// <param name="since">Older ones belong to another Vault.</param>
    public static async Task DropUsersOfVaultAsync(MariaDbServer server, DateTimeOffset since)
    {
        await using var connection = new MySqlConnection(server.AdminConnectionString(""));
        await connection.OpenAsync();
        await ExecuteAsync(connection, SeedFile.Read("billing-drop-users-of-vault.sql").Replace("{since}", $"{since.ToUnixTimeSeconds()}", StringComparison.Ordinal));
    }

    private static async Task ExecuteAsync(MySqlConnection connection, string sql)
    {
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
