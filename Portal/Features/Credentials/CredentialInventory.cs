using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.Credentials;

/// <summary>One row of "what I hold". Never a secret.</summary>
/// <param name="NeverShown">Active, and no browser confirmed within a minute that it showed the secret.</param>
public sealed record CredentialView(
    Guid Id, CredentialKind Kind, string OwnerLogin, string Role, string Target, string Reason, string? Username, CredentialState State,
    DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, DateTimeOffset LatestEnd, DateTimeOffset? EndedAt, string? EndedBy,
    bool NeverShown, string? LastError);

/// <summary>Everything issued and what became of it. The kinds' own rooms issue and revoke; a worker of theirs ends what is marked here.</summary>
public sealed class CredentialInventory(
    IDbContextFactory<PortalDb> databases, AuditTrail audit, CredentialChanges changes, TimeProvider time)
{
    /// <summary>How long a browser has to confirm that it showed the secret.</summary>
    public static readonly TimeSpan ShowTime = TimeSpan.FromMinutes(1);

    private static readonly CredentialState[] s_live = [CredentialState.Pending, CredentialState.Active, CredentialState.Revoking];
    private static readonly TimeSpan s_endedLately = TimeSpan.FromHours(24);
    private const int EndedAtMost = 50;

    /// <summary>Live ones, soonest end first, then those that ended in the last 24 hours, latest first.</summary>
    public async Task<IReadOnlyList<CredentialView>> ListMineAsync(Actor actor, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var mine = db.Credentials.AsNoTracking().Where(credential => credential.OwnerId == actor.UserId);
        var live = await mine.Where(credential => s_live.Contains(credential.State))
            .OrderBy(credential => credential.ExpiresAt)
            .ToListAsync(cancellationToken);
        var since = time.GetUtcNow() - s_endedLately;
        var ended = await mine.Where(credential => !s_live.Contains(credential.State) && credential.EndedAt >= since)
            .OrderByDescending(credential => credential.EndedAt)
            .Take(EndedAtMost)
            .ToListAsync(cancellationToken);
        return [.. live.Concat(ended).Select(View)];
    }

    /// <summary>The person's last different reasons, newest first, to offer them again.</summary>
    public async Task<IReadOnlyList<string>> RecentReasonsAsync(Actor actor, CancellationToken cancellationToken)
    {
        const int offered = 5;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var reasons = await db.Credentials.AsNoTracking()
            .Where(credential => credential.OwnerId == actor.UserId)
            .OrderByDescending(credential => credential.IssuedAt)
            .Select(credential => credential.Reason)
            .Take(50)
            .ToListAsync(cancellationToken);
        return [.. reasons.Distinct().Take(offered)];
    }

    /// <summary>A person's credentials of these kinds, latest first, one more than the page holds.</summary>
    /// <param name="state">Only these; null for all.</param>
    public async Task<IReadOnlyList<CredentialView>> ListMineAsync(
        Actor actor, IReadOnlyList<CredentialKind> kinds, CredentialState? state, PageWish wish, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var mine = db.Credentials.AsNoTracking().Where(credential => credential.OwnerId == actor.UserId && kinds.Contains(credential.Kind));
        if (state is not null)
            mine = mine.Where(credential => credential.State == state);
        if (wish.After is { } after)
        {
            mine = mine.Where(credential =>
                credential.IssuedAt < after.At || (credential.IssuedAt == after.At && credential.Id.CompareTo(after.Id) < 0));
        }

        return
        [
            .. (await mine.OrderByDescending(credential => credential.IssuedAt).ThenByDescending(credential => credential.Id)
                .Take(wish.Limit + 1).ToListAsync(cancellationToken)).Select(View),
        ];
    }

    /// <summary>One of the person's own; null when it is another's or not there.</summary>
    public async Task<CredentialView?> FindMineAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Credentials.AsNoTracking()
            .SingleOrDefaultAsync(credential => credential.Id == id && credential.OwnerId == actor.UserId, cancellationToken) is { } credential
            ? View(credential)
            : null;
    }

    /// <summary>The kind of any credential; null when it is not there. Says nothing about who may see it.</summary>
    public async Task<CredentialKind?> FindKindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Credentials.Where(credential => credential.Id == id).Select(credential => (CredentialKind?)credential.Kind)
            .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>The browser showed the secret to its owner. Another's credential is not found; a second confirmation changes nothing.</summary>
    /// <returns>False when the actor holds no such credential.</returns>
    public async Task<bool> ConfirmShownAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        var found = await databases.InTransactionAsync(
            async db =>
            {
                var credential = await db.Credentials.SingleOrDefaultAsync(
                    credential => credential.Id == id && credential.OwnerId == actor.UserId, cancellationToken);
                if (credential is { ShownAt: null })
                    credential.Shown(time.GetUtcNow());

                return credential is not null;
            },
            cancellationToken);
        if (found)
            changes.Publish(actor.UserId);
        return found;
    }

    /// <summary>Marks the live credentials of the filter to be ended, in the caller's transaction; the worker of their kind does the rest within seconds.</summary>
    /// <param name="by">Who or what asked for it, as people will read it.</param>
    /// <returns>How many were marked.</returns>
    public async Task<int> EndAsync(PortalDb db, Expression<Func<Credential, bool>> which, string by, CancellationToken cancellationToken)
    {
        var live = await db.Credentials.Where(which)
            .Where(credential => credential.State == CredentialState.Active || credential.State == CredentialState.Pending)
            .ToListAsync(cancellationToken);
        foreach (var credential in live)
        {
            credential.StartRevoking(by, time.GetUtcNow());
            await audit.AppendAsync(
                db,
                new AuditEntry("credential.revoke", null, by, "", $"credential {credential.Id}", "ok", $"{credential.OwnerLogin} {credential.Role}"),
                cancellationToken);
        }

        return live.Count;
    }

    private CredentialView View(Credential credential) => new(
        credential.Id, credential.Kind, credential.OwnerLogin, credential.Role, credential.Target, credential.Reason, credential.Username, credential.State,
        credential.IssuedAt, credential.ExpiresAt, credential.LatestEnd, credential.EndedAt, credential.EndedBy,
        credential is { State: CredentialState.Active, ShownAt: null } && credential.IssuedAt + ShowTime < time.GetUtcNow(),
        credential.LastError);
}
