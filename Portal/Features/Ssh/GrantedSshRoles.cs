using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.SignIn;
using Portal.Features.Teams;

namespace Portal.Features.Ssh;

/// <summary>A role a person may use, by the best of their teams' grants.</summary>
/// <param name="Hosts">Which hosts it opens, in words.</param>
/// <param name="Team">The team whose grant it is.</param>
public sealed record SshRoleAccess(
    string Role, string Allows, string Hosts, IReadOnlyList<string> Principals, IReadOnlyList<string> Extensions, TimeSpan MaxDuration,
    bool RequiresApproval, string Team);

/// <summary>Which SSH roles a person may use: the one place that reads grants.</summary>
public sealed class GrantedSshRoles(IDbContextFactory<PortalDb> databases, MembershipCheck memberships)
{
    public async Task<IReadOnlyList<SshRoleAccess>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        var access = await memberships.GetAsync(actor, now: false, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var grants = await GrantsOf(db, access).ToListAsync(cancellationToken);
        return [.. grants.GroupBy(grant => grant.RoleName).Select(same => BestFirst(same)[0]).OrderBy(grant => grant.RoleName, StringComparer.Ordinal)
            .Select(grant => new SshRoleAccess(
                grant.RoleName, grant.Role.Allows, grant.Role.Hosts, Principals(grant), grant.Role.Extensions, Longest(grant), grant.RequiresApproval, grant.Team.Name))];
    }

    /// <summary>The grants of the person's teams for a role, with role and team, best first; empty when there is none.</summary>
    public async Task<IReadOnlyList<SshGrant>> FindGrantsAsync(TeamAccess access, string role, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return BestFirst(await GrantsOf(db, access).Where(grant => grant.RoleName == role).ToListAsync(cancellationToken));
    }

    /// <summary>Whether what was looked up still holds, for the transaction that records the wish: what ends later finds its row.</summary>
    public static async Task<bool> StillAllowsAsync(
        PortalDb db, Actor actor, SshGrant grant, CertificateRequest request, CancellationToken cancellationToken) =>
        await db.IsMemberAsync(actor.UserId, grant.TeamId, cancellationToken)
        && await db.SshGrants.AsNoTracking().Include(row => row.Role).SingleOrDefaultAsync(row => row.Id == grant.Id, cancellationToken) is { } current
        && request.IsWithin(current);

    /// <summary>Longest life of a certificate: the shorter of grant and role.</summary>
    public static TimeSpan Longest(SshGrant grant) => TimeSpan.FromSeconds(Math.Min(grant.MaxDurationSeconds, grant.Role.MaxDurationSeconds));

    /// <summary>What both grant and role allow, in the role's order.</summary>
    public static IReadOnlyList<string> Principals(SshGrant grant) =>
        grant.Principals.Count == 0 ? grant.Role.Principals : [.. grant.Role.Principals.Intersect(grant.Principals)];

    // One that needs no approval goes before one that does, then the one with the most principals, then the longest.
    private static IReadOnlyList<SshGrant> BestFirst(IEnumerable<SshGrant> grants) =>
    [
        .. grants.OrderBy(grant => grant.RequiresApproval).ThenByDescending(grant => Principals(grant).Count).ThenByDescending(Longest).ThenBy(grant => grant.Id),
    ];

    private static IQueryable<SshGrant> GrantsOf(PortalDb db, TeamAccess access)
    {
        var teams = access.Teams.Select(team => team.TeamId).ToList();
        return db.SshGrants.AsNoTracking().Include(grant => grant.Role).Include(grant => grant.Team).Where(grant => teams.Contains(grant.TeamId));
    }
}
