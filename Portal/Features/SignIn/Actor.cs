using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;

namespace Portal.Features.SignIn;

/// <summary>Who does something: the person, in which browser or by which access token, from where. Made from the principal of a request or circuit.</summary>
/// <param name="SessionId">Null when an access token speaks for the person.</param>
/// <param name="Address">The IP address, for the audit trail.</param>
public sealed record Actor(Guid UserId, Guid? SessionId, string Login, string Address, BearerToken? Token = null)
{
    public const string SessionClaim = "portal:session";
    public const string AddressClaim = "portal:address";
    public const string TokenClaim = "portal:token";
    public const string TokenEndClaim = "portal:token-end";
    public const string ScopeClaim = "scope";

    /// <summary>For the audit trail's detail: empty for a browser.</summary>
    public string Means => Token is null ? "" : $" (by access token {Token.Id})";

    /// <exception cref="InvalidOperationException">The principal is not signed in.</exception>
    public static Actor Of(ClaimsPrincipal principal)
    {
        var token = BearerToken.Of(principal);
        return new(
            Guid.Parse(Claim(principal, ClaimTypes.NameIdentifier)),
            token is null ? Guid.Parse(Claim(principal, SessionClaim)) : null,
            Claim(principal, ClaimTypes.Name),
            Claim(principal, AddressClaim),
            token);
    }

    /// <summary>The person in front of a page.</summary>
    public static async Task<Actor> OfAsync(Task<AuthenticationState> circuit) => Of((await circuit).User);

    private static string Claim(ClaimsPrincipal principal, string type) =>
        principal.FindFirstValue(type) ?? throw new InvalidOperationException($"The principal has no claim {type}.");
}

/// <summary>An access token that speaks for its owner, and what it is limited to.</summary>
public sealed record BearerToken(Guid Id, IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt)
{
    internal static BearerToken? Of(ClaimsPrincipal principal) =>
        principal.FindFirstValue(Actor.TokenClaim) is { } id
            ? new(
                Guid.Parse(id),
                [.. principal.FindAll(Actor.ScopeClaim).Select(claim => claim.Value)],
                DateTimeOffset.Parse(principal.FindFirstValue(Actor.TokenEndClaim)!, CultureInfo.InvariantCulture))
            : null;
}
