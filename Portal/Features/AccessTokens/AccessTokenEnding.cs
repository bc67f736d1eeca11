using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Vault;

namespace Portal.Features.AccessTokens;

/// <summary>Takes access tokens off the whitelist: revoked ones, those that were never handed over, and those whose time is over.</summary>
public sealed partial class AccessTokenEnding(
    IDbContextFactory<PortalDb> databases,
    Whitelist whitelist,
    AccessTokenInventory inventory,
    AuditTrail audit,
    TimeProvider time,
    ILogger<AccessTokenEnding> logger)
{
    private const int AtOnce = 200;
    private static readonly TimeSpan s_pendingTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMinutes(5);

    /// <summary>Ids that wait for an end.</summary>
    public async Task<IReadOnlyList<Guid>> FindDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var forgotten = now - s_pendingTime;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.AccessTokens.AsNoTracking()
            .Where(token =>
                token.State == AccessTokenState.Revoking
                || (token.State == AccessTokenState.Pending && token.CreatedAt <= forgotten)
                || (token.State == AccessTokenState.Active && token.ExpiresAt <= now))
            .Where(token => token.NextAttemptAt == null || token.NextAttemptAt <= now)
            .OrderBy(token => token.NextAttemptAt)
            .Select(token => token.Id)
            .Take(AtOnce)
            .ToListAsync(cancellationToken);
    }

    /// <summary>An issue failed. Never throws; what it cannot do the worker does later.</summary>
    public async Task TakeBackAsync(Guid id)
    {
        try
        {
            await ChangeAsync(id, (_, token) =>
            {
                if (token.State == AccessTokenState.Pending)
                    token.StartRevoking("failed while it was issued", time.GetUtcNow());
                return Task.CompletedTask;
            });
            await EndAsync(id);
        }
        catch (Exception exception) when (exception is DbUpdateException or DbException)
        {
            Log.LeftToWorker(logger, id, exception);
        }
    }

    /// <summary>Refused from now on; off the whitelist now, or as soon as Vault lets it.</summary>
    public async Task EndAsync(Guid id)
    {
        var token = await LoadAsync(id);
        if (token.State is AccessTokenState.Revoked or AccessTokenState.Expired)
            return;
        inventory.Refuse(id, token.ExpiresAt);
        try
        {
            await whitelist.RemoveAsync(token.OwnerId, id, token.OwnerLogin, CancellationToken.None);
            var isOver = token.State == AccessTokenState.Active;
            await FinishAsync(id, isOver ? AccessTokenState.Expired : AccessTokenState.Revoked, isOver ? "its time" : "never handed over");
        }
        catch (VaultException exception)
        {
            await ChangeAsync(id, (_, current) =>
            {
                current.RetryRevoking(time.GetUtcNow() + Delay(current.Attempts));
                return Task.CompletedTask;
            });
            Log.StillListed(logger, id, exception.Message);
        }
    }

    /// <summary>It is off the whitelist: puts that on record. Of two at once one does.</summary>
    public Task FinishAsync(Guid id, AccessTokenState state, string by) => ChangeAsync(id, (db, token) =>
    {
        token.End(state, by, time.GetUtcNow());
        return audit.AppendAsync(
            db,
            new AuditEntry(
                state == AccessTokenState.Expired ? "access-token.expired" : "access-token.revoked", null, "portal", "", $"access token {id}", "ok",
                $"{token.OwnerLogin} {token.Name}: {token.EndedBy}"),
            CancellationToken.None);
    });

    private async Task<AccessToken> LoadAsync(Guid id)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.AccessTokens.AsNoTracking().SingleAsync(token => token.Id == id);
    }

    private Task ChangeAsync(Guid id, Func<PortalDb, AccessToken, Task> change) => databases.InTransactionAsync(
        async db =>
        {
            var token = await db.AccessTokens.SingleAsync(token => token.Id == id);
            // Another caller was faster: what it recorded stands.
            if (token.State is not (AccessTokenState.Revoked or AccessTokenState.Expired))
                await change(db, token);
        },
        CancellationToken.None);

    private static TimeSpan Delay(int attempts) => attempts >= 6 ? s_longestDelay : s_firstDelay * Math.Pow(2, attempts);

    private static partial class Log
    {
        [LoggerMessage(EventId = 4101, Level = LogLevel.Warning, Message = "Access token {Token} is refused, but still on the whitelist; deleted later: {Why}")]
        public static partial void StillListed(ILogger logger, Guid token, string why);

        [LoggerMessage(EventId = 4102, Level = LogLevel.Warning, Message = "Access token {Token} could not be marked; it is taken back when its pending time is over.")]
        public static partial void LeftToWorker(ILogger logger, Guid token, Exception exception);
    }
}
