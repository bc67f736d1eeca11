using System.Globalization;
using System.Security.Cryptography;
using MySqlConnector;

namespace Portal.Sandbox.Servers;

/// <summary>A private MariaDB on loopback from Debian's package, with the seeded database `billing`.</summary>
public sealed class MariaDbServer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/mariadbd";
    private const string PidFile = "mariadb.pid";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly ServiceUser s_user = ServiceUser.Of("mysql");

    private readonly LogFile _log;
    private GuardedProcess? _process;

    private MariaDbServer(string folder, int port)
    {
        Folder = folder;
        Port = port;
        _log = new LogFile(Path.Combine(folder, "mariadb.log"));
    }

    /// <summary>Whether Debian's package mariadb-server-core is there.</summary>
    public static bool IsInstalled => File.Exists(Program);

    public string Host => "127.0.0.1";

    public int Port { get; }

    public string Superuser => "root";

    public string SuperuserPassword { get; } = RandomNumberGenerator.GetHexString(40, lowercase: true);

    /// <summary>The user as which Vault makes and drops users: it may do that, end sessions, and hand out what it may do in `billing`.</summary>
    public string VaultUsername => "vault";

    public string VaultPassword { get; private set; } = string.Empty;

    /// <summary>Where the data lies: not below the wanted folder when the server's user could not walk there.</summary>
    public string Folder { get; }

    private string Data => Path.Combine(Folder, "data");

    private string InitFile => Path.Combine(Folder, "init.sql");

    /// <param name="folder">the server's own; made when missing, and kept for the next start</param>
    /// <param name="port">0 picks a free one</param>
    /// <param name="anew">forgets the data of earlier starts</param>
    public static async Task<MariaDbServer> StartAsync(string folder, int port = 0, bool anew = false)
    {
        if (!IsInstalled)
            throw new InvalidOperationException("MariaDB is not installed: apt-get install mariadb-server-core mariadb-client-core");
        var server = new MariaDbServer(await s_user.OpenFolderAsync(folder), port == 0 ? FreePort.Next() : port);
        try
        {
            await Leftover.EndAsync(Path.Combine(server.Data, PidFile), server.Data, "TERM");
            await server.InitializeAsync(anew);
            await server.StartAgainAsync();
            server.VaultPassword = await BillingDatabase.SeedAsync(server);
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

    public string ConnectionString(string database, string username, string password) => new MySqlConnectionStringBuilder
    {
        Server = Host,
        Port = (uint)Port,
        Database = database,
        UserID = username,
        Password = password,
        Pooling = false,
        SslMode = MySqlSslMode.None,
        AllowUserVariables = true,
    }.ConnectionString;

    /// <summary>Ends every session; what was committed is kept.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        await _process.EndAsync(Signal.Terminate, s_patience);
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Starts it on the same port and waits until it takes connections.</summary>
    public async Task StartAgainAsync()
    {
        if (_process is not null)
            return;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (program, arguments) = s_user.Command(Program, Settings());
        _process = GuardedProcess.Start(program, arguments, line =>
        {
            _log.WriteLine(line);
            if (line.Contains("ready for connections", StringComparison.Ordinal))
                ready.TrySetResult();
        });
        if (await Task.WhenAny(ready.Task, _process.Exited).WaitAsync(s_patience) != ready.Task)
            throw new InvalidOperationException($"MariaDB did not start: see {_log.Path}");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _log.DisposeAsync();
    }

    private async Task InitializeAsync(bool anew)
    {
        if (anew)
            Remove(Data);
        if (!Directory.Exists(Data))
        {
            // Its name says that it is whole.
            var making = $"{Data}.new";
            Remove(making);
            await s_user.CreateFolderAsync(making);
            var (program, arguments) = s_user.Command("mariadb-install-db",
                "--no-defaults", $"--datadir={making}", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve");
            await ServiceUser.MustRunAsync(program, arguments);
            Directory.Move(making, Data);
        }

        // Anonymous users would shadow those that Vault makes.
        await PrivateFile.ReplaceAsync(InitFile, string.Create(CultureInfo.InvariantCulture, $"""
            DELETE FROM mysql.global_priv WHERE User = '' OR User = 'root';
            FLUSH PRIVILEGES;
            CREATE OR REPLACE USER '{Superuser}'@'%' IDENTIFIED BY '{SuperuserPassword}';
            GRANT ALL PRIVILEGES ON *.* TO '{Superuser}'@'%' WITH GRANT OPTION;

            """));
        await s_user.OwnAsync(InitFile);
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    // The socket's name is taken from the data folder, since paths of sockets end at 107 bytes.
    private string[] Settings() =>
    [
        "--no-defaults", $"--datadir={Data}", $"--port={Port}", $"--bind-address={Host}", "--socket=mariadb.sock", $"--pid-file={PidFile}",
        $"--init-file={InitFile}", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M",
        "--character-set-server=utf8mb4", "--skip-log-bin",
    ];
}
