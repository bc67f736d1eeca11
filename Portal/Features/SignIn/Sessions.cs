using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.Audit;

namespace Portal.Features.SignIn;

/// <summary>The signed-in browsers. A session lives while its row is here, its time is not up and its user is not suspended.</summary>
public sealed class Sessions(
    IDbContextFactory<PortalDb> databases, AuditTrail audit, SessionEnds ends, IOptions<SignInOptions> options, TimeProvider time)
{
    /// <summary>How exactly the last use is known; keeps a busy page from writing at every request.</summary>
    public static readonly TimeSpan TouchInterval = TimeSpan.FromMinutes(1);

    /// <summary>With its user; null when there is none or it is over.</summary>
    public async Task<Session?> FindAsync(Expression<Func<Session, bool>> which, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Sessions.AsNoTracking().Include(session => session.User)
            .Where(IsLive()).Where(which)
            .SingleOrDefaultAsync(cancellationToken);
    }

    public async Task<bool> IsLiveAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Sessions.Where(IsLive()).AnyAsync(session => session.Id == id, cancellationToken);
    }

    /// <summary>Counts as use. Never wakes a session whose time is up.</summary>
    public async Task TouchAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Sessions.Where(IsLive()).Where(session => session.Id == id && session.LastUsedAt <= now - TouchInterval)
            .ExecuteUpdateAsync(set => set.SetProperty(session => session.LastUsedAt, now), cancellationToken);
    }

    /// <summary>Adds a session in the caller's transaction.</summary>
    public Session Add(PortalDb db, User user, SessionKey key, string address)
    {
        var now = time.GetUtcNow();
        var session = new Session
        {
            Id = Guid.CreateVersion7(now),
            KeyHash = key.Hash(),
            UserId = user.Id,
            CreatedAt = now,
            LastUsedAt = now,
            ExpiresAt = now + options.Value.SessionLifetime,
            Address = address,
        };
        db.Add(session);
        return session;
    }

    public async Task SignOutAsync(Actor actor)
    {
        var id = actor.SessionId ?? throw new ArgumentException("An access token has no session.", nameof(actor));
        await databases.InTransactionAsync(
            async db =>
            {
                await db.Sessions.Where(session => session.Id == id).ExecuteDeleteAsync(CancellationToken.None);
                await audit.AppendAsync(
                    db, new AuditEntry("sign-out", actor.UserId, actor.Login, actor.Address, $"session {id}", "ok"), CancellationToken.None);
            },
            CancellationToken.None);
        ends.Publish([id]);
    }

    /// <summary>The browser signed in anew: what it had before is over.</summary>
    public async Task SupersedeAsync(SessionKey key, CancellationToken cancellationToken)
    {
        var hash = key.Hash();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Sessions.AsNoTracking().SingleOrDefaultAsync(session => session.KeyHash == hash, cancellationToken) is not { } old)
            return;
        await db.Sessions.Where(session => session.Id == old.Id).ExecuteDeleteAsync(cancellationToken);
        ends.Publish([old.Id]);
    }

    /// <summary>Deletes all sessions of a user in the caller's transaction.</summary>
    /// <returns>Their ids, to be published once the transaction is committed.</returns>
    public static async Task<IReadOnlyList<Guid>> RemoveAllAsync(PortalDb db, Guid userId, CancellationToken cancellationToken)
    {
        var ids = await db.Sessions.Where(session => session.UserId == userId).Select(session => session.Id).ToListAsync(cancellationToken);
        await db.Sessions.Where(session => session.UserId == userId).ExecuteDeleteAsync(cancellationToken);
        return ids;
    }

    /// <summary>Deletes what is over, one audit event each.</summary>
    public async Task ExpireAsync(CancellationToken cancellationToken)
    {
        await using (var look = await databases.CreateDbContextAsync(cancellationToken))
        {
            if (await look.Sessions.CountAsync(cancellationToken) == await look.Sessions.CountAsync(IsLive(), cancellationToken))
                return;
        }

        var expired = await databases.InTransactionAsync(
            async db =>
            {
                var live = db.Sessions.Where(IsLive()).Select(session => session.Id);
                var over = await db.Sessions.Include(session => session.User).Where(session => !live.Contains(session.Id)).ToListAsync(cancellationToken);
                var now = time.GetUtcNow();
                db.RemoveRange(over);
                foreach (var session in over)
                {
                    await audit.AppendAsync(
                        db,
                        new AuditEntry(
                            "session.expire", session.UserId, session.User.Login, "", $"session {session.Id}", "ok",
                            session.ExpiresAt <= now ? "longest life reached" : "not used"),
                        cancellationToken);
                }

                return over.Select(session => session.Id).ToList();
            },
            cancellationToken);
        ends.Publish(expired);
    }

    /// <summary>Users with at least one live session.</summary>
    public async Task<IReadOnlyList<Guid>> ListUsersAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Sessions.Where(IsLive()).Select(session => session.UserId).Distinct().ToListAsync(cancellationToken);
    }

    private Expression<Func<Session, bool>> IsLive()
    {
        var now = time.GetUtcNow();
        var usedAfter = now - options.Value.IdleTimeout;
        return session => session.ExpiresAt > now && session.LastUsedAt > usedAfter && session.User.SuspendedAt == null;
    }
}
