using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Sandbox.Servers;

/// <summary>
/// The data folder of a private PostgreSQL. PostgreSQL refuses to run as root, so root lends it to the package's
/// user `postgres`, who must be able to walk to it.
/// </summary>
internal sealed class PostgresFolder
{
    private const string Fallback = "/var/lib/portal-sandbox";
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly string[] s_asPostgres = ["--reuid=postgres", "--regid=postgres", "--init-groups"];

    private PostgresFolder(string path, string binaries)
    {
        Path = path;
        Binaries = binaries;
    }

    public string Path { get; }

    public string Data => System.IO.Path.Combine(Path, "data");

    public string Log => System.IO.Path.Combine(Path, "postgres.log");

    private string Binaries { get; }

    private string PasswordFile => System.IO.Path.Combine(Path, "superuser-password");

    /// <summary>The newest installed server's programs, or null when the package is missing.</summary>
    public static string? FindBinaries() =>
        !Directory.Exists("/usr/lib/postgresql")
            ? null
            : Directory.GetDirectories("/usr/lib/postgresql")
                .Where(version => File.Exists($"{version}/bin/initdb"))
                .OrderByDescending(version => int.Parse(System.IO.Path.GetFileName(version), CultureInfo.InvariantCulture))
                .Select(version => $"{version}/bin")
                .FirstOrDefault();

    /// <summary>Where the data will lie: the wanted folder, or one under /var/lib when root's `postgres` cannot walk there.</summary>
    public static async Task<PostgresFolder> OpenAsync(string wanted, string binaries)
    {
        var path = System.IO.Path.GetFullPath(wanted);
        Directory.CreateDirectory(path);
        if (!Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(path, Owner);
        }
        else
        {
            AllowWalking(path);
            if (await RunAsync("setpriv", [.. s_asPostgres, "test", "-x", path]) is not null)
            {
                path = $"{Fallback}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..12]}";
                Directory.CreateDirectory(path);
                AllowWalking(Fallback);
                AllowWalking(path);
            }
        }

        return new PostgresFolder(path, binaries);
    }

    /// <summary>Makes the cluster unless it is there. Returns the superuser's password.</summary>
    public async Task<string> InitializeAsync()
    {
        if (await IsOfThisVersionAsync())
            return await File.ReadAllTextAsync(PasswordFile);

        Clear();
        var password = RandomNumberGenerator.GetHexString(40, lowercase: true);
        var passwordFile = PasswordFile + ".new";
        await PrivateFile.ReplaceAsync(passwordFile, password);
        Directory.CreateDirectory(Data, Owner);
        if (Environment.IsPrivilegedProcess)
            await MustRunAsync("chown", ["postgres:postgres", Data, passwordFile]);

        var (program, arguments) = Command("initdb",
            "--pgdata", Data, "--auth=scram-sha-256", "--username=postgres", $"--pwfile={passwordFile}",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync");
        await MustRunAsync(program, arguments);
        // Its place says that the cluster is whole.
        File.Move(passwordFile, PasswordFile);
        return password;
    }

    public void Clear()
    {
        File.Delete(PasswordFile);
        if (Directory.Exists(Data))
            Directory.Delete(Data, recursive: true);
    }

    /// <summary>One of the server's programs, as a command that never runs as root.</summary>
    public (string Program, string[] Arguments) Command(string name, params IEnumerable<string> arguments) =>
        Environment.IsPrivilegedProcess
            ? ("setpriv", [.. s_asPostgres, $"{Binaries}/{name}", .. arguments])
            : ($"{Binaries}/{name}", [.. arguments]);

    /// <summary>A server that a crashed run left behind, by its own pid file.</summary>
    public async Task EndLeftoverAsync()
    {
        var pidFile = System.IO.Path.Combine(Data, "postmaster.pid");
        if (!File.Exists(pidFile))
            return;
        var pid = (await File.ReadAllLinesAsync(pidFile)).FirstOrDefault();
        var commandLine = $"/proc/{pid}/cmdline";
        if (!File.Exists(commandLine) || !(await File.ReadAllTextAsync(commandLine)).Contains(Data, StringComparison.Ordinal))
            return;
        using var leftover = Process.GetProcessById(int.Parse(pid!, CultureInfo.InvariantCulture));
        await MustRunAsync("kill", ["-QUIT", pid!]);
        await leftover.WaitForExitAsync();
    }

    private async Task<bool> IsOfThisVersionAsync()
    {
        var version = System.IO.Path.Combine(Data, "PG_VERSION");
        return File.Exists(PasswordFile)
            && File.Exists(version)
            && Binaries == $"/usr/lib/postgresql/{(await File.ReadAllTextAsync(version)).Trim()}/bin";
    }

    // Only ever a folder that is the sandbox's own; its files keep their own modes.
    private static void AllowWalking(string path) =>
        File.SetUnixFileMode(path, Owner | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    private static async Task MustRunAsync(string program, IEnumerable<string> arguments)
    {
        if (await RunAsync(program, arguments) is { } error)
            throw new InvalidOperationException($"{program} failed: {error}");
    }

    /// <summary>Null when it went well, else what it said.</summary>
    private static async Task<string?> RunAsync(string program, IEnumerable<string> arguments)
    {
        var said = new StringBuilder();
        await using var process = GuardedProcess.Start(program, arguments, line =>
        {
            lock (said)
                said.AppendLine(line);
        });
        await process.Exited;
        return process.ExitCode == 0 ? null : said.ToString();
    }
}
