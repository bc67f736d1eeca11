using Microsoft.Extensions.Options;

namespace Portal.Vault;

/// <summary>What the portal's mounts, roles, policies and keys are called in Vault: everything of its own bears its prefix.</summary>
public sealed class VaultNames(IOptions<VaultOptions> options)
{
    public const string DataProtectionKey = "data-protection";
    public const string AuditKey = "audit";
    public const string AccessTokensKey = "access-tokens";
    public const string UserHeader = "X-Portal-User";
    public const string CredentialHeader = "X-Portal-Credential";

    public string Prefix => options.Value.Prefix;

    /// <summary>Mount of the key/value engine, version 2.</summary>
    public string Kv => $"{Prefix}-kv";

    /// <summary>Mount of the database engine.</summary>
    public string Database => $"{Prefix}-db";

    /// <summary>Mount of the SSH engine.</summary>
    public string Ssh => $"{Prefix}-ssh";

    /// <summary>Mount of the transit engine.</summary>
    public string Transit => $"{Prefix}-transit";

    /// <summary>Path of the Kubernetes auth method, without <c>auth/</c>.</summary>
    public string AuthPath => options.Value.AuthPath.Trim('/');

    /// <summary>Name of the Kubernetes role of a kind of work, and of its policy.</summary>
    public string Role(VaultRole role) => role switch
    {
        VaultRole.SignIn => $"{Prefix}-sign-in",
        VaultRole.Databases => $"{Prefix}-databases",
        VaultRole.Ssh => $"{Prefix}-ssh",
        VaultRole.AccessTokens => $"{Prefix}-access-tokens",
        VaultRole.CloudCredentials => $"{Prefix}-cloud-credentials",
        VaultRole.Audit => $"{Prefix}-audit",
        VaultRole.Health => $"{Prefix}-health",
        VaultRole.Admin => $"{Prefix}-admin",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
    };

    /// <summary>Name of the token role that a database role's credentials hang on, and of its policy.</summary>
    public string DatabaseToken(string databaseRole) => $"{DatabaseTokenPrefix}{databaseRole}";

    /// <summary>What every <see cref="DatabaseToken"/> starts with.</summary>
    public string DatabaseTokenPrefix => $"{Prefix}-database-";
}
