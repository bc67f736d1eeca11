using System.Diagnostics;
using System.Globalization;

namespace Portal.Sandbox.Servers;

/// <summary>
/// A private sshd on loopback from Debian's package, made ready by the portal's own script, as an administrator would do it. It takes
/// certificates alone, and has no account but that of whoever runs it: the principals all lead there.
/// </summary>
public sealed class SshServer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/sshd";
    private static readonly string[] s_fetchers = ["/usr/bin/curl", "/usr/bin/wget"];
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly LogFile _log;
    private GuardedProcess? _process;
    private Task _fetching = Task.CompletedTask;

    private SshServer(string folder, int port)
    {
        Folder = folder;
        Port = port;
        _log = new LogFile(Path.Combine(folder, "host.log"));
    }

    /// <summary>Whether Debian's package openssh-server is there, and something to fetch with.</summary>
    public static bool IsInstalled => File.Exists(Program) && s_fetchers.Any(File.Exists);

    public string Host => "127.0.0.1";

    public int Port { get; }

    /// <summary>The one account: whose this process is.</summary>
    public string User => Environment.UserName;

    /// <summary>Not the wanted one when others may write above it.</summary>
    public string Folder { get; }

    /// <summary>What the script wrote.</summary>
    public string Directory => Path.Combine(Folder, "vault-portal");

    /// <summary>sshd's configuration, which the script adds to.</summary>
    public string Config => Path.Combine(Folder, "sshd_config");

    /// <summary>The host's own key, as clients remember it.</summary>
    public string KnownHosts => Path.Combine(Folder, "known_hosts");

    /// <summary>What sshd says.</summary>
    public string LogPath => Path.Combine(Folder, "sshd.log");

    private string HostKey => Path.Combine(Folder, "host_key");

    private string PidFile => Path.Combine(Folder, "sshd.pid");

    private string Script => Path.Combine(Folder, "host.sh");

    /// <summary>Has the portal's script make a host of this machine and starts its sshd.</summary>
    /// <param name="wanted">the server's own folder; made when missing, its host key is kept for the next start</param>
    /// <param name="portal">where the script comes from</param>
    /// <param name="principals">that the account takes</param>
    /// <param name="fetchEvery">how often the revocation list is fetched; null: when asked to alone</param>
    public static async Task<SshServer> StartAsync(
        string wanted, Uri portal, IReadOnlyList<string> principals, TimeSpan? fetchEvery = null, CancellationToken cancellationToken = default)
    {
        if (!IsInstalled)
            throw new InvalidOperationException("sshd is not installed: apt-get install openssh-server curl");
        var server = new SshServer(SshFolder.Open(wanted), FreePort.Next());
        try
        {
            await Leftover.EndAsync(server.PidFile, server.Folder, "TERM");
            await server.WriteFilesAsync(cancellationToken);
            await server.FetchScriptAsync(portal, cancellationToken);
            var setUp = await server.SetUpAsync(["--account", $"{server.User}={string.Join(',', principals)}"]);
            if (setUp.ExitCode != 0)
                throw new InvalidOperationException($"The portal's host.sh failed: {setUp.Said}");
            await server.StartAgainAsync();
            if (fetchEvery is { } interval)
                server._fetching = server.FetchAsync(interval);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the portal's script on this host.</summary>
    /// <param name="environment">On top of this process's own.</param>
    public Task<Command> SetUpAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null) => LoggedAsync(
        ["sh", Script, "--directory", Directory, "--sshd-config", Config, "--no-timer", .. arguments], environment);

    /// <summary>Fetches the revocation list now, by the program that the timer of a host runs.</summary>
    /// <param name="environment">On top of this process's own.</param>
    public Task<Command> UpdateAsync(IReadOnlyDictionary<string, string?>? environment = null) =>
        LoggedAsync(["sh", Path.Combine(Directory, "update")], environment);

    /// <summary>Ends the server and its sessions.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        var sessions = Children(_process.Id);
        await _process.EndAsync(Signal.Terminate, s_patience);
        foreach (var session in sessions)
            End(session);
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Starts it on the same port and waits until it takes connections.</summary>
    public async Task StartAgainAsync()
    {
        if (_process is not null)
            return;
        File.Delete(PidFile);
        _process = GuardedProcess.Start(Program, ["-D", "-f", Config, "-E", LogPath], _log.WriteLine);
        using var enough = new CancellationTokenSource(s_patience);
        // It listens before it writes its id.
        while (!File.Exists(PidFile))
        {
            if (_process.HasExited || enough.IsCancellationRequested)
                throw new InvalidOperationException($"sshd did not start: see {LogPath}");
            await Task.Delay(s_pause);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _fetching;
        await StopAsync();
        _stop.Dispose();
        await _log.DisposeAsync();
    }

    private async Task WriteFilesAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(HostKey))
            await ServiceUser.MustRunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "sandbox", "-f", HostKey]);
        var key = await File.ReadAllTextAsync($"{HostKey}.pub", cancellationToken);
        await PrivateFile.ReplaceAsync(KnownHosts, $"[{Host}]:{Port} {key}");
        // It lets every certificate forward ports, so that the certificate's own extensions decide.
        await PrivateFile.ReplaceAsync(Config, string.Create(CultureInfo.InvariantCulture, $"""
            Include {Config}.d/*.conf
            ListenAddress {Host}
            Port {Port}
            HostKey {HostKey}
            PidFile {PidFile}
            AllowUsers {User}
            PermitRootLogin prohibit-password
            AuthorizedKeysFile none
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            UsePAM no
            AllowTcpForwarding yes
            PrintMotd no
            Subsystem sftp internal-sftp

            """));
    }

    // A portal that has just started says 503 until it has asked Vault for its authority.
    private async Task FetchScriptAsync(Uri portal, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = portal };
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(s_patience);
        foreach (var path in (string[])["/api/v1/ssh/ca", "/api/v1/ssh/krl"])
        {
            while (!await AnswersAsync(http, path, enough.Token))
                await Task.Delay(s_pause, enough.Token);
        }

        await PrivateFile.ReplaceAsync(Script, await http.GetStringAsync(new Uri("/api/v1/ssh/host.sh", UriKind.Relative), cancellationToken));
    }

    private static async Task<bool> AnswersAsync(HttpClient http, string path, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        return response.IsSuccessStatusCode;
    }

    private async Task FetchAsync(TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
                await UpdateAsync();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The server ends.
        }
    }

    private async Task<Command> LoggedAsync(string[] command, IReadOnlyDictionary<string, string?>? environment)
    {
        var ran = await Command.RunAsync(command[0], command[1..], environment);
        if (ran.Said.Length > 0)
            _log.WriteLine(ran.Said.TrimEnd());
        return ran;
    }

    // Each connection has a process, which outlives the server as the connection does.
    private static int[] Children(int process)
    {
        var children = $"/proc/{process}/task/{process}/children";
        return File.Exists(children)
            ? [.. File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child => int.Parse(child, CultureInfo.InvariantCulture))]
            : [];
    }

    private static void End(int session)
    {
        try
        {
            using var process = Process.GetProcessById(session);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It has ended.
        }
    }
}
