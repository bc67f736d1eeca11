using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.SignIn;
using Portal.Features.Teams;

namespace Portal.Features.Databases;

/// <summary>A role a person may use, by the best of their teams' grants.</summary>
/// <param name="Team">The team whose grant it is.</param>
public sealed record DatabaseRoleAccess(
    string Role, string Database, string Engine, string Allows, string Statements, TimeSpan MaxDuration, bool RequiresApproval, string Team);

/// <summary>Which database roles a person may use: the one place that reads grants.</summary>
public sealed class GrantedRoles(IDbContextFactory<PortalDb> databases, MembershipCheck memberships)
{
    public async Task<IReadOnlyList<DatabaseRoleAccess>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        var access = await memberships.GetAsync(actor, now: false, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var grants = await GrantsOf(db, access).ToListAsync(cancellationToken);
        return [.. grants.GroupBy(grant => grant.RoleName).Select(Best).OrderBy(grant => grant.RoleName, StringComparer.Ordinal).Select(grant =>
            new DatabaseRoleAccess(
                grant.RoleName, grant.Role.Connection.Database, grant.Role.Connection.Engine, grant.Role.Allows, grant.Role.CreationStatements,
                Longest(grant), grant.RequiresApproval, grant.Team.Name))];
    }

    /// <summary>The grant with its role, connection and team; null when no team of the person has one.</summary>
    public async Task<DatabaseGrant?> FindGrantAsync(TeamAccess access, string role, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var grants = await GrantsOf(db, access).Where(grant => grant.RoleName == role).ToListAsync(cancellationToken);
        return grants.Count == 0 ? null : Best(grants);
    }

    /// <summary>The grant that a credential was issued under, while the person still has it; else null.</summary>
    public async Task<DatabaseGrant?> FindGrantAsync(TeamAccess access, Guid grantId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await GrantsOf(db, access).SingleOrDefaultAsync(grant => grant.Id == grantId, cancellationToken);
    }

    /// <summary>Whether what was looked up still holds, for the transaction that records the wish.</summary>
    public static async Task<bool> StillAllowsAsync(PortalDb db, Actor actor, DatabaseGrant grant, IssueRequest request, CancellationToken cancellationToken) =>
        await db.IsMemberAsync(actor.UserId, grant.TeamId, cancellationToken)
        && await db.DatabaseGrants.AsNoTracking().Include(row => row.Role).SingleOrDefaultAsync(row => row.Id == grant.Id, cancellationToken)
            is { RequiresApproval: false } current
        && TimeSpan.FromSeconds(request.DurationSeconds) <= Longest(current);

    /// <summary>Longest life from issue to end: the shorter of grant and role.</summary>
    public static TimeSpan Longest(DatabaseGrant grant) =>
        TimeSpan.FromSeconds(Math.Min(grant.MaxDurationSeconds, grant.Role.MaxDurationSeconds));

    // One that needs no approval goes before one that does, then the longest.
    private static DatabaseGrant Best(IEnumerable<DatabaseGrant> grants) =>
        grants.OrderBy(grant => grant.RequiresApproval).ThenByDescending(Longest).ThenBy(grant => grant.Id).First();

    private static IQueryable<DatabaseGrant> GrantsOf(PortalDb db, TeamAccess access)
    {
        var teams = access.Teams.Select(team => team.TeamId).ToList();
        return db.DatabaseGrants.AsNoTracking()
            .Include(grant => grant.Role).ThenInclude(role => role.Connection)
            .Include(grant => grant.Team)
            .Where(grant => teams.Contains(grant.TeamId));
    }
}
