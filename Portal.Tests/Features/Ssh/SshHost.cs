using System.Security.Cryptography;
using Portal.Sandbox.Servers;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

/// <summary>A host that a portal's script set up, with a real sshd, and the real client to log in to it.</summary>
public sealed class SshHost : IAsyncDisposable
{
    private static readonly Dictionary<string, string?> s_noAgent = new() { ["SSH_AUTH_SOCK"] = null };

    private readonly string _wanted;

    private SshHost(SshServer server, string wanted)
    {
        _wanted = wanted;
        Server = server;
    }

    public SshServer Server { get; }

    public string List => Path.Combine(Server.Directory, "revoked.krl");

    public byte[] ListBytes => File.ReadAllBytes(List);

    /// <param name="fetchEvery">Null: the list is fetched when a test says so.</param>
    public static async Task<SshHost> StartAsync(TestPortal portal, TimeSpan? fetchEvery = null)
    {
        var wanted = Path.Combine(Path.GetTempPath(), $"portal-host-{Guid.CreateVersion7():n}");
        return new SshHost(await SshServer.StartAsync(wanted, portal.Address, ["deploy", "ubuntu"], fetchEvery, TestContext.Current.CancellationToken), wanted);
    }

    /// <summary>Asks <c>ssh</c> to run a command there, with the certificate beside the key.</summary>
    public Task<Command> LoginAsync(string key, params string[] command) => Command.RunAsync(
        "ssh", [.. Client(key), $"{Server.User}@{Server.Host}", .. command.Length > 0 ? command : ["id"]], s_noAgent);

    /// <summary>Whether the door opens for it.</summary>
    /// <param name="certificate">Null: the one beside the key.</param>
    public async Task<bool> LetsInAsync(string key, string? certificate = null)
    {
        string[] named = certificate is null ? [] : ["-o", $"CertificateFile={certificate}"];
        var login = await Command.RunAsync("ssh", [.. Client(key), .. named, $"{Server.User}@{Server.Host}", "id"], s_noAgent);
        if (login.ExitCode != 0)
            login.Said.ShouldContain("Permission denied");
        return login.ExitCode == 0;
    }

    /// <summary>What comes of asking the host to connect to its own sshd.</summary>
    public Task<Command> ForwardAsync(string key) =>
        Command.RunAsync("ssh", [.. Client(key), "-W", $"{Server.Host}:{Server.Port}", $"{Server.User}@{Server.Host}"], s_noAgent);

    /// <summary>A client that forwards a port of this machine, until it is disposed.</summary>
    public GuardedProcess Tunnel(string key, int port, Uri target) => GuardedProcess.Start(
        "ssh", [.. Client(key), "-N", "-L", $"127.0.0.1:{port}:{target.Host}:{target.Port}", $"{Server.User}@{Server.Host}"], _ => { }, s_noAgent);

    /// <summary>Every file of the host that the script may touch: its mode and what is in it.</summary>
    public IReadOnlyDictionary<string, string> Snapshot() => Directory
        .EnumerateFileSystemEntries(Server.Folder, "*", SearchOption.AllDirectories)
        .Where(path => Path.GetExtension(path) is not (".log" or ".pid"))
        .ToDictionary(path => Path.GetRelativePath(Server.Folder, path), path =>
            $"{File.GetUnixFileMode(path)} {(File.Exists(path) ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) : "folder")}");

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(Server.Folder, recursive: true);
        if (Directory.Exists(_wanted))
            Directory.Delete(_wanted, recursive: true);
    }

    // sshd takes no connections for a moment while it reads its configuration again.
    private string[] Client(string key) =>
    [
        "-F", "none", "-p", $"{Server.Port}", "-i", key, "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "ConnectionAttempts=10",
        "-o", "StrictHostKeyChecking=yes", "-o", $"UserKnownHostsFile={Server.KnownHosts}",
    ];
}
