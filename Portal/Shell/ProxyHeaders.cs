using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Portal.Shell;

/// <summary>Believes X-Forwarded-For of the proxies in <c>Portal:TrustedProxies</c>, and of nobody else.</summary>
public sealed class ProxyHeaders(IOptions<PortalOptions> portal) : IConfigureOptions<ForwardedHeadersOptions>
{
    public void Configure(ForwardedHeadersOptions options)
    {
        options.ForwardedHeaders = portal.Value.TrustedProxies.Length == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor;
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in portal.Value.TrustedProxies)
            options.KnownIPNetworks.Add(IPNetwork.Parse(network));
    }
}
