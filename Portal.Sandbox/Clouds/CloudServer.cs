using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Portal.Sandbox.Kubernetes;

namespace Portal.Sandbox.Clouds;

/// <summary>What clouds say about credentials, over TLS on loopback, each cloud on a port of its own. They check keys and signatures as clouds do.</summary>
public sealed class CloudServer : IAsyncDisposable
{
    private readonly ClusterCertificates _certificates = new("CN=clouds", "CN=cloud");
    private readonly Dictionary<string, (WebApplication App, CloudControl Control, Uri Address)> _clouds = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;

    private CloudServer(TimeProvider time) => _time = time;

    /// <summary>The authority that vouches for all of them.</summary>
    public string CaPem => _certificates.AuthorityPem;

    public CloudSeed Seed { get; } = new();

    /// <param name="time">The clouds' clock, for the times in what is signed.</param>
    public static async Task<CloudServer> StartAsync(TimeProvider? time = null)
    {
        var server = new CloudServer(time ?? TimeProvider.System);
        await server.AddAsync("amazon", (app, control) => new AmazonEndpoints(server.Seed, control, server._time).Map(app));
        await server.AddAsync("azure", (app, control) => new AzureEndpoints(server.Seed, control).Map(app));
        await server.AddAsync("google", (app, control) => new GoogleEndpoints(server.Seed, control, server._time).Map(app));
        await server.AddAsync("digitalocean", (app, control) => DigitalOceanEndpoints.Map(app, server.Seed, control));
        await server.AddAsync("cloudflare", (app, control) => CloudflareEndpoints.Map(app, server.Seed, control));
        return server;
    }

    /// <summary><c>https://localhost:port</c></summary>
    /// <param name="cloud">The name of its type of credentials.</param>
    public Uri Address(string cloud) => _clouds[cloud].Address;

    public CloudControl Control(string cloud) => _clouds[cloud].Control;

    /// <summary>The portal's settings for all of them but the authority.</summary>
    public IReadOnlyDictionary<string, string?> Settings
    {
        get
        {
            string Of(string cloud, string path = "") => Address(cloud).GetLeftPart(UriPartial.Authority) + path;
            return new Dictionary<string, string?>
            {
                ["CloudCredentials:Endpoints:Sts"] = Of("amazon"),
                ["CloudCredentials:Endpoints:Ec2"] = Of("amazon"),
                ["CloudCredentials:Endpoints:AzureAuthority"] = Of("azure"),
                ["CloudCredentials:Endpoints:AzureManagement"] = Of("azure"),
                ["CloudCredentials:Endpoints:GoogleToken"] = Of("google", "/token"),
                ["CloudCredentials:Endpoints:GoogleResourceManager"] = Of("google"),
                ["CloudCredentials:Endpoints:GoogleServiceUsage"] = Of("google"),
                ["CloudCredentials:Endpoints:DigitalOcean"] = Of("digitalocean"),
                ["CloudCredentials:Endpoints:Cloudflare"] = Of("cloudflare"),
            };
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (app, _, _) in _clouds.Values)
            await app.DisposeAsync();
        Seed.Dispose();
        _certificates.Dispose();
    }

    private async Task AddAsync(string cloud, Action<WebApplication, CloudControl> map)
    {
        // An empty builder: neither settings nor environment of the process that hosts it reach this server.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_certificates.Server));
        });
        var app = builder.Build();
        var control = new CloudControl();
        app.UseMiddleware<CloudWeather>(control);
        map(app, control);
        await app.StartAsync();
        var port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        _clouds[cloud] = (app, control, new Uri($"https://localhost:{port}"));
    }
}
