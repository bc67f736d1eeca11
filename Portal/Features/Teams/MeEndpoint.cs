using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Features.SignIn;

namespace Portal.Features.Teams;

/// <summary>Who a token speaks for.</summary>
public static class MeEndpoint
{
    /// <param name="Id">The portal's own id of the person.</param>
    /// <param name="Login">A label: providers rename and reuse logins.</param>
    public sealed record MeAnswer(Guid Id, string Login, string? Name, IReadOnlyList<TeamAnswer> Teams, bool IsPortalAdmin);

    public sealed record TeamAnswer(string Name, TeamRole Role);

    public static async Task<Ok<MeAnswer>> Get(ClaimsPrincipal user, MembershipCheck memberships, CancellationToken cancellationToken)
    {
        var access = await memberships.GetAsync(Actor.Of(user), now: false, cancellationToken);
        return TypedResults.Ok(new MeAnswer(
            access.Actor.UserId, access.Actor.Login, access.Name,
            [.. access.Teams.Select(team => new TeamAnswer(team.Name, team.Role))], access.IsPortalAdmin));
    }
}
