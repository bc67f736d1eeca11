using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using Portal.Vault;

namespace Portal.Features.AccessTokens;

/// <param name="Version">Of the key in Vault.</param>
public sealed record SigningKey(int Version, string KeyId, ECDsaSecurityKey PublicKey, JsonWebKey Jwk);

/// <summary>
/// The public halves of the keys that sign access tokens, in memory: every version that Vault still has, so that a rotation breaks no live
/// token. A key's id is its RFC 7638 thumbprint.
/// </summary>
public sealed class SigningKeys(TransitEngine transit, TimeProvider time)
{
    /// <summary>How often Vault is asked for new versions.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    // An unknown key id may be a version that another replica met first, or nonsense.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Task _loading = Task.CompletedTask;
    private DateTimeOffset _loadedAt = DateTimeOffset.MinValue;
    private volatile IReadOnlyList<SigningKey> _keys = [];

    /// <summary>Oldest first; the last one signs.</summary>
    public IReadOnlyList<SigningKey> All => _keys;

    public bool Has(string keyId) => Known(keyId) is not null;

    /// <exception cref="VaultException">Vault does not answer, or has no such key.</exception>
    public Task LoadAsync(CancellationToken cancellationToken) => LoadOnce().WaitAsync(cancellationToken);

    /// <summary>The key of an id; null when Vault has none. Vault is asked about unknown ones at most every few seconds.</summary>
    /// <exception cref="VaultException">Nobody knows: Vault does not answer.</exception>
    public async ValueTask<SigningKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (Known(keyId) is { } known)
            return known;
        await LoadLately().WaitAsync(cancellationToken);
        return Known(keyId);
    }

    // All who wait share one load, which none of them cancels; within the pause its outcome stands.
    private Task LoadLately()
    {
        lock (_lock)
            return _loading.IsCompleted && time.GetUtcNow() - _loadedAt >= s_pause ? LoadOnce() : _loading;
    }

    private Task LoadOnce()
    {
        lock (_lock)
            return _loading.IsCompleted ? _loading = Task.Run(ReadAsync) : _loading;
    }

    private SigningKey? Known(string keyId) => _keys.FirstOrDefault(key => key.KeyId == keyId);

    private async Task ReadAsync()
    {
        try
        {
            var keys = await transit.PublicKeysAsync(VaultRole.AccessTokens, VaultNames.AccessTokensKey, CancellationToken.None);
            _keys = [.. keys.Select(Read)];
            if (keys.Count == 0)
                throw new VaultException(VaultFailure.Unexpected, VaultNames.AccessTokensKey, 404, ["encryption key not found"]);
        }
        finally
        {
            lock (_lock)
                _loadedAt = time.GetUtcNow();
        }
    }

    private static SigningKey Read(TransitPublicKey key)
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportFromPem(key.Pem);
        var publicKey = new ECDsaSecurityKey(ecdsa);
        var jwk = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(publicKey);
        jwk.Kid = publicKey.KeyId = Base64UrlEncoder.Encode(publicKey.ComputeJwkThumbprint());
        (jwk.Alg, jwk.Use) = (SecurityAlgorithms.EcdsaSha256, JsonWebKeyUseNames.Sig);
        return new SigningKey(key.Version, jwk.Kid, publicKey, jwk);
    }
}
