using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;

namespace Portal.Features.SignIn;

/// <summary>Who does something: the person, through which session, from where. Made from the principal of a request or circuit.</summary>
/// <param name="Address">The browser's IP address, for the audit trail.</param>
public sealed record Actor(Guid UserId, Guid SessionId, string Login, string Address)
{
    public const string SessionClaim = "portal:session";
    public const string AddressClaim = "portal:address";

    /// <exception cref="InvalidOperationException">The principal is not signed in.</exception>
    public static Actor Of(ClaimsPrincipal principal) => new(
        Guid.Parse(Claim(principal, ClaimTypes.NameIdentifier)),
        Guid.Parse(Claim(principal, SessionClaim)),
        Claim(principal, ClaimTypes.Name),
        Claim(principal, AddressClaim));

    /// <summary>The person in front of a page.</summary>
    public static async Task<Actor> OfAsync(Task<AuthenticationState> circuit) => Of((await circuit).User);

    private static string Claim(ClaimsPrincipal principal, string type) =>
        principal.FindFirstValue(type) ?? throw new InvalidOperationException($"The principal has no claim {type}.");
}
