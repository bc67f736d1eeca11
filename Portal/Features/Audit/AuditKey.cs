using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Vault;

namespace Portal.Features.Audit;

/// <summary>The HMAC key of the audit chain. Made once, rests wrapped by Vault, and is unwrapped once a start, so that events are written while Vault is away.</summary>
public sealed class AuditKey(IDbContextFactory<PortalDb> databases, TransitEngine transit) : IDisposable
{
    private const string TransitKey = "audit";
    private const int TheOnly = 1;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private byte[]? _key;

    /// <exception cref="VaultException">The key is not loaded and Vault does not unwrap it.</exception>
    public async Task<byte[]> GetAsync(CancellationToken cancellationToken)
    {
        if (_key is { } loaded)
            return loaded;
        await _loading.WaitAsync(cancellationToken);
        try
        {
            return _key ??= await LoadAsync(cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose() => _loading.Dispose();

    private async Task<byte[]> LoadAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.WrappedAuditKeys.FindAsync([TheOnly], cancellationToken) is { } kept)
            return await transit.DecryptAsync(VaultRole.Audit, TransitKey, kept.Ciphertext, cancellationToken);

        var made = RandomNumberGenerator.GetBytes(32);
        db.Add(new WrappedAuditKey
        {
            Id = TheOnly,
            Ciphertext = await transit.EncryptAsync(VaultRole.Audit, TransitKey, made, cancellationToken),
        });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return made;
        }
        catch (DbUpdateException)
        {
            // Another process made the key at the same moment: its row counts.
            db.ChangeTracker.Clear();
            var theirs = await db.WrappedAuditKeys.SingleAsync(cancellationToken);
            return await transit.DecryptAsync(VaultRole.Audit, TransitKey, theirs.Ciphertext, cancellationToken);
        }
    }
}
