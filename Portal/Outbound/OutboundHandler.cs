using System.Net;
using System.Runtime.ExceptionServices;

namespace Portal.Outbound;

/// <summary>
/// Around each call: a bound for the time and the size of its answer, and no redirect, since libraries that get one may follow it themselves. What
/// it refuses is an <see cref="OutboundException"/>.
/// </summary>
/// <param name="configured">The one origin it calls; null: any.</param>
public sealed class OutboundHandler(HttpMessageHandler inner, Uri? configured, TimeSpan patience, TimeProvider time) : DelegatingHandler(inner)
{
    /// <summary>In bytes.</summary>
    public const int LargestBody = 1024 * 1024;

    internal static OutboundException TooLarge(string host) => new($"{host} answers with more than {LargestBody / 1024} KiB, which is not read.");

    internal static OutboundException TooSlow(string host) => new($"{host} does not answer in time.");

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri ?? throw new InvalidOperationException("The request has no address.");
        var host = address.Authority;
        if (configured is not null && !IsConfigured(address))
            throw new OutboundException($"The portal does not call {host}: only {configured.Authority} is set for this.");
        if (request.Version > HttpVersion.Version20)
            request.Version = HttpVersion.Version20;
        // Not to QUIC, which does not pass the gate.
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;

        var deadline = new CancellationTokenSource(patience, time);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
            var response = await base.SendAsync(request, either.Token);
            if (Objection(response, host) is { } objection)
            {
                response.Dispose();
                throw objection;
            }

            response.Content = new BoundedContent(response.Content, host, LargestBody, deadline);
            return response;
        }
        catch (Exception exception)
        {
            deadline.Dispose();
            // That of the whole call, or that of the connection.
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw TooSlow(host);
            if (OutboundException.Within(exception) is { } refusal)
                ExceptionDispatchInfo.Throw(refusal);
            throw;
        }
    }

    private static OutboundException? Objection(HttpResponseMessage response, string host)
    {
        if ((int)response.StatusCode is >= 300 and < 400)
            return new OutboundException($"{host} redirects elsewhere, and redirects are not followed.");
        return response.Content.Headers.ContentLength > LargestBody ? TooLarge(host) : null;
    }

    private bool IsConfigured(Uri address) =>
        address.Scheme == configured!.Scheme && address.Port == configured.Port
        && string.Equals(address.IdnHost, configured.IdnHost, StringComparison.OrdinalIgnoreCase);
}
