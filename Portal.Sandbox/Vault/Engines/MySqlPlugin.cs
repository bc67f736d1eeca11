using System.Globalization;
using MySqlConnector;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>MySQL and MariaDB as Vault's plugin treats them.</summary>
internal sealed class MySqlPlugin : IDatabasePlugin
{
    private const string DefaultTemplate = """{{ printf "v-%s-%s-%s-%s" (.DisplayName | truncate 10) (.RoleName | truncate 10) (random 20) (unix_time) | truncate 32 }}""";
    private const string DefaultRevocation = "REVOKE ALL PRIVILEGES, GRANT OPTION FROM '{{name}}'@'%'; DROP USER '{{name}}'@'%'";
    private const string DefaultPasswordChange = "ALTER USER '{{username}}'@'%' IDENTIFIED BY '{{password}}';";

    private readonly MySqlDataSource _source;
    private readonly ConnectionSlots _slots;
    private readonly UsernameTemplate _template;

    /// <exception cref="FormatException">the connection URL makes no sense</exception>
    public MySqlPlugin(DatabaseAccess access)
    {
        var settings = MySqlUrl.Parse(access.Fill(isEscaped: false));
        settings.MaximumPoolSize = (uint)access.MaxConnections;
        _source = new MySqlDataSource(settings.ConnectionString);
        _slots = new ConnectionSlots(access.MaxConnections, _source);
        _template = access.Template ?? UsernameTemplate.Parse(DefaultTemplate);
    }

    public Task VerifyAsync() => WithConnectionAsync(_ => Task.CompletedTask);

    public async Task<string> CreateUserAsync(NewUser user)
    {
        var username = _template.Generate(user.DisplayName, user.RoleName);
        var expiration = user.Expires.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'+0000'", CultureInfo.InvariantCulture);
        await ExecuteAsync(user.Statements, username, ("password", user.Password), ("expiration", expiration));
        return username;
    }

    /// <summary>The server knows no end of a user: the lease alone counts.</summary>
    public Task RenewUserAsync(string username, DateTimeOffset expires, IReadOnlyList<string> statements) => Task.CompletedTask;

    public Task RemoveUserAsync(string username, IReadOnlyList<string> statements) =>
        ExecuteAsync(statements.Count > 0 ? statements : [DefaultRevocation], username);

    public Task ChangePasswordAsync(string username, string password, IReadOnlyList<string> statements) =>
        ExecuteAsync(statements.Count > 0 ? statements : [DefaultPasswordChange], username, ("password", password));

    public ValueTask DisposeAsync() => _slots.DisposeAsync();

    private Task ExecuteAsync(IReadOnlyList<string> statements, string username, params (string Name, string Value)[] more) => WithConnectionAsync(async connection =>
    {
        var values = more.Append(("name", username)).Append(("username", username)).ToDictionary(value => value.Item1, value => value.Item2, StringComparer.Ordinal);
        await RunAsync(connection, "START TRANSACTION");
        foreach (var statement in Statements.Split(statements))
            await RunAsync(connection, Statements.Fill(statement, values));
        await RunAsync(connection, "COMMIT");
    });

    private static async Task RunAsync(MySqlConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 90;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A connection that goes back to the pool is reset, and what it left open rolled back.</summary>
    private async Task WithConnectionAsync(Func<MySqlConnection, Task> use)
    {
        await _slots.TakeAsync();
        try
        {
            await using var connection = await _source.OpenConnectionAsync();
            await use(connection);
        }
        catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.UnableToConnectToHost)
        {
            // The driver keeps the socket's own words to itself.
            throw new DatabaseFailure("dial tcp: connect: connection refused", e);
        }
        catch (MySqlException e)
        {
            throw new DatabaseFailure($"Error {e.Number}: {e.Message}", e);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            throw new DatabaseFailure($"driver: bad connection: {e.Message}", e);
        }
        finally
        {
            _slots.Return();
        }
    }
}
