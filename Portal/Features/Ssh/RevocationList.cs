using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Credentials;

namespace Portal.Features.Ssh;

/// <param name="Bytes">OpenSSH's format.</param>
public sealed record PublishedList(long Version, DateTimeOffset ChangedAt, byte[] Bytes);

/// <summary>
/// The key revocation list that hosts fetch, in memory, made from what the database says. Its version and time change with its content alone,
/// in the database, so that all replicas serve the same bytes and a host that asks one after the other never goes back.
/// </summary>
public sealed class RevocationList(IDbContextFactory<PortalDb> databases, TimeProvider time) : IDisposable
{
    private const string Comment = "Vault Portal";

    // Hosts whose clocks are behind still take a certificate that ended.
    private static readonly TimeSpan s_afterTheEnd = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _making = new(1, 1);
    private volatile PublishedList? _current;
    private volatile bool _isStale;

    /// <summary>Null until it was made once.</summary>
    public PublishedList? Current => _current;

    /// <summary>Something changed that the list does not say yet.</summary>
    public bool IsStale => _isStale;

    /// <summary>Has it made anew soon, by the worker.</summary>
    public void Invalidate() => _isStale = true;

    /// <summary>Makes it anew. What was committed before the call is in it.</summary>
    public async Task RebuildAsync(CancellationToken cancellationToken)
    {
        await _making.WaitAsync(cancellationToken);
        try
        {
            _isStale = false;
            _current = await ReadAsync(cancellationToken) ?? await databases.InTransactionAsync(db => ChangeAsync(db, cancellationToken), cancellationToken);
        }
        catch
        {
            _isStale = true;
            throw;
        }
        finally
        {
            _making.Release();
        }
    }

    /// <summary>Whether another replica has made a newer one.</summary>
    public async Task<bool> IsBehindAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.RevocationVersions.Select(row => (long?)row.Version).SingleOrDefaultAsync(cancellationToken) != _current?.Version;
    }

    public void Dispose() => _making.Dispose();

    /// <returns>Null when the content has changed.</returns>
    private async Task<PublishedList?> ReadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.RevocationVersions.AsNoTracking().SingleOrDefaultAsync(cancellationToken) is not { } latest)
            return null;
        var content = await ContentAsync(db, EndedBefore(latest), cancellationToken);
        return content.Digest().SequenceEqual(latest.Content) ? content.Publish(latest) : null;
    }

    private async Task<PublishedList> ChangeAsync(PortalDb db, CancellationToken cancellationToken)
    {
        var latest = await db.RevocationVersions.SingleOrDefaultAsync(cancellationToken);
        var endedBefore = EndedBefore(latest);
        var content = await ContentAsync(db, endedBefore, cancellationToken);
        var digest = content.Digest();
        if (latest is not null && latest.Content.SequenceEqual(digest))
            return content.Publish(latest);

        if (latest is null)
            db.Add(latest = new RevocationVersion { Content = digest });
        var now = time.GetUtcNow();
        // Not below the time: a database that was restored from yesterday would else count what hosts have seen already.
        latest.Version = Math.Max(Math.Max(latest.Version, _current?.Version ?? 0) + 1, now.ToUnixTimeSeconds());
        (latest.ChangedAt, latest.EndedBefore, latest.Content) = (now, endedBefore, digest);
        return content.Publish(latest);
    }

    // Another replica's clock may be a little ahead. One that was far ahead once does not take from the list what it thought had ended.
    private DateTimeOffset EndedBefore(RevocationVersion? latest)
    {
        var mine = time.GetUtcNow() - s_afterTheEnd;
        return latest is not null && latest.EndedBefore > mine && latest.EndedBefore <= mine + s_afterTheEnd ? latest.EndedBefore : mine;
    }

    // What was never signed, as far as anybody knows, is revoked with every authority: nobody knows which of them signed it after all.
    private static async Task<RevocationContent> ContentAsync(PortalDb db, DateTimeOffset endedBefore, CancellationToken cancellationToken)
    {
        var authorities = await db.SshAuthorities.AsNoTracking().OrderBy(authority => authority.Fingerprint).ToListAsync(cancellationToken);
        var certificates = await db.IssuedCertificates.AsNoTracking()
            .Where(certificate => certificate.Credential.Kind == CredentialKind.SshCertificate
                && (certificate.Credential.State == CredentialState.Revoked || certificate.Credential.State == CredentialState.Revoking)
                && certificate.Credential.ExpiresAt > endedBefore)
            .Select(certificate => new { certificate.AuthorityFingerprint, certificate.Serial, certificate.KeyId })
            .ToListAsync(cancellationToken);
        // An authority on its own list revokes all that it ever signed. It may have become one after its key was revoked.
        var allAuthorities = db.SshAuthorities;
        var keys = await db.RevokedSshKeys.AsNoTracking().Select(key => key.Fingerprint)
            .Where(fingerprint => !allAuthorities.Any(authority => authority.Fingerprint == fingerprint)).ToListAsync(cancellationToken);

        var byAuthority = certificates.Where(certificate => certificate.Serial is not null).ToLookup(certificate => certificate.AuthorityFingerprint);
        string[] unsigned = [.. certificates.Where(certificate => certificate.Serial is null).Select(certificate => certificate.KeyId)];
        return new RevocationContent(
            [.. authorities.Select(authority => new RevokedCertificates(
                SshAuthorities.BlobOf(authority),
                [.. byAuthority[authority.Fingerprint].Select(certificate => certificate.Serial!.Value)],
                [.. byAuthority[authority.Fingerprint].Select(certificate => certificate.KeyId), .. unsigned]))],
            [.. keys.Select(SshPublicKey.FingerprintBytes)]);
    }

    private sealed record RevocationContent(IReadOnlyList<RevokedCertificates> Certificates, IReadOnlyList<byte[]> Keys)
    {
        public byte[] Digest() => SHA256.HashData(KeyRevocationList.Write(0, DateTimeOffset.UnixEpoch, Comment, Certificates, Keys));

        public PublishedList Publish(RevocationVersion version) => new(
            version.Version, version.ChangedAt, KeyRevocationList.Write((ulong)version.Version, version.ChangedAt, Comment, Certificates, Keys));
    }
}
