using Microsoft.Data.Sqlite;
using Portal.Sandbox.Servers;

namespace Portal.Tests.Support;

public static class SqliteFile
{
    /// <summary>Copies, for the owner alone, a database as it is now, with what lies in its write-ahead log.</summary>
    public static async Task CopyAsync(string from, string to)
    {
        await using (PrivateFile.Create(to))
        {
        }

        await using var source = new SqliteConnection($"Data Source={from}");
        await using var target = new SqliteConnection($"Data Source={to}");
        await source.OpenAsync(TestContext.Current.CancellationToken);
        await target.OpenAsync(TestContext.Current.CancellationToken);
        source.BackupDatabase(target);
    }
}
