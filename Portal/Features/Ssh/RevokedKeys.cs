using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Shell;

namespace Portal.Features.Ssh;

/// <summary>What became of the wish to revoke a key.</summary>
public abstract record KeyOutcome
{
    private KeyOutcome()
    {
    }

    /// <param name="IsNew">False when it was revoked before.</param>
    public sealed record Revoked(RevokedSshKey Key, bool IsNew) : KeyOutcome;

    /// <summary>The person never had a certificate for it.</summary>
    public sealed record NotFound : KeyOutcome;

    public sealed record Rejected(string Message) : KeyOutcome;

    /// <summary>Null when it is revoked, else why not.</summary>
    public string? Complaint => this switch
    {
        Rejected(var message) => message,
        NotFound => "You never had a certificate for this key.",
        _ => null,
    };
}

/// <summary>A key that somebody had certificates for, with the latest of them.</summary>
public sealed record OwnSshKey(string Fingerprint, string Role, DateTimeOffset UsedAt);

/// <param name="Own">Those that are not revoked, latest first.</param>
/// <param name="MayLift">The person is a portal admin, and sees what others revoked.</param>
public sealed record KeyOverview(IReadOnlyList<OwnSshKey> Own, IReadOnlyList<RevokedSshKey> Revoked, bool MayLift);

