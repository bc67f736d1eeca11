using System.Security.Cryptography;
using System.Text;

namespace Portal.Sandbox.Servers;

/// <summary>
/// The user of a Debian package, as whom root runs its server, which refuses to run as root. Whoever is not root runs
/// it as himself.
/// </summary>
internal sealed record ServiceUser(string Name, string Group)
{
    private const string Fallback = "/var/lib/portal-sandbox";
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The package's user where there is one, else the system's nobody.</summary>
    public static ServiceUser Of(string name) => File.ReadLines("/etc/passwd").Any(line => line.StartsWith($"{name}:", StringComparison.Ordinal))
        ? new ServiceUser(name, name)
        : new ServiceUser("nobody", "nogroup");

    /// <summary>Where a server's data will lie: the wanted folder, or one under /var/lib when its user cannot walk there.</summary>
    public async Task<string> OpenFolderAsync(string wanted)
    {
        var path = Path.GetFullPath(wanted);
        Directory.CreateDirectory(path);
        if (!Environment.IsPrivilegedProcess)
        {
            File.SetUnixFileMode(path, Owner);
            return path;
        }

        AllowWalking(path);
        if (await RunAsync("setpriv", [.. Switch, "test", "-x", path]) is null)
            return path;
        path = $"{Fallback}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..12]}";
        Directory.CreateDirectory(path);
        AllowWalking(Fallback);
        AllowWalking(path);
        return path;
    }

    /// <summary>A command that never runs as root.</summary>
    public (string Program, string[] Arguments) Command(string program, params IEnumerable<string> arguments) =>
        Environment.IsPrivilegedProcess ? ("setpriv", [.. Switch, program, .. arguments]) : (program, [.. arguments]);

    /// <summary>Makes a folder that is the user's alone.</summary>
    public async Task CreateFolderAsync(string path)
    {
        Directory.CreateDirectory(path, Owner);
        await OwnAsync(path);
    }

    /// <summary>Gives a file of root's to the user.</summary>
    public async Task OwnAsync(string path)
    {
        if (Environment.IsPrivilegedProcess)
            await MustRunAsync("chown", [$"{Name}:{Group}", path]);
    }

    public static async Task MustRunAsync(string program, IEnumerable<string> arguments)
    {
        if (await RunAsync(program, arguments) is { } error)
            throw new InvalidOperationException($"{program} failed: {error}");
    }

    private string[] Switch => [$"--reuid={Name}", $"--regid={Group}", "--init-groups"];

    // Only ever a folder that is the sandbox's own; its files keep their own modes.
    private static void AllowWalking(string path) =>
        File.SetUnixFileMode(path, Owner | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    /// <summary>Null when it went well, else what it said.</summary>
    private static async Task<string?> RunAsync(string program, IEnumerable<string> arguments) =>
        await Servers.Command.RunAsync(program, arguments) is { ExitCode: not 0 } failed ? failed.Said : null;
}
