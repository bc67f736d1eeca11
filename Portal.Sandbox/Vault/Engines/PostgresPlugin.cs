using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>PostgreSQL as Vault's plugin treats it.</summary>
internal sealed class PostgresPlugin : IDatabasePlugin
{
    private const string DefaultTemplate = """{{ printf "v-%s-%s-%s-%s" (.DisplayName | truncate 8) (.RoleName | truncate 8) (random 20) (unix_time) | truncate 63 }}""";
    private const string DefaultRenewal = """ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}';""";
    private const string DefaultPasswordChange = """ALTER ROLE "{{username}}" WITH PASSWORD '{{password}}';""";

    private readonly NpgsqlDataSource _source;
    private readonly ConnectionSlots _slots;
    private readonly UsernameTemplate _template;

    /// <exception cref="FormatException">the connection URL makes no sense</exception>
    public PostgresPlugin(DatabaseAccess access, bool isEscaped)
    {
        var settings = PostgresUrl.Parse(access.Fill(isEscaped));
        settings.MaxPoolSize = access.MaxConnections;
        _source = NpgsqlDataSource.Create(settings);
        _slots = new ConnectionSlots(access.MaxConnections, _source);
        _template = access.Template ?? UsernameTemplate.Parse(DefaultTemplate);
    }

    public Task VerifyAsync() => WithConnectionAsync(_ => Task.CompletedTask);

    public async Task<string> CreateUserAsync(NewUser user)
    {
        var username = _template.Generate(user.DisplayName, user.RoleName);
        await ExecuteAsync(user.Statements, Named(username, ("password", user.Password), ("expiration", Printed(user.Expires))));
        return username;
    }

    public Task RenewUserAsync(string username, DateTimeOffset expires, IReadOnlyList<string> statements) =>
        ExecuteAsync(statements.Count > 0 ? statements : [DefaultRenewal], Named(username, ("expiration", Printed(expires))));

    public Task ChangePasswordAsync(string username, string password, IReadOnlyList<string> statements) =>
        ExecuteAsync(statements.Count > 0 ? statements : [DefaultPasswordChange], Named(username, ("password", password)));

    public Task RemoveUserAsync(string username, IReadOnlyList<string> statements) =>
        statements.Count > 0 ? ExecuteAsync(statements, Named(username)) : WithConnectionAsync(connection => RemoveByDefaultAsync(connection, username));

    public ValueTask DisposeAsync() => _slots.DisposeAsync();

    private static Dictionary<string, string> Named(string username, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["name"] = username, ["username"] = username };
        foreach (var (name, value) in more)
            values[name] = value;
        return values;
    }

    /// <summary>Go's <c>2006-01-02 15:04:05-0700</c></summary>
    private static string Printed(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'+0000'", CultureInfo.InvariantCulture);

    /// <summary>One after another in one transaction, which the statements themselves may end and begin anew.</summary>
    private Task ExecuteAsync(IReadOnlyList<string> statements, Dictionary<string, string> values) => WithConnectionAsync(async connection =>
    {
        try
        {
            await RunAsync(connection, "BEGIN");
            foreach (var statement in Statements.Split(statements))
                await RunAsync(connection, Statements.Fill(statement, values));
            await RunAsync(connection, "COMMIT");
        }
        catch (PostgresException e)
        {
            await TryRollBackAsync(connection);
            throw new DatabaseFailure($"failed to execute query: pq: {e.MessageText}", e);
        }
    });

    /// <summary>What Vault does where a role says nothing: takes away the user's privileges, then the user.</summary>
    private static async Task RemoveByDefaultAsync(NpgsqlConnection connection, string username)
    {
        if (await ScalarAsync(connection, "SELECT EXISTS (SELECT rolname FROM pg_roles WHERE rolname = $1)", username) is not true)
            return;
        var quoted = Quoted(username);
        var revocations = new List<string>();
        foreach (var schema in await ColumnAsync(connection, "SELECT DISTINCT table_schema FROM information_schema.role_column_grants WHERE grantee = $1", username))
        {
            revocations.Add($"REVOKE ALL PRIVILEGES ON ALL TABLES IN SCHEMA {Quoted(schema)} FROM {quoted}");
            revocations.Add($"REVOKE USAGE ON SCHEMA {Quoted(schema)} FROM {quoted}");
        }

        revocations.Add($"REVOKE ALL PRIVILEGES ON ALL TABLES IN SCHEMA public FROM {quoted}");
        revocations.Add($"REVOKE ALL PRIVILEGES ON ALL SEQUENCES IN SCHEMA public FROM {quoted}");
        revocations.Add($"REVOKE USAGE ON SCHEMA public FROM {quoted}");
        revocations.Add($"REVOKE CONNECT ON DATABASE {Quoted((string)(await ScalarAsync(connection, "SELECT current_database()"))!)} FROM {quoted}");
        // As much as possible is taken away, whatever fails on the way.
        PostgresException? failure = null;
        foreach (var revocation in revocations)
        {
            try
            {
                await RunAsync(connection, revocation);
            }
            catch (PostgresException e)
            {
                failure = e;
            }
        }

        if (failure is not null)
            throw new DatabaseFailure($"could not perform all revocation statements: pq: {failure.MessageText}", failure);
        await RunAsync(connection, $"DROP ROLE IF EXISTS {quoted}");
    }

    private static string Quoted(string name) => '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 90;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, params string[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteScalarAsync();
    }

    private static async Task<List<string>> ColumnAsync(NpgsqlConnection connection, string sql, params string[] values)
    {
        var column = new List<string>();
        await using var command = Command(connection, sql, values);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            column.Add(reader.GetString(0));
        return column;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, string[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var value in values)
            command.Parameters.AddWithValue(value);
        return command;
    }

    private static async Task TryRollBackAsync(NpgsqlConnection connection)
    {
        try
        {
            await RunAsync(connection, "ROLLBACK");
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // The connection is broken: the server has rolled back by itself.
        }
    }

    private async Task WithConnectionAsync(Func<NpgsqlConnection, Task> use)
    {
        await _slots.TakeAsync();
        try
        {
            await using var connection = await _source.OpenConnectionAsync();
            await use(connection);
        }
        catch (PostgresException e)
        {
            throw new DatabaseFailure($"pq: {e.MessageText}", e);
        }
        catch (NpgsqlException e) when (e.InnerException is SocketException socket)
        {
            throw new DatabaseFailure($"dial tcp: connect: {socket.Message.ToLowerInvariant()}", e);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            throw new DatabaseFailure($"driver: bad connection: {e.Message}", e);
        }
        finally
        {
            _slots.Return();
        }
    }
}
