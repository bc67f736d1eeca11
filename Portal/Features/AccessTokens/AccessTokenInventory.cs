using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.SignIn;

namespace Portal.Features.AccessTokens;

/// <summary>
/// Which access tokens are over, for those who end them and those who ask. Tokens that ended here are refused by this process at once, also
/// while Vault still has them on the whitelist, and whatever a look-up that is under way brings.
/// </summary>
public sealed class AccessTokenInventory(IDbContextFactory<PortalDb> databases, AuditTrail audit, TimeProvider time)
{
    // Kept until the token's own end: nothing brings it back.
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _refused = [];

    public bool IsRefused(Guid id) => _refused.ContainsKey(id);

    /// <summary>From now on, in this process. Call it once the rows say so for good, not within the transaction.</summary>
    public void Refuse(IEnumerable<Guid> ids)
    {
        foreach (var id in ids)
            _refused[id] = DateTimeOffset.MaxValue;
    }

    /// <param name="expiresAt">When the token ends by itself, and with it the need to remember.</param>
    public void Refuse(Guid id, DateTimeOffset expiresAt) => _refused[id] = expiresAt;

    public void ForgetExpired()
    {
        var now = time.GetUtcNow();
        foreach (var (id, expiresAt) in _refused)
        {
            if (expiresAt <= now)
                _refused.TryRemove(id, out _);
        }
    }

    /// <summary>The owner of a token that counts as far as the portal's database knows; null when it is over or the owner is suspended.</summary>
    public async Task<User?> FindOwnerAsync(Guid tokenId, Guid userId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Users.AsNoTracking()
            .Where(user => user.Id == userId && user.SuspendedAt == null)
            // A row that a restored database lost does not end its token: the whitelist has the say.
            .Where(user => !db.Set<AccessToken>().Any(token => token.Id == tokenId && (token.OwnerId != userId || token.State != AccessTokenState.Active)))
            .SingleOrDefaultAsync(cancellationToken);
    }

    /// <summary>Users with at least one token that counts.</summary>
    public async Task<IReadOnlyList<Guid>> ListOwnersAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.AccessTokens.Where(token => token.State == AccessTokenState.Active && token.ExpiresAt > now)
            .Select(token => token.OwnerId).Distinct().ToListAsync(cancellationToken);
    }

    /// <summary>Ends all tokens of a user in the caller's transaction; a worker takes them off the whitelist.</summary>
    /// <returns>Their ids, for <see cref="Refuse(IEnumerable{Guid})"/> once the transaction is committed.</returns>
    public async Task<IReadOnlyList<Guid>> EndAllAsync(PortalDb db, User user, string by, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        user.TokensNotBefore = now;
        var live = await db.AccessTokens
            .Where(token => token.OwnerId == user.Id && (token.State == AccessTokenState.Active || token.State == AccessTokenState.Pending))
            .ToListAsync(cancellationToken);
        foreach (var token in live)
            token.StartRevoking(by, now);
        if (live.Count > 0)
        {
            await audit.AppendAsync(
                db, new AuditEntry("access-token.revoke", null, by, "", $"user {user.Id}", "ok", $"{user.Login}: {live.Count} access tokens"), cancellationToken);
        }

        return [.. live.Select(token => token.Id)];
    }
}
