namespace Portal.Vault;

/// <summary>Vault's transit engine at the portal's mount: encrypts with keys that never leave Vault.</summary>
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
}
