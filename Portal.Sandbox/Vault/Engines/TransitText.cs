using System.Globalization;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>The texts around what transit keys make, and the versions in them.</summary>
internal static class TransitText
{
    private const string Prefix = "vault:v";

    public static string Join(int version, string body) => $"{Prefix}{version}:{body}";

    /// <exception cref="VaultError">it is none, or of a version that the key does not take</exception>
    public static (int Version, string Body) Split(TransitKey key, string text, string what)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
            throw VaultError.Invalid($"invalid {what}: no prefix");
        var parts = text[Prefix.Length..].Split(':', 2);
        if (parts.Length != 2)
            throw VaultError.Invalid($"invalid {what}: wrong number of fields");
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            throw VaultError.Invalid($"invalid {what}: version number could not be decoded");
        if (version > key.Latest)
            throw VaultError.Invalid($"invalid {what}: version is too new");
        if (version < key.MinDecryption)
            throw VaultError.Invalid("ciphertext or signature version is disallowed by policy (too old)");
        return (version, parts[1]);
    }

    /// <summary>The version that is asked for; not said = the newest.</summary>
    /// <exception cref="VaultError">the key has no such version, or does not use it any more</exception>
    public static int KeyVersion(TransitKey key, Fields fields, Func<string, VaultError> refusal) => fields.Number("key_version") switch
    {
        0 => key.Latest,
        < 0 => throw refusal("negative"),
        var version when version > key.Latest => throw refusal("higher than the latest key version"),
        var version when version < key.MinEncryption => throw refusal("less than the minimum encryption key version"),
        var version => version,
    };

    /// <exception cref="VaultError">it is no base64; said with <paramref name="otherwise"/></exception>
    public static byte[] Base64(string text, string otherwise)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw VaultError.Invalid(otherwise);
        }
    }
}
