using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Vault;

namespace Portal.Features.Ssh;

/// <summary>
/// Issues SSH certificates. Each is recorded with its key id before Vault is asked: a crash anywhere leaves a pending row whose key id
/// <see cref="CertificateEnding"/> revokes, and a certificate that nobody got.
/// </summary>
public sealed partial class SshCertificates(
    IDbContextFactory<PortalDb> databases,
    GrantedSshRoles roles,
    MembershipCheck memberships,
    SshEngine vault,
    SshAuthorities authorities,
    CertificateEnding ending,
    CredentialChanges changes,
    AuditTrail audit,
    IOptions<SshOptions> options,
    TimeProvider time,
    ILogger<SshCertificates> logger)
{
    /// <exception cref="VaultException">Vault did not sign, or something else than was asked; nothing was handed out.</exception>
    /// <exception cref="SignedOutException">The session is over.</exception>
    public async Task<CertificateOutcome> IssueAsync(Actor actor, CertificateRequest request, CancellationToken cancellationToken)
    {
        var access = await memberships.GetAsync(actor, now: true, cancellationToken);
        if (await roles.FindGrantsAsync(access, request.Role, cancellationToken) is not { Count: > 0 } grants)
            return new CertificateOutcome.NotFound();
        var errors = request.Check(grants, options.Value.ShortestDuration, out var grant, out var key);
        if (errors.Count > 0)
            return new CertificateOutcome.Rejected(errors);
        if (grant.RequiresApproval)
            return new CertificateOutcome.ApprovalNeeded();

        var authority = authorities.Current ?? await authorities.RefreshAsync(cancellationToken);
        var (refusal, recorded) = await RecordAsync(actor, request, grant, key!, authority, cancellationToken);
        if (refusal is not null)
            return refusal;

        // A browser that goes away now does not stop it half way: the steps have a deadline of their own.
        var wish = new CertificateWish(key!, recorded!.KeyId, [.. request.Principals.Distinct()], grant.Role.Extensions, TimeSpan.FromSeconds(request.DurationSeconds));
        using var deadline = new CancellationTokenSource(options.Value.IssueTimeout, time);
        try
        {
            var certificate = await SignAsync(grant.RoleName, wish, new OnBehalfOf(actor.Login, recorded.CredentialId), deadline.Token);
            return await ActivateAsync(actor, recorded.CredentialId, certificate, deadline.Token)
                ? new CertificateOutcome.Issued(recorded.CredentialId, certificate)
                : new CertificateOutcome.EndedMeanwhile();
        }
        catch (Exception exception)
        {
            Log.IssueFailed(logger, recorded.CredentialId, exception);
            await ending.TakeBackAsync(recorded.CredentialId, "failed while it was issued");
            if (exception is OperationCanceledException)
                throw new VaultException(VaultFailure.Unreachable, $"sign/{request.Role}", null, ["no answer within the time for an issue"]);
            throw;
        }
        finally
        {
            changes.Publish(actor.UserId);
        }
    }

    /// <summary>Ends a certificate: one's own, one of a team that one maintains, or any for a portal admin. Needs no Vault.</summary>
    public async Task<RevokeOutcome> RevokeAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        var access = await memberships.GetAsync(actor, now: false, cancellationToken);
        return await ending.RevokeAsync(
            credential => credential.Id == id,
            credential => access.MayEnd(credential.OwnerId, credential.TeamId),
            actor,
            cancellationToken);
    }

    private Task<(CertificateOutcome? Refusal, IssuedCertificate? Recorded)> RecordAsync(
        Actor actor, CertificateRequest request, SshGrant grant, SshPublicKey key, SshAuthority authority, CancellationToken cancellationToken) =>
        databases.InTransactionAsync<(CertificateOutcome?, IssuedCertificate?)>(
            async db =>
            {
                // The transaction holds the write lock: of two clicks the second finds the row of the first, and no key is revoked in between.
                if (await db.Credentials.SingleOrDefaultAsync(
                    row => row.OwnerId == actor.UserId && row.RequestKey == request.RequestKey, cancellationToken) is { } before)
                {
                    return (await IsSameWishAsync(db, before, request, key, cancellationToken) ? new CertificateOutcome.AlreadyIssued(before.Id) : new CertificateOutcome.KeyReused(), null);
                }

                if (!await GrantedSshRoles.StillAllowsAsync(db, actor, grant, request, cancellationToken))
                    return (new CertificateOutcome.NotFound(), null);
                if (await RefuseAsync(db, key, cancellationToken) is { } refusal)
                    return (new CertificateOutcome.Rejected(new Dictionary<string, string> { ["publicKey"] = refusal }), null);

                var certificate = Record(actor, request, grant, key, authority);
                db.Add(certificate);
                await audit.AppendAsync(
                    db, Entry(actor, "credential.request", certificate.Credential, $"{request.Reason.Trim()}; key {key.Fingerprint}"), cancellationToken);
                return (null, certificate);
            },
            cancellationToken);

    private IssuedCertificate Record(Actor actor, CertificateRequest request, SshGrant grant, SshPublicKey key, SshAuthority authority)
    {
        var now = time.GetUtcNow();
        var end = now.AddSeconds(request.DurationSeconds);
        var id = Guid.CreateVersion7(now);
        return new IssuedCertificate
        {
            CredentialId = id,
            KeyId = CertificateWish.KeyIdOf(actor.Login, id),
            KeyFingerprint = key.Fingerprint,
            AuthorityFingerprint = authority.Fingerprint,
            Credential = new Credential
            {
                Id = id,
                Kind = CredentialKind.SshCertificate,
                OwnerId = actor.UserId,
                OwnerLogin = actor.Login,
                TeamId = grant.TeamId,
                TeamName = grant.Team.Name,
                GrantId = grant.Id,
                Role = grant.RoleName,
                Target = grant.Role.Hosts,
                Reason = request.Reason.Trim(),
                RequestKey = request.RequestKey,
                IssuedAt = now,
                ExpiresAt = end,
                LatestEnd = end,
            },
        };
    }

    private async Task<SshCertificate> SignAsync(string role, CertificateWish wish, OnBehalfOf who, CancellationToken cancellationToken)
    {
        var signed = await vault.SignAsync(role, wish.Signing, who, cancellationToken);
        if (!SshCertificate.TryParse(signed.Line, out var certificate))
            throw Unexpected(role, "it cannot be read");
        if (certificate.Serial != signed.Serial)
            throw Unexpected(role, "it has another serial than Vault says");
        if (wish.Deviation(certificate, time.GetUtcNow()) is { } deviation)
            throw Unexpected(role, deviation);
        // Vault may have got another key since it was asked.
        if (!IsCurrent(certificate, authorities.Current!) && !IsCurrent(certificate, await authorities.RefreshAsync(cancellationToken)))
            throw Unexpected(role, "it is signed by another authority than Vault publishes");
        return certificate;
    }

    /// <returns>False when somebody ended it meanwhile.</returns>
    private Task<bool> ActivateAsync(Actor actor, Guid id, SshCertificate certificate, CancellationToken cancellationToken) => databases.InTransactionAsync(
        async db =>
        {
            var row = await db.IssuedCertificates.Include(issued => issued.Credential).SingleAsync(issued => issued.CredentialId == id, cancellationToken);
            (row.Serial, row.AuthorityFingerprint) = (certificate.Serial, SshPublicKey.FingerprintOf(certificate.Authority.Span));
            if (row.Credential.State != CredentialState.Pending)
                return false;
            row.Credential.Activate(string.Join(", ", certificate.Principals), certificate.ValidBefore);
            // A program has the certificate with the answer; it has no dialog to confirm.
            if (actor.Token is not null)
                row.Credential.Shown(time.GetUtcNow());
            await audit.AppendAsync(
                db, Entry(actor, "credential.issue", row.Credential, $"{row.KeyId}, serial {certificate.Serial}, key {row.KeyFingerprint}, until {certificate.ValidBefore:O}"), cancellationToken);
            return true;
        },
        cancellationToken);

    private static bool IsCurrent(SshCertificate certificate, SshAuthority authority) =>
        SshPublicKey.FingerprintOf(certificate.Authority.Span) == authority.Fingerprint;

    // The end that was asked for is gone once the credential is active.
    private static async Task<bool> IsSameWishAsync(PortalDb db, Credential before, CertificateRequest request, SshPublicKey key, CancellationToken cancellationToken) =>
        before.Kind == CredentialKind.SshCertificate && before.Role == request.Role && before.Reason == request.Reason.Trim()
        && await db.IssuedCertificates.AnyAsync(row => row.CredentialId == before.Id && row.KeyFingerprint == key.Fingerprint, cancellationToken);

    private static async Task<string?> RefuseAsync(PortalDb db, SshPublicKey key, CancellationToken cancellationToken)
    {
        if (await db.SshAuthorities.AnyAsync(row => row.Fingerprint == key.Fingerprint, cancellationToken))
            return "This is the public key of the certificate authority. Give one of your own.";
        return await db.RevokedSshKeys.SingleOrDefaultAsync(row => row.Fingerprint == key.Fingerprint, cancellationToken) is { } revoked
            ? $"This key was revoked by {revoked.RevokedBy} on {revoked.RevokedAt:yyyy-MM-dd}. Use another key; if this one is fine after all, a portal admin can lift it."
            : null;
    }

    private static VaultException Unexpected(string role, string deviation) =>
        new(VaultFailure.Unexpected, $"sign/{role}", StatusCodes.Status200OK, [$"the certificate is not what was asked for: {deviation}"]);

    private static AuditEntry Entry(Actor actor, string action, Credential credential, string detail) => new(
        action, actor.UserId, actor.Login, actor.Address, $"credential {credential.Id}", "ok", $"{credential.Role}: {detail}{actor.Means}");

    private static partial class Log
    {
        [LoggerMessage(EventId = 5001, Level = LogLevel.Warning, Message = "Certificate {Credential} was not issued; its key id is revoked.")]
        public static partial void IssueFailed(ILogger logger, Guid credential, Exception exception);
    }
}
