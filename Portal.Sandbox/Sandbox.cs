using System.Net;
using Portal.Sandbox.Clouds;
using Portal.Sandbox.GitHub;
using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Servers;
using Portal.Sandbox.Vault;

namespace Portal.Sandbox;

/// <summary>Everything outside the portal, on loopback, set up for it; the portal itself is started on top.</summary>
public sealed class Sandbox : IAsyncDisposable
{
    // Where an API gives less, it is less.
    private static readonly TimeSpan s_reviewerTokenLife = TimeSpan.FromDays(365);

    // Of the SSH roles in the seed.
    private static readonly string[] s_principals = ["deploy", "ubuntu"];
    private static readonly TimeSpan s_fetchInterval = TimeSpan.FromSeconds(5);

    // In the order of their start; ended in the opposite one.
    private readonly Stack<IAsyncDisposable> _running = [];
    private readonly SandboxOptions _options;
    private string[] _allowed = [];
    private ServiceAccounts? _accounts;
    private string? _sampleToken;
    private PostgresServer? _postgres;
    private MariaDbServer? _mariaDb;

    private Sandbox(SandboxOptions options, SandboxFolder folder, PortalProgram program)
    {
        _options = options;
        Folder = folder;
        Program = program;
    }

    public SandboxFolder Folder { get; }

    public PortalProgram Program { get; }

    /// <summary>Its own Vault; null when it uses another.</summary>
    public VaultServer? OwnVault { get; private set; }

    public VaultAccess Vault { get; private set; } = null!;

    public GitHubServer GitHub { get; private set; } = null!;

    public KubernetesAccess Kubernetes { get; private set; } = null!;

    public CloudServer Clouds { get; private set; } = null!;

    public bool HasPostgres => _postgres is not null;

    /// <exception cref="InvalidOperationException">PostgreSQL is not installed here.</exception>
    public PostgresServer Postgres => _postgres ?? throw new InvalidOperationException("PostgreSQL is not installed: apt-get install postgresql");

    public bool HasMariaDb => _mariaDb is not null;

    /// <exception cref="InvalidOperationException">MariaDB is not installed here.</exception>
    public MariaDbServer MariaDb =>
        _mariaDb ?? throw new InvalidOperationException("MariaDB is not installed: apt-get install mariadb-server-core mariadb-client-core");

    /// <summary>A host that takes the portal's certificates; null before <see cref="StartSshAsync"/>, and where sshd is not installed.</summary>
    public SshServer? Ssh { get; private set; }

    /// <summary>Whether an earlier run's portal database was dropped, which its Vault's end had made unreadable.</summary>
    public bool BeganAnew { get; private set; }