/// <summary>
/// Public keys that hosts refuse everywhere. People revoke keys that they were the first to have certificates for, as anybody may know
/// anybody's public key; portal admins revoke any but the authority's, and they alone lift one.
/// </summary>
public sealed class RevokedKeys(
    IDbContextFactory<PortalDb> databases, MembershipCheck memberships, CertificateEnding ending, AuditTrail audit, TimeProvider time)
{
    private const string FingerprintStart = "SHA256:";
    private const int FingerprintLength = 50;

    /// <param name="key">The line of a public key, or its SHA256 fingerprint.</param>
    public async Task<KeyOutcome> RevokeAsync(Actor actor, string key, CancellationToken cancellationToken)
    {
        if (Fingerprint(key, out var complaint) is not { } fingerprint)
            return new KeyOutcome.Rejected(complaint!);
        var access = await memberships.GetAsync(actor, now: false, cancellationToken);
        var (outcome, owners) = await databases.InTransactionAsync<(KeyOutcome, IReadOnlyList<Guid>)>(
            async db =>
            {
                // Hosts would then refuse every certificate that it signed.
                if (await db.SshAuthorities.AnyAsync(row => row.Fingerprint == fingerprint, cancellationToken))
                    return (new KeyOutcome.Rejected("This is the key of the certificate authority: revoking it would lock everybody out. Have hosts trust another authority instead."), []);
                if (!access.IsPortalAdmin && await RefuseAsync(db, actor, fingerprint, cancellationToken) is { } refusal)
                    return (refusal, []);
                if (await db.RevokedSshKeys.SingleOrDefaultAsync(row => row.Fingerprint == fingerprint, cancellationToken) is { } before)
                    return (new KeyOutcome.Revoked(before, IsNew: false), []);

                var revoked = new RevokedSshKey
                {
                    Id = Guid.CreateVersion7(time.GetUtcNow()), Fingerprint = fingerprint, RevokedById = actor.UserId, RevokedBy = actor.Login, RevokedAt = time.GetUtcNow(),
                };
                db.Add(revoked);
                await audit.AppendAsync(db, Entry(actor, "ssh-key.revoke", revoked), cancellationToken);
                return (new KeyOutcome.Revoked(revoked, IsNew: true), await ending.RevokeAllAsync(db, fingerprint, actor, cancellationToken));
            },
            cancellationToken);
        if (outcome is KeyOutcome.Revoked { IsNew: true })
            await ending.PublishAsync(owners);
        return outcome;
    }

    /// <summary>Lets a key be used again, by portal admins. What was revoked with it stays so.</summary>
    /// <returns>False when there is no such key, or the actor is no portal admin.</returns>
    public async Task<bool> LiftAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        var access = await memberships.GetAsync(actor, now: true, cancellationToken);
        if (!access.IsPortalAdmin)
            return false;
        var isLifted = await databases.InTransactionAsync(
            async db =>
            {
                if (await db.RevokedSshKeys.SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } revoked)
                    return false;
                db.Remove(revoked);
                await audit.AppendAsync(db, Entry(actor, "ssh-key.lift", revoked), cancellationToken);
                return true;
            },
            cancellationToken);
        if (isLifted)
            await ending.PublishAsync([]);
        return isLifted;
    }

    /// <summary>Those that one revoked oneself, for a portal admin all; latest first, one more than the page holds.</summary>
    public async Task<IReadOnlyList<RevokedSshKey>> ListAsync(Actor actor, PageWish wish, CancellationToken cancellationToken)
    {
        var access = await memberships.GetAsync(actor, now: false, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var keys = db.RevokedSshKeys.AsNoTracking().Where(key => access.IsPortalAdmin || key.RevokedById == actor.UserId);
        if (wish.After is { } after)
            keys = keys.Where(key => key.RevokedAt < after.At || (key.RevokedAt == after.At && key.Id.CompareTo(after.Id) < 0));
        return await keys.OrderByDescending(key => key.RevokedAt).ThenByDescending(key => key.Id).Take(wish.Limit + 1).ToListAsync(cancellationToken);
    }

    /// <summary>For a page: the person's keys, and the latest of those that are revoked.</summary>
    public async Task<KeyOverview> LookAsync(Actor actor, CancellationToken cancellationToken)
    {
        const int most = 200;
        var access = await memberships.GetAsync(actor, now: false, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var allRevoked = db.RevokedSshKeys;
        var mine = db.IssuedCertificates.AsNoTracking().Where(certificate => certificate.Credential.OwnerId == actor.UserId);
        var own = await mine
            .Where(certificate => !allRevoked.Any(key => key.Fingerprint == certificate.KeyFingerprint))
            // The latest of each key: ids rise with time.
            .Where(certificate => !mine.Any(later => later.KeyFingerprint == certificate.KeyFingerprint && later.CredentialId.CompareTo(certificate.CredentialId) > 0))
            .OrderByDescending(certificate => certificate.CredentialId)
            .Select(latest => new OwnSshKey(latest.KeyFingerprint, latest.Credential.Role, latest.Credential.IssuedAt))
            .Take(most)
            .ToListAsync(cancellationToken);
        var revoked = await ListAsync(actor, new PageWish(null, most), cancellationToken);
        return new(own, revoked, access.IsPortalAdmin);
    }

    // Anybody may ask for a certificate for anybody's public key, so the first who had one counts as its owner.
    private static async Task<KeyOutcome?> RefuseAsync(PortalDb db, Actor actor, string fingerprint, CancellationToken cancellationToken)
    {
        var owners = await db.IssuedCertificates.Where(certificate => certificate.KeyFingerprint == fingerprint)
            .OrderBy(certificate => certificate.Credential.IssuedAt).ThenBy(certificate => certificate.CredentialId)
            .Select(certificate => certificate.Credential.OwnerId).ToListAsync(cancellationToken);
        if (!owners.Contains(actor.UserId))
            return new KeyOutcome.NotFound();
        return owners[0] == actor.UserId
            ? null
            : new KeyOutcome.Rejected("Somebody else had a certificate for this key before you did. Revoke your own certificates one by one, or ask a portal admin to revoke the key.");
    }

    private static string? Fingerprint(string text, out string? complaint)
    {
        var trimmed = text.Trim();
        if (!trimmed.StartsWith(FingerprintStart, StringComparison.Ordinal))
            return SshPublicKey.TryParse(text, out var key, out complaint) ? key.Fingerprint : null;
        Span<byte> bytes = stackalloc byte[FingerprintLength];
        var isWhole = trimmed.Length == FingerprintLength
            && Convert.TryFromBase64String($"{trimmed[FingerprintStart.Length..]}=", bytes, out var length) && length == KeyRevocationList.FingerprintLength
            // The last letter has bits to spare: one way to write it.
            && $"{FingerprintStart}{Convert.ToBase64String(bytes[..length]).TrimEnd('=')}" == trimmed;
        complaint = isWhole ? null : "This is no whole fingerprint. ssh-keygen -l -f FILE.pub says it: SHA256: and 43 letters.";
        return isWhole ? trimmed : null;
    }

    private static AuditEntry Entry(Actor actor, string action, RevokedSshKey key) =>
        new(action, actor.UserId, actor.Login, actor.Address, $"ssh-key {key.Fingerprint}", "ok", actor.Token is null ? null : actor.Means.Trim());
}
