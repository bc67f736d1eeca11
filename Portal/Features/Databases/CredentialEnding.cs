using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Vault;

namespace Portal.Features.Databases;

/// <summary>
/// Takes database credentials back: lease, then token, until Vault says that both are gone. Whoever calls, and however often, the result
/// is the same; of two at once one records it.
/// </summary>
public sealed partial class CredentialEnding(
    IDbContextFactory<PortalDb> databases,
    DatabaseEngine vault,
    CredentialChanges changes,
    AuditTrail audit,
    IOptions<DatabasesOptions> options,
    TimeProvider time,
    ILogger<CredentialEnding> logger)
{
    // Vault ends a lease a moment after its time; only what is still there later needs help.
    private static readonly TimeSpan s_afterTheEnd = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_attemptTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMinutes(5);

    /// <summary>Ids that wait for an end: marked, forgotten while pending, or past their time.</summary>
    public async Task<IReadOnlyList<Guid>> FindDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var forgotten = now - options.Value.PendingTimeout;
        var over = now - s_afterTheEnd;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Credentials.AsNoTracking()
            .Where(credential => credential.Kind == CredentialKind.Database)
            .Where(credential =>
                (credential.State == CredentialState.Revoking && credential.NextAttemptAt <= now)
                || (credential.State == CredentialState.Pending && credential.IssuedAt <= forgotten)
                || (credential.State == CredentialState.Active && credential.ExpiresAt <= over))
            .OrderBy(credential => credential.NextAttemptAt)
            .Select(credential => credential.Id)
            .Take(200)
            .ToListAsync(cancellationToken);
    }

    /// <summary>An issue failed: marks it and tries at once. Never throws; what it cannot do the worker does later.</summary>
    public async Task TakeBackAsync(Guid id, string why)
    {
        try
        {
            await databases.InTransactionAsync(
                async db =>
                {
                    var credential = await db.Credentials.SingleAsync(row => row.Id == id);
                    if (credential.State == CredentialState.Pending)
                        await MarkAsync(db, credential, why);
                },
                CancellationToken.None);
            await EndAsync(id);
        }
        catch (Exception exception) when (exception is DbUpdateException or DbException)
        {
            Log.LeftToWorker(logger, id, exception);
        }
    }

    /// <summary>Ends one credential now, whether marked, forgotten or past its time.</summary>
    /// <returns>Null when it is gone; else why it is still there, in words for people. It is tried again.</returns>
    public async Task<string?> EndAsync(Guid id)
    {
        using var deadline = new CancellationTokenSource(s_attemptTime, time);
        var credential = await LoadAsync(id);
        if (credential.State is CredentialState.Revoked or CredentialState.Expired)
            return null;

        try
        {
            if (credential.State == CredentialState.Active)
            {
                if (await IsGoneAsync(credential, deadline.Token))
                    return await FinishAsync(id, CredentialState.Expired, "its time");
                await MarkAsync(id, "its time");
            }
            else if (credential.State == CredentialState.Pending)
            {
                await MarkAsync(id, "never handed over");
            }

            var who = new OnBehalfOf(credential.OwnerLogin, id);
            if (credential.LeaseId is { } leaseId)
                await vault.RevokeLeaseAsync(leaseId, who, deadline.Token);
            if (credential.Accessor is { } accessor)
                await vault.RevokeTokenAsync(accessor, who, deadline.Token);
            return await IsGoneAsync(credential, deadline.Token)
                ? await FinishAsync(id, CredentialState.Revoked, null)
                : await RetryLaterAsync(id, "Vault still lists it.");
        }
        catch (VaultException exception)
        {
            return await RetryLaterAsync(id, Why(exception));
        }
        catch (OperationCanceledException)
        {
            return await RetryLaterAsync(id, "Vault did not answer in time.");
        }
    }

    private async Task<Credential> LoadAsync(Guid id)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.Credentials.AsNoTracking().SingleAsync(row => row.Id == id);
    }

    private async Task<bool> IsGoneAsync(Credential credential, CancellationToken cancellationToken) =>
        (credential.LeaseId is not { } leaseId || !await vault.LeaseExistsAsync(leaseId, cancellationToken))
        && (credential.Accessor is not { } accessor || !await vault.TokenExistsAsync(accessor, cancellationToken));

    private Task MarkAsync(Guid id, string why) => ChangeAsync(id, (db, credential) => MarkAsync(db, credential, why));

    private Task MarkAsync(PortalDb db, Credential credential, string why)
    {
        credential.StartRevoking(why, time.GetUtcNow());
        return audit.AppendAsync(db, Entry("credential.revoke", credential, "ok", why), CancellationToken.None);
    }

    private async Task<string?> FinishAsync(Guid id, CredentialState state, string? by)
    {
        await ChangeAsync(id, (db, credential) =>
        {
            credential.End(state, by ?? credential.EndedBy ?? "the portal", time.GetUtcNow());
            return audit.AppendAsync(
                db, Entry(state == CredentialState.Expired ? "credential.expired" : "credential.revoked", credential, "ok", credential.EndedBy), CancellationToken.None);
        });
        return null;
    }

    private async Task<string> RetryLaterAsync(Guid id, string why)
    {
        await ChangeAsync(id, (_, credential) =>
        {
            if (credential.State == CredentialState.Revoking)
                credential.RetryRevoking(why, time.GetUtcNow() + Delay(credential.Attempts));
            return Task.CompletedTask;
        });
        Log.StillThere(logger, id, why);
        return why;
    }

    private static TimeSpan Delay(int attempts) =>
        attempts >= 6 ? s_longestDelay : s_firstDelay * Math.Pow(2, attempts);

    private async Task ChangeAsync(Guid id, Func<PortalDb, Credential, Task> change)
    {
        var owner = await databases.InTransactionAsync(
            async db =>
            {
                var credential = await db.Credentials.SingleAsync(row => row.Id == id);
                // Another caller was faster: what it recorded stands.
                if (credential.State is not (CredentialState.Revoked or CredentialState.Expired))
                    await change(db, credential);
                return credential.OwnerId;
            },
            CancellationToken.None);
        changes.Publish(owner);
    }

    private static string Why(VaultException exception) => exception.Failure switch
    {
        VaultFailure.Unreachable => "Vault does not answer.",
        VaultFailure.Sealed => "Vault is sealed.",
        VaultFailure.Denied => "Vault refuses the portal this step.",
        _ => exception.Errors.Count > 0 ? exception.Words : "Vault gave an answer the portal does not understand.",
    };

    private static AuditEntry Entry(string action, Credential credential, string outcome, string? detail) => new(
        action, null, "portal", "", $"credential {credential.Id}", outcome, $"{credential.OwnerLogin} {credential.Role}: {detail}");

    private static partial class Log
    {
        [LoggerMessage(EventId = 3101, Level = LogLevel.Warning, Message = "Credential {Credential} is not gone yet, tried again later: {Why}")]
        public static partial void StillThere(ILogger logger, Guid credential, string why);

        [LoggerMessage(EventId = 3102, Level = LogLevel.Warning, Message = "Credential {Credential} could not be marked; it is taken back when its pending time is over.")]
        public static partial void LeftToWorker(ILogger logger, Guid credential, Exception exception);
    }
}
