using System.Globalization;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>What of a wish for a certificate a role lets through, in Vault's order and words.</summary>
internal static class SshRules
{
    private const string DefaultKeyId = "vault-{{token_display_name}}-{{public_key_hash}}";

    public static int Length(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : 0;

    public static SshPublicKey Key(SshRole role, Fields fields)
    {
        if (fields.Text("public_key").Trim() is not { Length: > 0 } text)
            throw VaultError.Invalid("missing public_key");
        SshPublicKey key;
        try
        {
            key = SshPublicKey.Parse(text);
        }
        catch (FormatException e)
        {
            throw VaultError.Invalid($"failed to parse public_key as SSH key: {e.Message}");
        }

        if (role.KeyLengths.Count == 0)
            return key;
        if (!role.KeyLengths.TryGetValue(key.Family, out var length))
            throw VaultError.Invalid($"public_key failed to meet the key requirements: key type of {key.Family} is not allowed");
        return key.Bits == 0 || key.Bits == Length(length)
            ? key
            : throw VaultError.Invalid($"public_key failed to meet the key requirements: key is of an invalid size: {key.Bits}");
    }

    public static string KeyId(SshRole role, VaultRequest request, SshPublicKey key)
    {
        if (request.Fields.Text("key_id") is { Length: > 0 } wished)
            return role.AllowsKeyIds ? wished : throw VaultError.Invalid("setting key_id is not allowed by role");
        return (role.KeyIdFormat.Length > 0 ? role.KeyIdFormat : DefaultKeyId)
            .Replace("{{token_display_name}}", request.Token!.DisplayName, StringComparison.Ordinal)
            .Replace("{{role_name}}", request.Captured["name"], StringComparison.Ordinal)
            .Replace("{{public_key_hash}}", key.Sha256, StringComparison.Ordinal);
    }

    public static bool IsHost(SshRole role, Fields fields) => fields.Text("cert_type", "user") switch
    {
        "user" => role.AllowsUsers ? false : throw VaultError.Invalid("cert_type 'user' is not allowed by role"),
        "host" => role.AllowsHosts ? true : throw VaultError.Invalid("cert_type 'host' is not allowed by role"),
        _ => throw VaultError.Invalid("cert_type must be either 'user' or 'host'"),
    };

    public static IReadOnlyList<string> Principals(SshRole role, Fields fields, bool isHost)
    {
        var wished = Split(fields.Text("valid_principals", isHost ? "" : role.DefaultUser));
        var allowedText = isHost ? role.AllowedDomains : role.AllowedUsers;
        var allowed = Split(allowedText);
        if (wished.Count == 0)
            return wished;
        if (allowed.Count == 0)
            throw VaultError.Invalid("role is not configured to allow any principals");
        if (allowedText == "*")
            return wished;
        var refused = wished.FirstOrDefault(principal => !(isHost ? IsAllowedHost(role, allowed, principal) : allowed.Contains(principal)));
        return refused is null ? wished : throw VaultError.Invalid($"{refused} is not a valid value for valid_principals");
    }

    public static TimeSpan Ttl(SshRole role, Fields fields, TtlLimits mount)
    {
        var wished = fields.Span("ttl");
        var max = role.MaxTtl > TimeSpan.Zero ? role.MaxTtl : mount.MountMaximum;
        if (wished > max)
            throw VaultError.Invalid($"ttl is larger than maximum allowed {(long)max.TotalSeconds}");
        var ttl = wished > TimeSpan.Zero ? wished : role.Ttl > TimeSpan.Zero ? role.Ttl : mount.MountDefault;
        return ttl > max ? max : ttl;
    }

    public static IReadOnlyDictionary<string, string> CriticalOptions(SshRole role, Fields fields)
    {
        var wished = fields.Map("critical_options");
        if (wished is not { Count: > 0 })
            return role.DefaultCriticalOptions;
        var refused = role.AllowedCriticalOptions.Length == 0 ? [] : wished.Keys.Except(Split(role.AllowedCriticalOptions)).ToList();
        return refused.Count == 0 ? wished : throw VaultError.Invalid($"critical options not on allowed list: [{string.Join(' ', refused)}]");
    }

    public static IReadOnlyDictionary<string, string> Extensions(SshRole role, Fields fields)
    {
        var wished = fields.Map("extensions");
        if (wished is not { Count: > 0 })
            return role.DefaultExtensions;
        var refused = role.AllowedExtensions is "" or "*" ? [] : wished.Keys.Except(Split(role.AllowedExtensions)).ToList();
        return refused.Count == 0 ? wished : throw VaultError.Invalid($"extensions [{string.Join(' ', refused)}] are not on allowed list");
    }

    /// <summary>Each once and in order, as Vault puts them into the certificate too.</summary>
    private static IReadOnlyList<string> Split(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static bool IsAllowedHost(SshRole role, IReadOnlyList<string> domains, string host) => domains.Any(domain =>
        (role.AllowsBareDomains && host == domain) || (role.AllowsSubdomains && host.EndsWith($".{domain}", StringComparison.Ordinal)));
}
