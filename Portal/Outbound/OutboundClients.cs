using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace Portal.Outbound;

/// <summary>
/// HTTP clients for addresses that a user named, and for those that an operator did. They share no connection. None follows redirects, uses a proxy or
/// keeps cookies, and none unpacks answers. Refusals are <see cref="OutboundException"/>s.
/// </summary>
public sealed class OutboundClients(OutboundGate gate, IOptions<OutboundOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>For a whole call.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(30);
    // A name is asked for anew as often.
    private static readonly TimeSpan s_connectionLife = TimeSpan.FromMinutes(2);
    private const int LargestHeaders = 32;
    private const string System = "";

    private readonly Lazy<SocketsHttpHandler> _forUsers = new(() => UsersHandler(gate, OutboundTrust.SystemAnd(options.Value.CaFile)));
    private readonly ConcurrentDictionary<string, Lazy<SocketsHttpHandler>> _forSettings = new(StringComparer.Ordinal);

    /// <summary>For whatever address a user named, with the authorities that the portal believes. Disposing it is not needed.</summary>
    public HttpClient ForUsers() => Client(_forUsers.Value, null, disposes: false);

    /// <summary>For an address that a user named together with whom to believe there and who to be. Its connections end when it is disposed.</summary>
    /// <param name="authorities">Empty: those that the portal believes.</param>
    public HttpClient ForUsers(X509Certificate2Collection authorities, SslStreamCertificateContext? clientCertificate)
    {
        var handler = UsersHandler(gate, authorities.Count > 0 ? OutboundTrust.Only(authorities) : OutboundTrust.SystemAnd(options.Value.CaFile));
        handler.SslOptions.ClientCertificateContext = clientCertificate;
        return Client(handler, null, disposes: true);
    }

    /// <summary>For an address out of settings: it may be anywhere, and no other is called. Disposing it is not needed.</summary>
    /// <param name="caFile">PEM file with the authorities that are believed instead of others; null: those that the portal believes.</param>
    public HttpClient ForSettings(Uri address, string? caFile = null) => Client(Settings(caFile), address, disposes: false);

    /// <summary>As <see cref="ForSettings"/>, for libraries that want to build the client themselves.</summary>
    public HttpMessageHandler HandlerForSettings(Uri address) => new OutboundHandler(new Kept(Settings(null)), address, Patience, time);

    public void Dispose()
    {
        foreach (var handler in _forSettings.Values.Append(_forUsers).Where(handler => handler.IsValueCreated))
            handler.Value.Dispose();
    }

    private SocketsHttpHandler Settings(string? caFile) =>
        _forSettings.GetOrAdd(caFile ?? System, _ => new(() => Handler(gate.ConnectConfiguredAsync, Trust(caFile)))).Value;

    private X509ChainPolicy Trust(string? caFile)
    {
        if (caFile is null)
            return OutboundTrust.SystemAnd(options.Value.CaFile);
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPemFile(caFile);
        return OutboundTrust.Only(authorities);
    }

    private HttpClient Client(SocketsHttpHandler handler, Uri? configured, bool disposes) =>
        new(new OutboundHandler(handler, configured, Patience, time), disposes)
        {
            MaxResponseContentBufferSize = OutboundHandler.LargestBody,
            // The handler's own limit says so in words.
            Timeout = Timeout.InfiniteTimeSpan,
        };

    private static SocketsHttpHandler UsersHandler(OutboundGate gate, X509ChainPolicy trust)
    {
        var handler = Handler(gate.ConnectAsync, trust);
        // Without a propagator no call becomes a span: the path of an address that a user named may be as secret as the rest of a kubeconfig.
        handler.ActivityHeadersPropagator = null;
        return handler;
    }

    private static SocketsHttpHandler Handler(Func<DnsEndPoint, CancellationToken, ValueTask<Stream>> connect, X509ChainPolicy trust)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = (context, cancellationToken) => connect(context.DnsEndPoint, cancellationToken),
            ConnectTimeout = s_connectTimeout,
            PooledConnectionIdleTimeout = s_idle,
            PooledConnectionLifetime = s_connectionLife,
            MaxResponseHeadersLength = LargestHeaders,
            MaxResponseDrainSize = 0,
            // The portal's traces are none of others' business.
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        };
        handler.SslOptions.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
        handler.SslOptions.CertificateChainPolicy = trust;
        return handler;
    }

    /// <summary>Outlives a library that disposes what it was lent.</summary>
    private sealed class Kept(HttpMessageHandler shared) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _invoker = new(shared, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _invoker.SendAsync(request, cancellationToken);
    }
}
