using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.AccessTokens;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.Teams;

/// <summary>The one place that says what a person may do.</summary>
public sealed class MembershipCheck(
    IDbContextFactory<PortalDb> databases,
    Sessions sessions,
    AccessTokenInventory tokens,
    MembershipRefresh refresh,
    IOptions<SignInOptions> options,
    IOptions<PortalOptions> portal,
    TimeProvider time)
{
    /// <param name="actor">Who asks.</param>
    /// <param name="now">Ask the provider, as before every issue. Else its last answer within <c>SignIn:MembershipInterval</c> counts.</param>
    /// <exception cref="SignedOutException">The session is over, the access token is revoked, or the user is suspended.</exception>
    public async Task<TeamAccess> GetAsync(Actor actor, bool now, CancellationToken cancellationToken)
    {
        var user = await FindAsync(actor, cancellationToken);
        if (!now && IsFresh(user))
            return await AccessAsync(actor, user, isStale: false, cancellationToken);
        if (!now && refresh.FailedJustNow(actor.UserId))
            return await AccessAsync(actor, user, isStale: true, cancellationToken);

        var isConfirmed = await refresh.RefreshAsync(actor.UserId, cancellationToken);
        user = await FindAsync(actor, cancellationToken);
        return await AccessAsync(actor, user, !isConfirmed, cancellationToken);
    }

    private bool IsFresh(User user) => time.GetUtcNow() - user.ConfirmedAt < options.Value.MembershipInterval;

    private async Task<User> FindAsync(Actor actor, CancellationToken cancellationToken) =>
        (actor.Token is { } token
            ? await tokens.FindOwnerAsync(token.Id, actor.UserId, cancellationToken)
            : (await sessions.FindAsync(session => session.Id == actor.SessionId && session.UserId == actor.UserId, cancellationToken))?.User)
        ?? throw new SignedOutException();

    private async Task<TeamAccess> AccessAsync(Actor actor, User user, bool isStale, CancellationToken cancellationToken)
    {
        if (isStale && time.GetUtcNow() - user.ConfirmedAt > options.Value.MembershipGrace)
            return new TeamAccess(actor, user.Name, [], IsPortalAdmin: false, user.ConfirmedAt, IsStale: true);

        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var teams = await db.Memberships.AsNoTracking()
            .Where(membership => membership.UserId == user.Id)
            .OrderBy(membership => membership.Team.Name)
            .Select(membership => new TeamMembership(membership.TeamId, membership.Team.Name, membership.Role))
            .ToListAsync(cancellationToken);
        var isPortalAdmin = !isStale && portal.Value.AdminTeam is { Length: > 0 } adminTeam && teams.Any(team => team.Name == adminTeam);
        return new TeamAccess(actor, user.Name, teams, isPortalAdmin, user.ConfirmedAt, isStale);
    }
}
