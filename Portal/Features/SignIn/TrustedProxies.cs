using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Portal.Shell;

namespace Portal.Features.SignIn;

/// <summary>Whose word counts about the browser's address, which the audit trail shows: the networks of <c>Portal:TrustedProxies</c>, nobody by default.</summary>
public sealed class TrustedProxies(IOptions<PortalOptions> portal) : IConfigureOptions<ForwardedHeadersOptions>
{
    public void Configure(ForwardedHeadersOptions options)
    {
        // The framework trusts this machine by default.
        options.KnownIPNetworks.Clear();
        options.KnownProxies.Clear();
        foreach (var network in portal.Value.TrustedProxies)
            options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
        options.ForwardLimit = null;
        options.ForwardedHeaders = portal.Value.TrustedProxies.Length > 0 ? ForwardedHeaders.XForwardedFor : ForwardedHeaders.None;
    }
}
