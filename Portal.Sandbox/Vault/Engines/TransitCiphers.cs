using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>What the transit engine encrypts and decrypts: base64 outside, <c>vault:v1:…</c> with the version of the key inside.</summary>
internal static class TransitCiphers
{
    /// <exception cref="VaultError">the key does not encrypt, or what is asked makes no sense</exception>
    public static Answer Encrypt(TransitKey key, Fields fields)
    {
        if (key.Type != TransitKeyType.Aes256Gcm)
            throw VaultError.Invalid("message encryption not supported for key type ecdsa-p256");
        return Encrypted(key, fields, TransitText.Base64(fields.Text("plaintext"), "failed to base64-decode plaintext"));
    }

    /// <exception cref="VaultError">it is no ciphertext of this key</exception>
    public static Answer Decrypt(TransitKey key, Fields fields) =>
        Answer.Of(new JsonObject { ["plaintext"] = Convert.ToBase64String(Plain(key, fields)) });

    /// <summary>The same plaintext under the newest version of the key.</summary>
    /// <exception cref="VaultError">it is no ciphertext of this key</exception>
    public static Answer Rewrap(TransitKey key, Fields fields) => Encrypted(key, fields, Plain(key, fields));

    private static Answer Encrypted(TransitKey key, Fields fields, byte[] plain)
    {
        var version = TransitText.KeyVersion(key, fields, why => VaultError.Invalid($"requested version for encryption is {why}"));
        var cipher = key.Encrypt(version, plain, Associated(fields));
        return Answer.Of(new JsonObject { ["ciphertext"] = TransitText.Join(version, Convert.ToBase64String(cipher)), ["key_version"] = version });
    }

    private static byte[] Plain(TransitKey key, Fields fields)
    {
        var text = fields.Text("ciphertext");
        if (text.Length == 0)
            throw VaultError.Invalid("missing ciphertext to decrypt");
        if (key.Type != TransitKeyType.Aes256Gcm)
            throw VaultError.Invalid("message decryption not supported for key type ecdsa-p256");
        var (version, body) = TransitText.Split(key, text, "ciphertext");
        return key.Decrypt(version, TransitText.Base64(body, "invalid ciphertext: could not decode base64"), Associated(fields));
    }

    private static byte[] Associated(Fields fields) => TransitText.Base64(fields.Text("associated_data"), "failed to base64-decode associated_data");
}
