using Microsoft.Extensions.Options;
using Portal.Shell;

namespace Portal.Features.SignIn;

/// <summary>
/// Gives every request the scheme and host of <c>Portal:PublicUrl</c>, whatever its Host header says. What is built from a
/// request (redirects, the OAuth callback, the base of a page) then names the portal and nobody else.
/// </summary>
public sealed class PublicUrl(RequestDelegate next, IOptions<PortalOptions> options)
{
    private readonly string _scheme = options.Value.PublicUrl!.Scheme;
    private readonly HostString _host = HostString.FromUriComponent(options.Value.PublicUrl!.Authority);

    public Task InvokeAsync(HttpContext context)
    {
        context.Request.Scheme = _scheme;
        context.Request.Host = _host;
        return next(context);
    }
}
