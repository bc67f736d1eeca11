using System.Globalization;

namespace Portal.Vault;

/// <summary>One version of a signing key.</summary>
/// <param name="Pem">Its public half.</param>
public sealed record TransitPublicKey(int Version, string Pem);

/// <summary>Vault's transit engine at the portal's mount: encrypts and signs with keys that never leave Vault.</summary>
public sealed class TransitEngine(VaultClient vault, VaultNames names)
{
    /// <returns>Vault's form of it: <c>vault:v1:…</c>.</returns>
    public async Task<string> EncryptAsync(VaultRole role, string key, byte[] plaintext, CancellationToken cancellationToken)
    {
        var path = VaultPath.Of(names.Transit, "encrypt", VaultPath.Name(key));
        var body = VaultJson.Write(new EncryptBody(Convert.ToBase64String(plaintext)), VaultJson.Default.EncryptBody);
        var answer = await vault.SendAsync(role, new VaultRequest(HttpMethod.Post, path, body), cancellationToken);
        return VaultJson.Read(path, answer ?? [], VaultJson.Default.AnswerCiphertextData).Data?.Ciphertext
            ?? throw VaultErrors.NotUnderstood(path);
    }

    public async Task<byte[]> DecryptAsync(VaultRole role, string key, string ciphertext, CancellationToken cancellationToken)
    {
        var path = VaultPath.Of(names.Transit, "decrypt", VaultPath.Name(key));
        var body = VaultJson.Write(new DecryptBody(ciphertext), VaultJson.Default.DecryptBody);
        var answer = await vault.SendAsync(role, new VaultRequest(HttpMethod.Post, path, body), cancellationToken);
        var text = VaultJson.Read(path, answer ?? [], VaultJson.Default.AnswerPlaintextData).Data?.Plaintext
            ?? throw VaultErrors.NotUnderstood(path);
        var plaintext = new byte[text.Length];
        return Convert.TryFromBase64String(text, plaintext, out var length) ? plaintext[..length] : throw VaultErrors.NotUnderstood(path);
    }

    /// <summary>Signs with ECDSA over SHA-256 and one version of a P-256 key.</summary>
    /// <returns>The signature in base64url, r and s in a row, as RFC 7518 section 3.4 has it.</returns>
    public async Task<string> SignAsync(VaultRole role, string key, int version, byte[] input, CancellationToken cancellationToken)
    {
        var path = VaultPath.Of(names.Transit, "sign", VaultPath.Name(key), "sha2-256");
        var body = VaultJson.Write(new SignBody(Convert.ToBase64String(input), version, "jws"), VaultJson.Default.SignBody);
        var answer = await vault.SendAsync(role, new VaultRequest(HttpMethod.Post, path, body), cancellationToken);
        var signature = VaultJson.Read(path, answer ?? [], VaultJson.Default.AnswerSignatureData).Data?.Signature;
        var prefix = $"vault:v{version}:";
        return signature?.StartsWith(prefix, StringComparison.Ordinal) == true ? signature[prefix.Length..] : throw VaultErrors.NotUnderstood(path);
    }

    /// <summary>The versions of a signing key that still count, oldest first. Empty when there is no such key.</summary>
    public async Task<IReadOnlyList<TransitPublicKey>> PublicKeysAsync(VaultRole role, string key, CancellationToken cancellationToken)
    {
        var path = VaultPath.Of(names.Transit, "keys", VaultPath.Name(key));
        if (await vault.SendAsync(role, new VaultRequest(HttpMethod.Get, path), cancellationToken) is not { } answer)
            return [];
        var versions = VaultJson.Read(path, answer, VaultJson.Default.AnswerTransitKeyData).Data?.Keys ?? [];
        return
        [
            .. versions
                .Select(version => new TransitPublicKey(
                    int.TryParse(version.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0,
                    version.Value.PublicKey ?? throw VaultErrors.NotUnderstood(path)))
                .OrderBy(version => version.Version),
        ];
    }
}
