using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>What the transit engine signs and verifies.</summary>
internal static class TransitSignatures
{
    /// <exception cref="VaultError">no such algorithm or marshaling, in Vault's order: before the key is looked for</exception>
    public static SigningTerms Read(VaultRequest request)
    {
        var fields = request.Fields;
        var name = request.Captured.GetValueOrDefault("algorithm") ?? fields.Text("hash_algorithm", fields.Text("algorithm", "sha2-256"));
        Func<byte[], byte[]> hash = name switch
        {
            "sha2-256" => SHA256.HashData,
            "sha2-384" => SHA384.HashData,
            "sha2-512" => SHA512.HashData,
            _ => throw VaultError.Invalid($"invalid hash algorithm {Durations.Quote(name)}"),
        };
        var isJws = fields.Text("marshaling_algorithm", "asn1") switch
        {
            "jws" => true,
            "asn1" => false,
            var other => throw VaultError.Invalid($"invalid marshaling type {Durations.Quote(other)}"),
        };
        return new SigningTerms(fields.Flag("prehashed") ? input => input : hash, isJws);
    }

    /// <exception cref="VaultError">the key does not sign, or what is asked makes no sense</exception>
    public static Answer Sign(TransitKey key, Fields fields, SigningTerms terms)
    {
        RequireSigning(key, "signing");
        var input = Input(fields);
        // Vault tells these as faults of its own.
        var version = TransitText.KeyVersion(key, fields, why => VaultError.Fault($"requested version for signing is {why}"));
        var signature = key.Sign(version, terms.Hash(input), terms.Format);
        var text = terms.IsJws ? Base64Url.EncodeToString(signature) : Convert.ToBase64String(signature);
        return Answer.Of(new JsonObject { ["signature"] = TransitText.Join(version, text), ["key_version"] = version });
    }

    /// <exception cref="VaultError">the key does not verify, or what is asked makes no sense</exception>
    public static Answer Verify(TransitKey key, Fields fields, SigningTerms terms)
    {
        RequireSigning(key, "verification");
        var input = Input(fields);
        var (version, body) = TransitText.Split(key, fields.Text("signature"), "signature");
        return Answer.Of(new JsonObject { ["valid"] = key.Verify(version, terms.Hash(input), Signature(body, terms.IsJws), terms.Format) });
    }

    private static void RequireSigning(TransitKey key, string what)
    {
        if (key.Type != TransitKeyType.EcdsaP256)
            throw VaultError.Invalid($"key type aes256-gcm96 does not support {what}");
    }

    private static byte[] Input(Fields fields) => TransitText.Base64(fields.Text("input"), "unable to decode input as base64: illegal base64 data");

    private static byte[] Signature(string text, bool isJws)
    {
        try
        {
            return isJws ? Base64Url.DecodeFromChars(text) : Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw VaultError.Invalid("invalid base64 signature value");
        }
    }
}

/// <param name="IsJws">r and s side by side in URL-safe base64, as JWTs want them; else a DER sequence</param>
internal sealed record SigningTerms(Func<byte[], byte[]> Hash, bool IsJws)
{
    public DSASignatureFormat Format => IsJws ? DSASignatureFormat.IeeeP1363FixedFieldConcatenation : DSASignatureFormat.Rfc3279DerSequence;
}
