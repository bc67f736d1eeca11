using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

internal enum TransitKeyType
{
    Aes256Gcm,
    EcdsaP256,
}

/// <summary>A named key with all its versions, which are counted from 1. Who calls has looked whether there is the version, and whether the type fits.</summary>
internal sealed class TransitKey(string name, TransitKeyType type) : IDisposable
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly List<(DateTimeOffset Created, byte[]? Secret, ECDsa? Pair)> _versions = [];

    public TransitKeyType Type { get; } = type;

    public int Latest => _versions.Count;

    public int MinDecryption { get; set; } = 1;

    public int MinEncryption { get; set; }

    public bool IsDeletable { get; set; }

    public void Rotate(DateTimeOffset now) => _versions.Add(Type == TransitKeyType.Aes256Gcm
        ? (now, RandomNumberGenerator.GetBytes(32), null)
        : (now, null, ECDsa.Create(ECCurve.NamedCurves.nistP256)));

    public byte[] Encrypt(int version, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> associated)
    {
        var result = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(result.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(_versions[version - 1].Secret!, TagBytes);
        aes.Encrypt(result.AsSpan(0, NonceBytes), plain, result.AsSpan(NonceBytes, plain.Length), result.AsSpan(NonceBytes + plain.Length), associated);
        return result;
    }

    /// <exception cref="VaultError">it is no ciphertext of this key</exception>
    public byte[] Decrypt(int version, ReadOnlySpan<byte> cipher, ReadOnlySpan<byte> associated)
    {
        if (cipher.Length < NonceBytes + TagBytes)
            throw VaultError.Invalid("invalid ciphertext length");
        var plain = new byte[cipher.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(_versions[version - 1].Secret!, TagBytes);
        try
        {
            aes.Decrypt(cipher[..NonceBytes], cipher[NonceBytes..^TagBytes], cipher[^TagBytes..], plain, associated);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw VaultError.Invalid("cipher: message authentication failed");
        }

        return plain;
    }

    public byte[] Sign(int version, ReadOnlySpan<byte> hash, DSASignatureFormat format) => _versions[version - 1].Pair!.SignHash(hash, format);

    public bool Verify(int version, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, DSASignatureFormat format) =>
        _versions[version - 1].Pair!.VerifyHash(hash, signature, format);

    public JsonObject Describe()
    {
        var (isAes, versions) = (Type == TransitKeyType.Aes256Gcm, new JsonObject());
        for (var version = Math.Max(1, MinDecryption); version <= Latest; version++)
        {
            var (created, _, pair) = _versions[version - 1];
            versions[version.ToString(CultureInfo.InvariantCulture)] = pair is null
                ? created.ToUnixTimeSeconds()
                : new JsonObject { ["creation_time"] = Json.Time(created), ["name"] = "P-256", ["public_key"] = pair.ExportSubjectPublicKeyInfoPem() + "\n" };
        }

        return new JsonObject
        {
            ["allow_plaintext_backup"] = false,
            ["deletion_allowed"] = IsDeletable,
            ["derived"] = false,
            ["exportable"] = false,
            ["keys"] = versions,
            ["latest_version"] = Latest,
            ["min_available_version"] = 0,
            ["min_decryption_version"] = MinDecryption,
            ["min_encryption_version"] = MinEncryption,
            ["name"] = name,
            ["supports_decryption"] = isAes,
            ["supports_derivation"] = isAes,
            ["supports_encryption"] = isAes,
            ["supports_signing"] = !isAes,
            ["type"] = isAes ? "aes256-gcm96" : "ecdsa-p256",
        };
    }

    public void Dispose() => _versions.ForEach(version => version.Pair?.Dispose());
}
