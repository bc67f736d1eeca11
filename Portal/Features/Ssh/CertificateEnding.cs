using System.Data.Common;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.SignIn;

namespace Portal.Features.Ssh;

/// <summary>
/// Ends certificates by putting them on the revocation list; Vault has no part in it. Also brings to an end what others marked, what was never
/// handed over, and what is past its time.
/// </summary>
public sealed partial class CertificateEnding(
    IDbContextFactory<PortalDb> databases,
    RevocationList list,
    CredentialChanges changes,
    AuditTrail audit,
    IOptions<SshOptions> options,
    TimeProvider time,
    ILogger<CertificateEnding> logger)
{
    private const int AtOnce = 200;

    /// <summary>Revokes one certificate now; it is on the list when this returns.</summary>
    public async Task<RevokeOutcome> RevokeAsync(
        Expression<Func<Credential, bool>> which, Func<Credential, bool> isAllowed, Actor actor, CancellationToken cancellationToken)
    {
        var (outcome, owner) = await databases.InTransactionAsync<(RevokeOutcome, Guid?)>(
            async db =>
            {
                var credential = await db.Credentials.Where(row => row.Kind == CredentialKind.SshCertificate).SingleOrDefaultAsync(which, cancellationToken);
                if (credential is null || !isAllowed(credential))
                    return (new RevokeOutcome.NotFound(), null);
                // One that is past its time by a clock that was ahead is revoked like any other.
                if (credential.State == CredentialState.Revoked || (credential.State == CredentialState.Expired && credential.ExpiresAt <= time.GetUtcNow()))
                    return (new RevokeOutcome.HadEnded(), null);
                await EndAsync(db, credential, actor, actor.Login, cancellationToken);
                return (new RevokeOutcome.Revoked(), credential.OwnerId);
            },
            cancellationToken);
        if (owner is not null)
            await PublishAsync([owner.Value]);
        return outcome;
    }

    /// <summary>Revokes all live certificates for a public key, in the caller's transaction; <see cref="PublishAsync"/> follows.</summary>
    /// <returns>Their owners.</returns>
    public async Task<IReadOnlyList<Guid>> RevokeAllAsync(PortalDb db, string keyFingerprint, Actor actor, CancellationToken cancellationToken)
    {
        var live = await db.IssuedCertificates.Include(certificate => certificate.Credential)
            .Where(certificate => certificate.KeyFingerprint == keyFingerprint
                && (certificate.Credential.State == CredentialState.Active || certificate.Credential.State == CredentialState.Pending))
            .Select(certificate => certificate.Credential)
            .ToListAsync(cancellationToken);
        foreach (var credential in live)
            await EndAsync(db, credential, actor, actor.Login, cancellationToken);
        return [.. live.Select(credential => credential.OwnerId).Distinct()];
    }

    /// <summary>An issue failed. Never throws: what it cannot do is done when the pending time is over.</summary>
    public async Task TakeBackAsync(Guid id, string why)
    {
        try
        {
            await databases.InTransactionAsync(
                async db =>
                {
                    var credential = await db.Credentials.SingleAsync(row => row.Id == id);
                    if (credential.State == CredentialState.Pending)
                        await EndAsync(db, credential, null, why, CancellationToken.None);
                },
                CancellationToken.None);
            list.Invalidate();
        }
        catch (Exception exception) when (exception is DbUpdateException or DbException)
        {
            Log.LeftToWorker(logger, id, exception);
        }
    }

    public async Task<bool> IsAnyDueAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await Due(db).AnyAsync(cancellationToken);
    }

    /// <summary>Ends what is due: marked, forgotten while pending, or past its time.</summary>
    public async Task EndDueAsync(CancellationToken cancellationToken)
    {
        var owners = await databases.InTransactionAsync(
            async db =>
            {
                var due = await Due(db).OrderBy(credential => credential.ExpiresAt).Take(AtOnce).ToListAsync(cancellationToken);
                foreach (var credential in due)
                {
                    if (credential.State == CredentialState.Active)
                        await ExpireAsync(db, credential, cancellationToken);
                    else
                        await EndAsync(db, credential, null, credential.EndedBy ?? "never handed over", cancellationToken);
                }

                return due.Select(credential => credential.OwnerId).Distinct().ToList();
            },
            cancellationToken);
        await PublishAsync(owners);
    }

    /// <summary>Makes the list anew, and tells open pages.</summary>
    public async Task PublishAsync(IReadOnlyList<Guid> owners)
    {
        try
        {
            await list.RebuildAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is DbUpdateException or DbException)
        {
            // It is on record as revoked, and the worker makes the list.
            Log.ListIsLate(logger, exception);
        }

        foreach (var owner in owners)
            changes.Publish(owner);
    }

    private IQueryable<Credential> Due(PortalDb db)
    {
        var now = time.GetUtcNow();
        var forgotten = now - options.Value.PendingTimeout;
        return db.Credentials.Where(credential => credential.Kind == CredentialKind.SshCertificate
            && (credential.State == CredentialState.Revoking
                || (credential.State == CredentialState.Pending && credential.IssuedAt <= forgotten)
                || (credential.State == CredentialState.Active && credential.ExpiresAt <= now)));
    }

    private async Task EndAsync(PortalDb db, Credential credential, Actor? actor, string by, CancellationToken cancellationToken)
    {
        credential.StartRevoking(by, time.GetUtcNow());
        credential.End(CredentialState.Revoked, by, time.GetUtcNow());
        await audit.AppendAsync(db, Entry("credential.revoke", credential, actor, by), cancellationToken);
    }

    private async Task ExpireAsync(PortalDb db, Credential credential, CancellationToken cancellationToken)
    {
        credential.End(CredentialState.Expired, "its time", time.GetUtcNow());
        await audit.AppendAsync(db, Entry("credential.expired", credential, null, "its time"), cancellationToken);
    }

    private static AuditEntry Entry(string action, Credential credential, Actor? actor, string by) => new(
        action, actor?.UserId, actor?.Login ?? "portal", actor?.Address ?? "", $"credential {credential.Id}", "ok",
        $"{credential.OwnerLogin} {credential.Role}: {by}{actor?.Means}");

    private static partial class Log
    {
        [LoggerMessage(EventId = 5101, Level = LogLevel.Warning, Message = "Certificate {Credential} could not be marked; its key id is revoked when its pending time is over.")]
        public static partial void LeftToWorker(ILogger logger, Guid credential, Exception exception);

        [LoggerMessage(EventId = 5102, Level = LogLevel.Error, Message = "The revocation list could not be made; tried again at once.")]
        public static partial void ListIsLate(ILogger logger, Exception exception);
    }
}
