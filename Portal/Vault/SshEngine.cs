using System.Globalization;

namespace Portal.Vault;

/// <param name="PublicKey">One line of OpenSSH's form.</param>
/// <param name="Principals">Accounts that it opens; names without commas.</param>
/// <param name="Extensions">Such as <c>permit-pty</c>.</param>
public sealed record SshSigning(
    string PublicKey, IReadOnlyList<string> Principals, string KeyId, TimeSpan Ttl, IReadOnlyList<string> Extensions);

/// <param name="Line">As a <c>-cert.pub</c> file has it.</param>
public sealed record SignedSshKey(string Line, ulong Serial);

/// <summary>Vault's SSH engine at the portal's mount, as a certificate authority. Calls are made as <see cref="VaultRole.Ssh"/>.</summary>
public sealed class SshEngine(VaultClient vault, VaultNames names)
{
    /// <summary>What Vault says while the engine has no key.</summary>
    internal const string NoKeyYet = "keys haven't been configured";

    /// <returns>The authority's public key, one line; null while there is none.</returns>
    public async Task<string?> ReadAuthorityAsync(CancellationToken cancellationToken)
    {
        var path = VaultPath.Of(names.Ssh, "config", "ca");
        try
        {
            return await vault.SendAsync(VaultRole.Ssh, new VaultRequest(HttpMethod.Get, path), cancellationToken) is { } answer
                ? VaultJson.Read(path, answer, VaultJson.Default.AnswerPublicKeyData).Data?.PublicKey?.Trim()
                : null;
        }
        catch (VaultException failure) when (VaultErrors.Says(failure.Errors, NoKeyYet))
        {
            return null;
        }
    }

    /// <summary>Signs a user certificate.</summary>
    /// <param name="role">Of the engine.</param>
    public async Task<SignedSshKey> SignAsync(string role, SshSigning signing, OnBehalfOf who, CancellationToken cancellationToken)
    {
        var path = VaultPath.Of(names.Ssh, "sign", VaultPath.Name(role));
        var body = new SshSignBody(
            signing.PublicKey, string.Join(',', signing.Principals), signing.KeyId, "user",
            string.Create(CultureInfo.InvariantCulture, $"{(long)signing.Ttl.TotalSeconds}s"),
            signing.Extensions.ToDictionary(extension => extension, _ => ""));
        var request = new VaultRequest(HttpMethod.Post, path, VaultJson.Write(body, VaultJson.Default.SshSignBody), who);
        var answer = await vault.SendAsync(VaultRole.Ssh, request, cancellationToken) ?? [];
        var data = VaultJson.Read(path, answer, VaultJson.Default.AnswerSignedKeyData).Data;
        return data is { SignedKey.Length: > 0 }
            && ulong.TryParse(data.SerialNumber, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var serial)
                ? new SignedSshKey(data.SignedKey, serial)
                : throw VaultErrors.NotUnderstood(path);
    }
}
