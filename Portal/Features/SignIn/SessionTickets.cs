using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Portal.Features.SignIn;

/// <summary>
/// The cookie holds a session's key; who that is comes from the row, at every request. No ticket is kept in serialised form.
/// The row is made by <see cref="GitHubSignIn"/>, which leaves the key with the request.
/// </summary>
public sealed class SessionTickets(Sessions sessions) : ITicketStore
{
    public Task<string> StoreAsync(AuthenticationTicket ticket, HttpContext httpContext, CancellationToken cancellationToken) =>
        Task.FromResult((httpContext.Features.Get<SessionKey>() ?? throw new InvalidOperationException("Nobody signed in.")).Text);

    public async Task<AuthenticationTicket?> RetrieveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken)
    {
        var presented = new SessionKey(key);
        if (httpContext.Features.Get<SessionKey>() is not null)
        {
            // This request signs in: it gets a key of its own, never the one that the browser came with.
            await sessions.SupersedeAsync(presented, cancellationToken);
            return null;
        }

        var hash = presented.Hash();
        if (await sessions.FindAsync(session => session.KeyHash == hash, cancellationToken) is not { } session)
            return null;
        if (CountsAsUse(httpContext.Request))
            await sessions.TouchAsync(session.Id, cancellationToken);
        return Ticket(session, httpContext);
    }

    public Task RemoveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RenewAsync(string key, AuthenticationTicket ticket) => throw new NotSupportedException("Sessions are not renewed.");

    public Task<string> StoreAsync(AuthenticationTicket ticket) => throw new NotSupportedException("The request is needed.");

    public Task<AuthenticationTicket?> RetrieveAsync(string key) => throw new NotSupportedException("The request is needed.");

    public Task RemoveAsync(string key) => throw new NotSupportedException("The request is needed.");

    // Pages and what they post. A tab that lies open connects again and asks for the time by itself; see SessionUse for what people do there.
    private static bool CountsAsUse(HttpRequest request) =>
        !request.Path.StartsWithSegments("/_blazor")
        && (!HttpMethods.IsGet(request.Method) || request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase));

    private static AuthenticationTicket Ticket(Session session, HttpContext httpContext)
    {
        var identity = new ClaimsIdentity(
            [
                new(ClaimTypes.NameIdentifier, session.UserId.ToString()),
                new(ClaimTypes.Name, session.User.Login),
                new(Actor.SessionClaim, session.Id.ToString()),
                new(Actor.AddressClaim, AddressOf(httpContext)),
            ],
            SignInSchemes.Session);
        return new AuthenticationTicket(
            new ClaimsPrincipal(identity), new AuthenticationProperties { ExpiresUtc = session.ExpiresAt }, SignInSchemes.Session);
    }

    public static string AddressOf(HttpContext httpContext) => httpContext.Connection.RemoteIpAddress?.ToString() ?? "";
}
