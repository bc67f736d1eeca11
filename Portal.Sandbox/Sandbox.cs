using Portal.Sandbox.GitHub;
using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Servers;
using Portal.Sandbox.Vault;

namespace Portal.Sandbox;

/// <summary>Everything outside the portal, on loopback, set up for it; the portal itself is started on top.</summary>
public sealed class Sandbox : IAsyncDisposable
{
    // In the order of their start; ended in the opposite one.
    private readonly Stack<IAsyncDisposable> _running = [];
    private PostgresServer? _postgres;
    private MariaDbServer? _mariaDb;

    private Sandbox(SandboxFolder folder, PortalProgram program)
    {
        Folder = folder;
        Program = program;
    }

    public SandboxFolder Folder { get; }

    public PortalProgram Program { get; }

    public VaultServer Vault { get; private set; } = null!;

    public GitHubServer GitHub { get; private set; } = null!;

    public KubernetesServer Kubernetes { get; private set; } = null!;

    public bool HasPostgres => _postgres is not null;

    /// <exception cref="InvalidOperationException">PostgreSQL is not installed here.</exception>
    public PostgresServer Postgres => _postgres ?? throw new InvalidOperationException("PostgreSQL is not installed: apt-get install postgresql");

    public bool HasMariaDb => _mariaDb is not null;

    /// <exception cref="InvalidOperationException">MariaDB is not installed here.</exception>
    public MariaDbServer MariaDb =>
        _mariaDb ?? throw new InvalidOperationException("MariaDB is not installed: apt-get install mariadb-server-core mariadb-client-core");

    /// <summary>Whether an earlier run's portal database was dropped, which its Vault's end had made unreadable.</summary>
    public bool BeganAnew { get; private set; }

    public static async Task<Sandbox> StartAsync(SandboxOptions options, CancellationToken cancellationToken = default)
    {
        var program = PortalProgram.Find(options.Portal);
        var sandbox = new Sandbox(SandboxFolder.Open(options.Folder, options.Reset), program);
        try
        {
            await sandbox.StartServersAsync(options);
            cancellationToken.ThrowIfCancellationRequested();
            await sandbox.WriteFilesAsync();
            await sandbox.SetUpAsync(cancellationToken);
            return sandbox;
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    /// <summary>A portal's configuration, by key. Everything in it would be the same in production but the values.</summary>
    /// <param name="publicUrl">Where it is reached, and listens: <c>http://127.0.0.1:port</c>.</param>
    /// <param name="database">Its Sqlite file; absent: the one that `apply` filled.</param>
    public IReadOnlyDictionary<string, string?> PortalSettings(Uri publicUrl, string? database = null) => new Dictionary<string, string?>
    {
        ["Portal:PublicUrl"] = publicUrl.GetLeftPart(UriPartial.Authority),
        ["Portal:AdminTeam"] = "platform-admins",
        ["Portal:Label"] = "sandbox",
        ["Database:ConnectionString"] = $"Data Source={database ?? Folder.Database}",
        ["Vault:Address"] = Vault.Address.GetLeftPart(UriPartial.Authority),
        ["Vault:TokenFile"] = Folder.ServiceAccountToken,
        ["SignIn:GitHub:Url"] = GitHub.Address.GetLeftPart(UriPartial.Authority),
        ["SignIn:GitHub:ClientId"] = new GitHubServerOptions().ClientId,
        ["SignIn:GitHub:ClientSecretFile"] = Folder.GitHubClientSecret,
        ["SignIn:GitHub:Organizations:0"] = "acme",
    };

    /// <summary>Starts the portal and waits until it can do its work.</summary>
    public async Task<PortalProcess> StartPortalAsync(Uri publicUrl, CancellationToken cancellationToken = default)
    {
        var portal = PortalProcess.Start(Program, PortalSettings(publicUrl), Folder.PortalLog);
        try
        {
            await portal.WaitUntilReadyAsync(cancellationToken);
            return portal;
        }
        catch
        {
            await portal.DisposeAsync();
            throw;
        }
    }

    /// <summary>Brings the database to what an access file says, as an operator would.</summary>
    /// <returns>What `apply` printed.</returns>
    public Task<string> ApplyAsync(string accessFile, string? database = null, CancellationToken cancellationToken = default) =>
        Program.RunAsync(OperatorSettings(database), ["apply", accessFile], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        while (_running.TryPop(out var server))
            await server.DisposeAsync();
        Folder.Dispose();
    }

    private async Task StartServersAsync(SandboxOptions options)
    {
        BeganAnew = Folder.ForgetPortal();
        Vault = Keep(await VaultServer.StartAsync(new VaultServerOptions()));
        GitHub = Keep(await GitHubServer.StartAsync());
        Kubernetes = Keep(await KubernetesServer.StartAsync());
        if (PostgresServer.IsInstalled)
        {
            _postgres = Keep(await PostgresServer.StartAsync(Folder.Postgres, anew: options.Reset));
            await ShopDatabase.DropUsersOfVaultAsync(_postgres);
        }

        if (MariaDbServer.IsInstalled)
        {
            _mariaDb = Keep(await MariaDbServer.StartAsync(Folder.MariaDb, anew: options.Reset));
            await BillingDatabase.DropUsersOfVaultAsync(_mariaDb);
        }
    }

    private async Task WriteFilesAsync()
    {
        Kubernetes.WriteKubeconfig(Folder.Kubeconfig);
        await PrivateFile.ReplaceAsync(Folder.KubernetesCa, Kubernetes.CaPem);
        await PrivateFile.ReplaceAsync(Folder.ReviewerToken, Kubernetes.ReviewerToken);
        await PrivateFile.ReplaceAsync(Folder.GitHubClientSecret, new GitHubServerOptions().ClientSecret);
        await PrivateFile.ReplaceAsync(Folder.Access, SeedFile.Access(_postgres?.Port, _mariaDb?.Port));
        Keep(await ServiceAccountTokenFile.WriteAsync(Folder.ServiceAccountToken, Kubernetes));
    }

    private async Task SetUpAsync(CancellationToken cancellationToken)
    {
        string[] setUp =
        [
            "setup-vault",
            "--kubernetes-host", Kubernetes.Address.GetLeftPart(UriPartial.Authority),
            "--kubernetes-ca-file", Folder.KubernetesCa,
            "--token-reviewer-jwt-file", Folder.ReviewerToken,
        ];
        await Program.RunAsync(OperatorSettings(null), setUp, cancellationToken);
        await ApplyAsync(Folder.Access, cancellationToken: cancellationToken);
    }

    // Commands need the portal's settings; no portal is reached there yet, so its address does not matter.
    private Dictionary<string, string?> OperatorSettings(string? database) =>
        new(PortalSettings(new Uri("http://127.0.0.1"), database))
        {
            ["VAULT_TOKEN"] = Vault.RootToken,
            ["SHOP_PASSWORD"] = _postgres?.VaultPassword,
            ["BILLING_PASSWORD"] = _mariaDb?.VaultPassword,
        };

    private T Keep<T>(T server)
        where T : IAsyncDisposable
    {
        _running.Push(server);
        return server;
    }
}
