using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Shell;

namespace Portal.Features.CloudCredentials;

/// <summary>What a person may do with the cloud credentials of which team.</summary>
public sealed record CloudReader(TeamAccess Access, CloudIdentity Who)
{
    public Actor Actor => Access.Actor;

    public bool MaySee(Guid teamId) => Access.IsPortalAdmin || IsMember(teamId);

    /// <summary>One's own, while one is in the team; as an admin of the team, all of its.</summary>
    public bool MayManage(CloudCredential credential) =>
        MayAdminister(credential.TeamId) || (IsMember(credential.TeamId) && credential.Owner.Is(Who));

    /// <summary>Never on the word of a provider that does not answer now.</summary>
    public bool MayAdminister(Guid teamId) =>
        Access.IsPortalAdmin || (!Access.IsStale && Access.Teams.Any(team => team.TeamId == teamId && team.Role == TeamRole.Maintainer));

    /// <summary>Why not, for somebody who may see it.</summary>
    public string WhyNot(CloudCredential credential) =>
        Access.IsStale && Access.Teams.Any(team => team.TeamId == credential.TeamId && team.Role == TeamRole.Maintainer)
            ? "GitHub does not answer now, and nobody acts as admin of a team on its last word. Try again in a moment."
            : $"{credential.Name} was registered by {credential.OwnerLogin}: only they and the admins of the team may do this.";

    private bool IsMember(Guid teamId) => Access.Teams.Any(team => team.TeamId == teamId);
}

public sealed class CloudAccess(IDbContextFactory<PortalDb> databases, MembershipCheck memberships, IOptions<PortalOptions> portal)
{
    /// <param name="actor">Who asks.</param>
    /// <param name="now">Ask the provider, as before everything that changes or shows something.</param>
    /// <exception cref="SignedOutException">The session is over.</exception>
    public async Task<CloudReader> OfAsync(Actor actor, bool now, CancellationToken cancellationToken)
    {
        var access = await memberships.GetAsync(actor, now, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var user = await db.Users.AsNoTracking().Where(user => user.Id == actor.UserId)
            .Select(user => new { user.Provider, user.Subject }).SingleOrDefaultAsync(cancellationToken) ?? throw new SignedOutException();
        return new(access, new(user.Provider, user.Subject, actor.Login));
    }

    /// <summary>The team of that name, for those who may see what it keeps; null for all others, and when there is none.</summary>
    public async Task<TeamName?> FindTeamAsync(CloudReader reader, string name, CancellationToken cancellationToken)
    {
        if (reader.Access.Teams.FirstOrDefault(team => team.Name == name) is { } own)
            return new(own.TeamId, own.Name);
        if (!reader.Access.IsPortalAdmin)
            return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Teams.AsNoTracking().Where(team => team.Name == name).Select(team => new TeamName(team.Id, team.Name)).SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>All teams whose credentials the person may see, by name.</summary>
    public async Task<IReadOnlyList<TeamName>> ListTeamsAsync(CloudReader reader, CancellationToken cancellationToken)
    {
        if (!reader.Access.IsPortalAdmin)
            return [.. reader.Access.Teams.Select(team => new TeamName(team.TeamId, team.Name))];
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Teams.AsNoTracking().OrderBy(team => team.Name).Select(team => new TeamName(team.Id, team.Name)).ToListAsync(cancellationToken);
    }

    /// <summary>Asked in the transaction that writes or shows something: what allowed it may have ended since it was looked up.</summary>
    /// <param name="db">Of the transaction.</param>
    /// <param name="reader">As it was looked up.</param>
    /// <param name="teamId">Whose credential it is.</param>
    /// <param name="credential">Null for one that is only about to be.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<bool> StillMayAsync(PortalDb db, CloudReader reader, Guid teamId, CloudCredential? credential, CancellationToken cancellationToken)
    {
        var userId = reader.Actor.UserId;
        var standing = await db.Memberships.Where(membership => membership.UserId == userId && membership.User.SuspendedAt == null)
            .Select(membership => new { membership.TeamId, membership.Team.Name, membership.Role }).ToListAsync(cancellationToken);
        var here = standing.Find(membership => membership.TeamId == teamId);
        if (reader.Access.IsPortalAdmin && standing.Exists(membership => membership.Name == portal.Value.AdminTeam))
            return true;
        return here is not null
            && (credential is null || credential.Owner.Is(reader.Who) || (here.Role == TeamRole.Maintainer && !reader.Access.IsStale));
    }
}

/// <summary>A team of the portal.</summary>
public sealed record TeamName(Guid Id, string Name);
