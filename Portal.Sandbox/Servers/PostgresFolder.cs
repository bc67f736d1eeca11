using System.Globalization;
using System.Security.Cryptography;

namespace Portal.Sandbox.Servers;

/// <summary>
/// The data folder of a private PostgreSQL. PostgreSQL refuses to run as root, so root lends it to the package's
/// user `postgres`, who must be able to walk to it.
/// </summary>
internal sealed class PostgresFolder
{
    private static readonly ServiceUser s_user = ServiceUser.Of("postgres");

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
    public static async Task<PostgresFolder> OpenAsync(string wanted, string binaries) => new(await s_user.OpenFolderAsync(wanted), binaries);

    /// <summary>Makes the cluster unless it is there. Returns the superuser's password.</summary>
    public async Task<string> InitializeAsync()
    {
        if (await IsOfThisVersionAsync())
            return await File.ReadAllTextAsync(PasswordFile);

        Clear();
        var password = RandomNumberGenerator.GetHexString(40, lowercase: true);
        var passwordFile = PasswordFile + ".new";
        await PrivateFile.ReplaceAsync(passwordFile, password);
        await s_user.OwnAsync(passwordFile);
        await s_user.CreateFolderAsync(Data);

        var (program, arguments) = Command("initdb",
            "--pgdata", Data, "--auth=scram-sha-256", "--username=postgres", $"--pwfile={passwordFile}",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync");
        await ServiceUser.MustRunAsync(program, arguments);
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
    public (string Program, string[] Arguments) Command(string name, params IEnumerable<string> arguments) => s_user.Command($"{Binaries}/{name}", arguments);

    /// <summary>A server that a crashed run left behind.</summary>
    public Task EndLeftoverAsync() => Leftover.EndAsync(System.IO.Path.Combine(Data, "postmaster.pid"), Data, "QUIT");

    private async Task<bool> IsOfThisVersionAsync()
    {
        var version = System.IO.Path.Combine(Data, "PG_VERSION");
        return File.Exists(PasswordFile)
            && File.Exists(version)
            && Binaries == $"/usr/lib/postgresql/{(await File.ReadAllTextAsync(version)).Trim()}/bin";
    }
}
