using Portal.Features.SignIn;

namespace Portal.Features.Teams;

/// <summary>What a person may do right now.</summary>
/// <param name="Name">As the provider has it; null when the person gave none.</param>
/// <param name="ConfirmedAt">When the provider last said so.</param>
/// <param name="IsStale">
/// The provider does not answer and its last answer counts, for using existing grants alone: nobody is portal admin then.
/// When even that is too old, there are no teams.
/// </param>
public sealed record TeamAccess(
    Actor Actor, string? Name, IReadOnlyList<TeamMembership> Teams, bool IsPortalAdmin, DateTimeOffset ConfirmedAt, bool IsStale)
{
    /// <summary>Whether the person may end a credential: one's own, one of a team that one maintains, or any for a portal admin.</summary>
    public bool MayEnd(Guid ownerId, Guid teamId) =>
        ownerId == Actor.UserId
        || IsPortalAdmin
        || (!IsStale && Teams.Any(team => team.TeamId == teamId && team.Role == TeamRole.Maintainer));
}

public sealed record TeamMembership(Guid TeamId, string Name, TeamRole Role);

/// <summary>The session is over or the user is suspended: sign in again.</summary>
public sealed class SignedOutException() : Exception("The session is over.");
