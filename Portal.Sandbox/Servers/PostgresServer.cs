using Npgsql;

namespace Portal.Sandbox.Servers;

/// <summary>A private PostgreSQL on loopback from Debian's package, with the seeded database `shop`.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly PostgresFolder _folder;
    private readonly LogFile _log;
    private GuardedProcess? _process;

    private PostgresServer(PostgresFolder folder, int port, string superuserPassword)
    {
        _folder = folder;
        Port = port;
        SuperuserPassword = superuserPassword;
        _log = new LogFile(folder.Log);
    }

    /// <summary>Whether Debian's package postgresql is there.</summary>
    public static bool IsInstalled => PostgresFolder.FindBinaries() is not null;

    public string Host => "127.0.0.1";

    public int Port { get; }

    public string Superuser => "postgres";

    public string SuperuserPassword { get; }

    /// <summary>The role as which Vault makes and drops users: no superuser, but a member of `shop`, who owns the database of that name.</summary>
    public string VaultUsername => "vault";

    public string VaultPassword { get; private set; } = string.Empty;

    /// <summary>The server's process, or null while it is stopped.</summary>
    public int? ProcessId => _process?.Id;

    /// <summary>Where the data lies: not below the wanted folder when the server's user could not walk there.</summary>
    public string Directory => _folder.Path;

    /// <param name="directory">The server's own folder: made when missing, and kept for the next start.</param>
    /// <param name="port">0 picks a free one.</param>
    /// <param name="anew">Forgets the data of earlier starts.</param>
    public static async Task<PostgresServer> StartAsync(string directory, int port = 0, bool anew = false)
    {
        var binaries = PostgresFolder.FindBinaries()
            ?? throw new InvalidOperationException("PostgreSQL is not installed: apt-get install postgresql");
        var folder = await PostgresFolder.OpenAsync(directory, binaries);
        await folder.EndLeftoverAsync();
        if (anew)
            folder.Clear();
        var server = new PostgresServer(folder, port == 0 ? FreePort.Next() : port, await folder.InitializeAsync());
        try
        {
            await server.StartAgainAsync();
            server.VaultPassword = await ShopDatabase.SeedAsync(server);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>As the superuser, without a pool: a connection that is closed is gone.</summary>
    public string AdminConnectionString(string database) => ConnectionString(database, Superuser, SuperuserPassword);

    public string ConnectionString(string database, string username, string password) => new NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = Port,
        Database = database,
        Username = username,
        Password = password,
        Pooling = false,
        SslMode = SslMode.Disable,
    }.ConnectionString;

    /// <summary>Ends every session at once, as a crash would; what was committed is kept.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        await _process.EndAsync(Signal.Quit, s_patience);
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Starts it on the same port and waits until it takes connections.</summary>
    public async Task StartAgainAsync()
    {
        if (_process is not null)
            return;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (program, arguments) = _folder.Command("postgres", Settings());
        _process = GuardedProcess.Start(program, arguments, line =>
        {
            _log.WriteLine(line);
            if (line.Contains("database system is ready to accept connections", StringComparison.Ordinal))
                ready.TrySetResult();
        }, guardSignal: "QUIT");

        var first = await Task.WhenAny(ready.Task, _process.Exited).WaitAsync(s_patience);
        if (first != ready.Task)
            throw new InvalidOperationException($"PostgreSQL did not start: see {_folder.Log}");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _log.DisposeAsync();
    }

    // No sockets, since their paths end at 107 bytes. No statement in the log, since statements carry passwords.
    private string[] Settings() =>
    [
        "-D", _folder.Data, "-p", $"{Port}",
        "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "password_encryption=scram-sha-256",
        "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=32MB",
        "-c", "logging_collector=off", "-c", "log_destination=stderr", "-c", "lc_messages=C", "-c", "log_min_error_statement=panic",
    ];
}
