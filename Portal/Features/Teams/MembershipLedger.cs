using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.AccessTokens;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.SignIn;

namespace Portal.Features.Teams;

/// <summary>Writes down what the provider says about a user. Sessions and credentials that hang on what was lost end with it.</summary>
public sealed class MembershipLedger(
    IDbContextFactory<PortalDb> databases,
    CredentialInventory credentials,
    AccessTokenInventory tokens,
    SessionEnds ends,
    AuditTrail audit,
    TimeProvider time)
{
    public async Task<User?> FindUserAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id && user.SuspendedAt == null, cancellationToken);
    }

    /// <summary>Also ends the sessions and access tokens of somebody whom no organisation admits any more.</summary>
    /// <returns>Whether the user may stay.</returns>
    public async Task<bool> ApplyAsync(Guid userId, GitHubStanding standing, CancellationToken cancellationToken)
    {
        var ended = await databases.InTransactionAsync(
            async db =>
            {
                var user = await db.Users.SingleAsync(user => user.Id == userId, cancellationToken);
                await ApplyAsync(db, user, standing, cancellationToken);
                return standing.IsAdmitted ? Ended.Nothing : await EndAsync(db, user, "session.end", "left the organisation", cancellationToken);
            },
            cancellationToken);
        Publish(ended);
        return standing.IsAdmitted;
    }

    /// <summary>In the caller's transaction; the user is tracked by the context.</summary>
    public async Task ApplyAsync(PortalDb db, User user, GitHubStanding standing, CancellationToken cancellationToken)
    {
        user.Login = standing.User.Login;
        user.Name = standing.User.Name;
        user.ConfirmedAt = time.GetUtcNow();

        var recorded = await db.Memberships.Include(membership => membership.Team)
            .Where(membership => membership.UserId == user.Id)
            .ToListAsync(cancellationToken);
        foreach (var membership in recorded)
        {
            if (standing.Teams.TryGetValue(membership.TeamId, out var role))
                membership.Role = role;
            else
                await LoseAsync(db, user, membership, cancellationToken);
        }

        db.AddRange(standing.Teams
            .Where(team => recorded.TrueForAll(membership => membership.TeamId != team.Key))
            .Select(team => new Membership { UserId = user.Id, TeamId = team.Key, Role = team.Value }));
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Ends the user's sessions and access tokens: the portal can no longer ask about them.</summary>
    public async Task EndSessionsAsync(Guid userId, string why, CancellationToken cancellationToken) =>
        Publish(await databases.InTransactionAsync(
            async db =>
            {
                var user = await db.Users.SingleAsync(user => user.Id == userId, cancellationToken);
                return await EndAsync(db, user, "session.end", why, cancellationToken);
            },
            cancellationToken));

    /// <summary>The provider no longer stands for the user: sessions, access tokens and everything issued end.</summary>
    public async Task SuspendAsync(Guid userId, string why, CancellationToken cancellationToken) =>
        Publish(await databases.InTransactionAsync(
            async db =>
            {
                var user = await db.Users.SingleAsync(user => user.Id == userId, cancellationToken);
                user.SuspendedAt = time.GetUtcNow();
                await credentials.EndAsync(db, credential => credential.OwnerId == userId, why, cancellationToken);
                return await EndAsync(db, user, "user.suspend", why, cancellationToken);
            },
            cancellationToken));

    /// <summary>Puts on record that the last answer counts from now on.</summary>
    public Task NoteSilenceAsync(User user, string why, CancellationToken cancellationToken) =>
        audit.AppendAsync(new AuditEntry("membership.check", user.Id, user.Login, "", $"user {user.Id}", "failed", why), cancellationToken);

    private async Task LoseAsync(PortalDb db, User user, Membership membership, CancellationToken cancellationToken)
    {
        var team = membership.Team.Name;
        db.Remove(membership);
        var ended = await credentials.EndAsync(
            db, credential => credential.OwnerId == user.Id && credential.TeamId == membership.TeamId, $"lost membership of {team}", cancellationToken);
        await audit.AppendAsync(
            db,
            new AuditEntry("membership.lose", user.Id, user.Login, "", $"team {membership.TeamId}", "ok", $"{team}; credentials ended: {ended}"),
            cancellationToken);
    }

    private async Task<Ended> EndAsync(PortalDb db, User user, string action, string why, CancellationToken cancellationToken)
    {
        await audit.AppendAsync(db, new AuditEntry(action, user.Id, user.Login, "", $"user {user.Id}", "ok", why), cancellationToken);
        return new(
            await Sessions.RemoveAllAsync(db, user.Id, cancellationToken),
            await tokens.EndAllAsync(db, user, why, cancellationToken));
    }

    // Once the transaction is committed.
    private void Publish(Ended ended)
    {
        ends.Publish(ended.Sessions);
        tokens.Refuse(ended.Tokens);
    }

    private sealed record Ended(IReadOnlyList<Guid> Sessions, IReadOnlyList<Guid> Tokens)
    {
        public static readonly Ended Nothing = new([], []);
    }
}
