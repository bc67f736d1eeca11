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

    private SandboxFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    /// <summary>The portal's database.</summary>
    public string Database => At("portal.db");

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

    public string Postgres => At("postgres");

    public string MariaDb => At("mariadb");

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
    /// Vault lives in memory, and with it the key that protects the portal's own keys: an earlier run's portal database
    /// can no longer be read, so the portal begins anew whenever Vault does.
    /// </summary>
    /// <returns>Whether there was a database.</returns>
    public bool ForgetPortal()
    {
        File.Delete(Handover);
        var found = File.Exists(Database);
        foreach (var suffix in (string[])["", "-wal", "-shm"])
            File.Delete(Database + suffix);
        return found;
    }

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
