using Microsoft.Extensions.Options;

namespace Portal;

/// <summary>
/// Gives every request the scheme and host of <c>Portal:PublicUrl</c>, whatever its Host header says. What is built from a
/// request (redirects, the OAuth callback, the base of a page) then names the portal and nobody else.
/// </summary>
public sealed class PublicUrl(RequestDelegate next, IOptions<PortalOptions> options)
{
    private readonly string scheme = options.Value.PublicAddress.Scheme;
    private readonly HostString host = HostString.FromUriComponent(options.Value.PublicAddress);

    public Task InvokeAsync(HttpContext context)
    {
        context.Request.Scheme = scheme;
        context.Request.Host = host;
        return next(context);
    }
}
