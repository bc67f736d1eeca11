using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Vault;

namespace Portal.Features.Ssh;

/// <summary>The key that Vault signs with, in memory; remembered in the database, so that hosts are told it also while Vault is away.</summary>
public sealed class SshAuthorities(IDbContextFactory<PortalDb> databases, SshEngine vault, VaultNames names, TimeProvider time)
{
    private volatile SshAuthority? _current;

    /// <summary>Null until it was seen once, here or by another replica.</summary>
    public SshAuthority? Current => _current;

    /// <summary>The last one that anybody saw.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        _current = await db.SshAuthorities.AsNoTracking().OrderByDescending(authority => authority.CurrentSince).FirstOrDefaultAsync(cancellationToken) ?? _current;
    }

    /// <summary>Asks Vault.</summary>
    /// <exception cref="VaultException">Also when Vault has none.</exception>
    public async Task<SshAuthority> RefreshAsync(CancellationToken cancellationToken)
    {
        var line = await vault.ReadAuthorityAsync(cancellationToken);
        if (line?.Split(' ') is not [var type, var base64, ..] || Blob(base64) is not { } blob)
            throw new VaultException(VaultFailure.Unexpected, $"{names.Ssh}/config/ca", null, ["Vault has no SSH certificate authority: run setup-vault"]);
        var fingerprint = SshPublicKey.FingerprintOf(blob);
        if (_current is { } known && known.Fingerprint == fingerprint)
            return known;
        return _current = await RememberAsync(fingerprint, $"{type} {base64}", cancellationToken);
    }

    /// <summary>The public key of an authority as a blob.</summary>
    public static byte[] BlobOf(SshAuthority authority) => Convert.FromBase64String(authority.PublicKey.Split(' ')[1]);

    private Task<SshAuthority> RememberAsync(string fingerprint, string line, CancellationToken cancellationToken) => databases.InTransactionAsync(
        async db =>
        {
            if (await db.SshAuthorities.SingleOrDefaultAsync(authority => authority.Fingerprint == fingerprint, cancellationToken) is not { } authority)
                db.Add(authority = new SshAuthority { Fingerprint = fingerprint, PublicKey = line });
            authority.CurrentSince = time.GetUtcNow();
            return authority;
        },
        cancellationToken);

    private static byte[]? Blob(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) && length > 0 ? bytes[..length] : null;
    }
}
