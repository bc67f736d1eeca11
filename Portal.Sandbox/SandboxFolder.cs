using System.Globalization;
using Portal.Sandbox.Servers;

namespace Portal.Sandbox;

/// <summary>
/// The sandbox's files. All are 0600. As root the folder itself can be walked through, since PostgreSQL and
/// MariaDB run as other users below it.
/// </summary>
public sealed class SandboxFolder : IDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Walkers = UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const string LockName = "lock";

    private readonly FileStream _lock;
    private string _database = "portal.db";

    private SandboxFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    /// <summary>The portal's database. For another Vault than the sandbox's own it has a name of its own: see <see cref="UseDatabaseOf"/>.</summary>
    public string Database => At(_database);

    public string PortalLog => At("portal.log");

    /// <summary>What a headless sandbox would have printed.</summary>
    public string SandboxLog => At("sandbox.log");

    /// <summary>Where the pod's token would lie: rewritten before it ends.</summary>
    public string ServiceAccountToken => At("service-account-token");

    public string KubernetesCa => At("kubernetes-ca.pem");

    public string ReviewerToken => At("token-reviewer-jwt");

    public string GitHubClientSecret => At("github-client-secret");

    /// <summary>The access file that was applied.</summary>
    public string Access => At("access.yaml");

    public string Kubeconfig => At("kubeconfig");

    /// <summary>Addresses and tokens for scripts, there when everything is ready.</summary>
    public string Handover => At("sandbox.json");

    /// <summary>An access token of each user who may sign in, in a file of the login's name.</summary>
    public string Tokens => At("tokens");

    /// <summary>A good cloud credential of each type that has a cloud here, in a file of the type's name.</summary>
    public string Clouds => At("clouds");

    public string CloudsCa => At("clouds-ca.pem");

    public string Postgres => At("postgres");

    public string MariaDb => At("mariadb");

    public string Ssh => At("ssh");

    /// <param name="reset">Forgets the files in it; what lies deeper is the servers' own.</param>
    /// <exception cref="InvalidOperationException">A sandbox runs in it already.</exception>
    public static SandboxFolder Open(string path, bool reset)
    {
        path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, Environment.IsPrivilegedProcess ? Owner | Walkers : Owner);
        var folder = new SandboxFolder(path, Lock(path));
        if (reset)
            folder.Clear();
        return folder;
    }

    /// <summary>
    /// When a Vault of the sandbox's own was first used since its users in the database servers were last dropped. They lived in memory, so
    /// nobody else ends what they left there. Null: there was none; users that are there belong to another Vault, which ends them itself.
    /// </summary>
    public DateTimeOffset? OwnVaultSince =>
        File.Exists(OwnVault) && long.TryParse(File.ReadAllText(OwnVault), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private string OwnVault => At("own-vault-since");

    /// <summary>Notes, after users of former ones were dropped, whether a Vault of the sandbox's own is in use from now on.</summary>
    public void NoteOwnVault(bool isInUse)
    {
        File.Delete(OwnVault);
        if (!isInUse)
            return;
        using var file = new StreamWriter(PrivateFile.Create(OwnVault));
        file.Write(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
    }

    public void ForgetHandover()
    {
        File.Delete(Handover);
        if (Directory.Exists(Tokens))
            Directory.Delete(Tokens, recursive: true);
    }

    /// <summary>
    /// The sandbox's own Vault lives in memory, and with it the key that protects the portal's own keys: an earlier run's portal
    /// database can no longer be read, so the portal begins anew whenever that Vault does.
    /// </summary>
    /// <returns>Whether there was a database.</returns>
    public bool ForgetPortal()
    {
        var found = File.Exists(Database);
        foreach (var suffix in (string[])["", "-wal", "-shm"])
            File.Delete(Database + suffix);
        return found;
    }

    /// <summary>Gives the portal the database that goes with another Vault: none but that can read it, and it waits here meanwhile.</summary>
    /// <param name="vault">Hexadecimal.</param>
    public void UseDatabaseOf(string vault) => _database = $"portal-{vault}.db";

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(path, LockName), new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException exception)
        {
            throw new InvalidOperationException($"A sandbox runs in {path} already: stop it, or give this one another --folder.", exception);
        }
    }

    private void Clear()
    {
        foreach (var file in new DirectoryInfo(Path).EnumerateFiles().Where(file => file.Name != LockName))
            file.Delete();
    }

    private string At(string name) => System.IO.Path.Combine(Path, name);
}
