using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Portal.Sandbox.Kubernetes;

namespace Portal.Tests.Sandbox;

/// <summary>A Kubernetes API of its own for each test, with a clock that stands still.</summary>
public abstract class KubernetesTests : IAsyncLifetime
{
    private static readonly string SigningKey = NewSigningKey();

    private KubernetesServer? _server;
    private Kubernetes? _admin;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    protected KubernetesServer Server => _server!;

    protected Kubernetes Admin => _admin!;

    public async ValueTask InitializeAsync()
    {
        _server = await KubernetesServer.StartAsync(new KubernetesServerOptions { TimeProvider = Clock, SigningKeyPem = SigningKey });
        _admin = Client(_server.AdminToken);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _admin?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    protected Kubernetes Client(string? token) => new(new KubernetesClientConfiguration
    {
        Host = Server.Address.AbsoluteUri,
        AccessToken = token,
        SslCaCerts = [X509Certificate2.CreateFromPem(Server.CaPem)],
    });

    // Making an RSA key is slow: one does for all.
    private static string NewSigningKey()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>The refusal of a call, as a <c>Status</c>.</summary>
    protected static async Task<(HttpStatusCode Code, V1Status Status)> RefusalAsync(Func<Task> call)
    {
        var refusal = await call.ShouldThrowAsync<HttpOperationException>();
        return (refusal.Response.StatusCode, KubernetesJson.Deserialize<V1Status>(refusal.Response.Content));
    }

    /// <summary>A call without the client's own ideas.</summary>
    protected async Task<(HttpStatusCode Code, JsonNode Body)> SendAsync(HttpMethod method, string path, string? token, HttpContent? body = null)
    {
        using var authority = X509Certificate2.CreateFromPem(Server.CaPem);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { authority },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        using var http = new HttpClient(handler);
        using var request = new HttpRequestMessage(method, new Uri(Server.Address, path)) { Content = body };
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        using var answer = await http.SendAsync(request, Cancelled);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!);
    }
}