    public static async Task<Sandbox> StartAsync(SandboxOptions options, CancellationToken cancellationToken = default)
    {
        var program = PortalProgram.Find(options.Portal);
        var sandbox = new Sandbox(options, SandboxFolder.Open(options.Folder, options.Reset), program);
        try
        {
            await sandbox.StartServersAsync(cancellationToken);
            await sandbox.WriteFilesAsync(cancellationToken);
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
    public IReadOnlyDictionary<string, string?> PortalSettings(Uri publicUrl, string? database = null) => new Dictionary<string, string?>(OutboundSettings())
    {
        ["Portal:PublicUrl"] = publicUrl.GetLeftPart(UriPartial.Authority),
        ["Portal:AdminTeam"] = "platform-admins",
        ["Portal:Label"] = "sandbox",
        ["Database:ConnectionString"] = $"Data Source={database ?? Folder.Database}",
        ["Vault:Address"] = Vault.Address.GetLeftPart(UriPartial.Authority),
        ["Vault:CaFile"] = Vault.CaFile,
        ["Vault:Prefix"] = Vault.Prefix,
        ["Vault:AuthPath"] = Vault.AuthPath,
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

    /// <summary>Starts a host that a running portal's script sets up; where sshd is not installed, nothing happens.</summary>
    public async Task StartSshAsync(PortalProcess portal, CancellationToken cancellationToken = default)
    {
        if (SshServer.IsInstalled)
            Ssh = Keep(await SshServer.StartAsync(Folder.Ssh, portal.Address, s_principals, s_fetchInterval, cancellationToken));
    }

    /// <summary>Brings the database to what an access file says, as an operator would.</summary>
    /// <returns>What `apply` printed.</returns>
    public Task<string> ApplyAsync(string accessFile, string? database = null, CancellationToken cancellationToken = default) =>
        Program.RunAsync(OperatorSettings(database), ["apply", accessFile], cancellationToken);

    /// <summary>Anew, also after Vault forgot its tokens.</summary>
    public async Task WriteCloudSamplesAsync(CancellationToken cancellationToken = default)
    {
        await RevokeCloudSamplesAsync();
        _sampleToken = await CloudSamples.WriteAsync(Folder.Clouds, Clouds.Seed, Kubernetes, Vault, cancellationToken);
    }

    /// <summary>Another Vault is left as it was found.</summary>
    public async Task RevokeCloudSamplesAsync()
    {
        if (_sampleToken is { } token)
            await CloudSamples.RevokeAsync(Vault, token);
        _sampleToken = null;
    }

    public async ValueTask DisposeAsync()
    {
        await RevokeCloudSamplesAsync();
        while (_running.TryPop(out var server))
            await server.DisposeAsync();
        _accounts?.Dispose();
        Folder.Dispose();
    }

    private IEnumerable<KeyValuePair<string, string?>> OutboundSettings() =>
    [
        .. Clouds.Settings,
        new("Outbound:CaFile", Folder.CloudsCa),
        .. _allowed.Select((network, index) => new KeyValuePair<string, string?>($"Outbound:Allow:{index}", network)),
    ];

    private async Task StartServersAsync(CancellationToken cancellationToken)
    {
        Folder.ForgetHandover();
        await StartVaultAsync(cancellationToken);
        GitHub = Keep(await GitHubServer.StartAsync());
        Kubernetes = _options.Kubernetes ?? Keep(await KubernetesServer.StartAsync()).Access;
        // Kubeconfigs are addresses of users, and this one leads to loopback.
        _allowed = [.. (await Dns.GetHostAddressesAsync(Kubernetes.Address.IdnHost, cancellationToken)).Select(address => $"{new IPNetwork(address, 8 * address.GetAddressBytes().Length)}:{Kubernetes.Address.Port}")];
        Clouds = Keep(await CloudServer.StartAsync());
        _accounts = new ServiceAccounts(Kubernetes);
        await _accounts.EnsureAsync(cancellationToken);
        if (PostgresServer.IsInstalled)
        {
            _postgres = Keep(await PostgresServer.StartAsync(Folder.Postgres, anew: _options.Reset));
            if (Folder.OwnVaultSince is { } since)
                await ShopDatabase.DropUsersOfVaultAsync(_postgres, since);
        }

        if (MariaDbServer.IsInstalled)
        {
            _mariaDb = Keep(await MariaDbServer.StartAsync(Folder.MariaDb, anew: _options.Reset));
            if (Folder.OwnVaultSince is { } since)
                await BillingDatabase.DropUsersOfVaultAsync(_mariaDb, since);
        }

        Folder.NoteOwnVault(OwnVault is not null);
    }

    private async Task StartVaultAsync(CancellationToken cancellationToken)
    {
        if (_options.Vault is { } vault)
        {
            using var outside = new OutsideVault(vault);
            await outside.CheckAsync(_options.Kubernetes?.Address, cancellationToken);
            Vault = vault;
            return;
        }

        BeganAnew = Folder.ForgetPortal();
        OwnVault = Keep(await VaultServer.StartAsync(new VaultServerOptions()));
        Vault = OwnVault.Access;
    }

    private async Task WriteFilesAsync(CancellationToken cancellationToken)
    {
        Kubeconfig.Write(Folder.Kubeconfig, Kubeconfig.Text(Kubernetes.Address, Kubernetes.CaPem, Kubernetes.AdminToken));
        await PrivateFile.ReplaceAsync(Folder.KubernetesCa, Kubernetes.CaPem);
        await PrivateFile.ReplaceAsync(Folder.CloudsCa, Clouds.CaPem);
        await WriteCloudSamplesAsync(cancellationToken);
        await PrivateFile.ReplaceAsync(Folder.ReviewerToken, await _accounts!.ReviewerTokenAsync(s_reviewerTokenLife, cancellationToken));
        await PrivateFile.ReplaceAsync(Folder.GitHubClientSecret, new GitHubServerOptions().ClientSecret);
        await PrivateFile.ReplaceAsync(Folder.Access, SeedFile.Access(_postgres?.Port, _mariaDb?.Port));
        Keep(await ServiceAccountTokenFile.WriteAsync(Folder.ServiceAccountToken, _accounts, cancellationToken));
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
        await ChooseDatabaseAsync(cancellationToken);
        await ApplyAsync(Folder.Access, cancellationToken: cancellationToken);
    }

    // Another Vault keeps the keys of the portal's database, and the portal its database with them.
    private async Task ChooseDatabaseAsync(CancellationToken cancellationToken)
    {
        if (OwnVault is not null)
            return;
        using var outside = new OutsideVault(Vault);
        Folder.UseDatabaseOf(await outside.IdentityAsync(cancellationToken));
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
