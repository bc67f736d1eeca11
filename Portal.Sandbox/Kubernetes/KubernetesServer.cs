using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Portal.Sandbox.Kubernetes;

/// <summary>The part of a Kubernetes API that concerns service accounts and their tokens, over TLS on loopback, in memory.</summary>
public sealed class KubernetesServer : IAsyncDisposable
{
    private static readonly TimeSpan ReviewerTokenLife = TimeSpan.FromDays(365);

    private readonly WebApplication _app;
    private readonly ClusterCertificates _certificates;
    private readonly ServiceAccountTokens _tokens;
    private readonly string _audience;

    private KubernetesServer(KubernetesServerOptions options)
    {
        _audience = options.Issuer;
        AdminToken = options.AdminToken ?? RandomNumberGenerator.GetHexString(64, lowercase: true);
        Cluster = new Cluster(options.TimeProvider);
        _certificates = new ClusterCertificates();
        _tokens = new ServiceAccountTokens(options, Cluster);
        _app = Build(options, new Authentication(AdminToken, _audience, _tokens));
        KubernetesSeed.Plant(Cluster);
        ReviewerToken = CreateToken(KubernetesSeed.Namespace, KubernetesSeed.Reviewer, null, ReviewerTokenLife);
    }

    /// <summary><c>https://127.0.0.1:port</c></summary>
    public Uri Address { get; private set; } = null!;

    public string CaPem => _certificates.AuthorityPem;

    public string AdminToken { get; }

    /// <summary>Token of the service account <c>portal/vault</c>, which may create TokenReviews.</summary>
    public string ReviewerToken { get; }

    /// <summary>All that a client of its administrator needs.</summary>
    public KubernetesAccess Access => new(Address, CaPem, AdminToken);

    /// <summary>What the cluster holds; tests change it.</summary>
    public Cluster Cluster { get; }

    public static async Task<KubernetesServer> StartAsync(KubernetesServerOptions? options = null)
    {
        var server = new KubernetesServer(options ?? new());
        await server._app.StartAsync();
        var addresses = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        server.Address = new Uri(addresses.Addresses.Single());
        return server;
    }

    /// <summary>A token as a TokenRequest gives it, but of any life: shorter than ten minutes, or over already when negative.</summary>
    /// <param name="audience">Null: the API's own.</param>
    /// <exception cref="ArgumentException">There is no such service account.</exception>
    public string CreateToken(string ns, string serviceAccount, string? audience, TimeSpan ttl)
    {
        var account = Cluster.Find(ClusterKind.ServiceAccount, ns, serviceAccount)
            ?? throw new ArgumentException($"There is no service account {ns}/{serviceAccount}.", nameof(serviceAccount));
        return _tokens.Create(account, [audience ?? _audience], ttl).Token;
    }

    /// <summary>Writes a file that kubectl can use, mode 0600, for the administrator or the bearer of the token.</summary>
    public void WriteKubeconfig(string path, string? token = null) => Kubeconfig.Write(path, Kubeconfig.Text(Address, CaPem, token ?? AdminToken));

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _tokens.Dispose();
        _certificates.Dispose();
    }

    private WebApplication Build(KubernetesServerOptions options, Authentication authentication)
    {
        // An empty builder: neither settings nor environment of the process that hosts it reach this server.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen => listen.UseHttps(_certificates.Server));
        });
        var app = builder.Build();
        app.UseMiddleware<ErrorAnswers>();
        app.UseRouting();
        app.UseMiddleware<Authorization>(Cluster, authentication);
        new DiscoveryEndpoints(_tokens, _audience).Map(app);
        new ObjectEndpoints(Cluster, options.TimeProvider).Map(app);
        new TokenEndpoints(Cluster, _tokens, authentication).Map(app);
        return app;
    }
}
