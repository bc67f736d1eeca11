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
public sealed class SigningKeys(TransitEngine transit, TimeProvider time) : IDisposable
{
    /// <summary>How often Vault is asked for new versions.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    // An unknown key id may be a version that another replica met first, or nonsense.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _loading = new(1, 1);
    private DateTimeOffset _loadedAt = DateTimeOffset.MinValue;
    private volatile IReadOnlyList<SigningKey> _keys = [];

    /// <summary>Oldest first; the last one signs.</summary>
    public IReadOnlyList<SigningKey> All => _keys;

    public bool Has(string keyId) => Known(keyId) is not null;

    /// <exception cref="VaultException">Vault does not answer, or has no such key.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            await ReadAsync(cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>The key of an id; null when Vault has none. Vault is asked about an unknown one at most every few seconds.</summary>
    public async ValueTask<SigningKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (Known(keyId) is { } known)
            return known;
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (Known(keyId) is null && time.GetUtcNow() - _loadedAt >= s_pause)
                await ReadAsync(cancellationToken);
            return Known(keyId);
        }
        catch (VaultException)
        {
            // A key that nobody knows vouches for nothing, whether Vault answers or not.
            return null;
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose() => _loading.Dispose();

    private SigningKey? Known(string keyId) => _keys.FirstOrDefault(key => key.KeyId == keyId);

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        _loadedAt = time.GetUtcNow();
        var keys = await transit.PublicKeysAsync(VaultRole.AccessTokens, VaultNames.AccessTokensKey, cancellationToken);
        if (keys.Count == 0)
            throw new VaultException(VaultFailure.Unexpected, VaultNames.AccessTokensKey, 404, ["encryption key not found"]);
        _keys = [.. keys.Select(Read)];
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
