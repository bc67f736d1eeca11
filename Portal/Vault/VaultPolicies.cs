namespace Portal.Vault;

/// <summary>
/// What each role may do at Vault: its own work and nothing more. Since the logins go without Vault's <c>default</c>
/// policy, each names renewal and look-up of itself.
/// </summary>
public sealed class VaultPolicies(VaultNames names)
{
    // First line of every policy that the portal writes.
    private string Mark => $"# Written by Vault Portal (prefix {names.Prefix}): changes made here are overwritten.";

    public string Text(VaultRole role) => string.Join('\n', [Mark, .. Own, .. Rules(role), ""]);

    /// <summary>Whether the portal wrote the policy: <c>setup-vault --prune</c> deletes no other.</summary>
    public bool IsMarked(string policy) => policy.StartsWith(Mark, StringComparison.Ordinal);

    /// <summary>Whether two policies allow the same in the same order: comments and blank lines aside.</summary>
    public static bool AreSame(string one, string other) => Lines(one).SequenceEqual(Lines(other));

    private static IEnumerable<string> Lines(string policy) =>
        policy.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#');

    private static IEnumerable<string> Own =>
    [
        Rule("auth/token/renew-self", "update"),
        Rule("auth/token/lookup-self", "read"),
    ];

    private IEnumerable<string> Rules(VaultRole role) => role switch
    {
        VaultRole.SignIn =>
        [
            Rule($"{names.Kv}/data/users/+/github", "create", "read", "update"),
            Rule($"{names.Kv}/metadata/users/+/github", "create", "update", "delete"),
            Rule($"{names.Transit}/encrypt/{VaultNames.DataProtectionKey}", "update"),
            Rule($"{names.Transit}/decrypt/{VaultNames.DataProtectionKey}", "update"),
        ],
        VaultRole.Databases =>
        [
            Rule($"auth/token/create/{names.DatabaseTokenPrefix}*", "update"),
            Rule("auth/token/renew-accessor", "update"),
            Rule("auth/token/revoke-accessor", "update"),
            Rule("auth/token/lookup-accessor", "update"),
            Rule("sys/leases/renew", "update"),
            Rule("sys/leases/revoke", "update"),
            Rule("sys/leases/lookup", "update"),
        ],
        VaultRole.Ssh =>
        [
            Rule($"{names.Ssh}/sign/+", "update"),
            Rule($"{names.Ssh}/config/ca", "read"),
        ],
        VaultRole.AccessTokens =>
        [
            Rule($"{names.Transit}/sign/{VaultNames.AccessTokensKey}/sha2-256", "update"),
            Rule($"{names.Transit}/keys/{VaultNames.AccessTokensKey}", "read"),
            Rule($"{names.Kv}/data/access-tokens/+/+", "create", "read"),
            // Vault judges a list by its path with a slash at the end.
            Rule($"{names.Kv}/metadata/access-tokens/+/", "list"),
            Rule($"{names.Kv}/metadata/access-tokens/+/+", "delete"),
        ],
        VaultRole.CloudCredentials =>
        [
            Rule($"{names.Kv}/data/teams/+/clouds/+", "create", "read", "update"),
            // Vault judges a list by its path with a slash at the end.
            Rule($"{names.Kv}/metadata/teams/", "list"),
            Rule($"{names.Kv}/metadata/teams/+/clouds/", "list"),
            Rule($"{names.Kv}/metadata/teams/+/clouds/+", "create", "read", "update", "delete"),
            Rule($"{names.Kv}/destroy/teams/+/clouds/+", "update"),
        ],
        VaultRole.Audit =>
        [
            Rule($"{names.Transit}/encrypt/{VaultNames.AuditKey}", "update"),
            Rule($"{names.Transit}/decrypt/{VaultNames.AuditKey}", "update"),
        ],
        VaultRole.Health =>
        [
            // Vault guards the list of leases with sudo; on this one path it allows nothing else.
            Rule("sys/leases", "read", "sudo"),
            Rule("sys/capabilities-self", "update"),
            .. Enum.GetValues<VaultRole>().Select(other => Rule($"sys/policies/acl/{names.Role(other)}", "read")),
            Rule($"{names.Kv}/config", "read"),
            Rule($"{names.Database}/roles", "list"),
            Rule($"{names.Ssh}/config/ca", "read"),
            Rule($"{names.Transit}/keys/{VaultNames.DataProtectionKey}", "read"),
            Rule($"{names.Transit}/keys/{VaultNames.AuditKey}", "read"),
            Rule($"{names.Transit}/keys/{VaultNames.AccessTokensKey}", "read"),
        ],
        VaultRole.Admin =>
        [
            Rule($"{names.Database}/config", "list"),
            Rule($"{names.Database}/config/*", "create", "read", "update", "delete"),
            Rule($"{names.Database}/roles", "list"),
            Rule($"{names.Database}/roles/*", "create", "read", "update", "delete"),
            Rule($"{names.Database}/rotate-root/*", "update"),
            Rule($"{names.Ssh}/config/ca", "read"),
            Rule($"{names.Ssh}/roles", "list"),
            Rule($"{names.Ssh}/roles/*", "create", "read", "update", "delete"),
            Rule("sys/policies/acl", "list"),
            Rule($"sys/policies/acl/{names.DatabaseTokenPrefix}*", "create", "read", "update", "delete"),
            Rule("auth/token/roles", "list"),
            Rule($"auth/token/roles/{names.DatabaseTokenPrefix}*", "create", "read", "update", "delete"),
        ],
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
    };

    private static string Rule(string path, params IEnumerable<string> capabilities) =>
        $"path \"{path}\" {{ capabilities = [{string.Join(", ", capabilities.Select(capability => $"\"{capability}\""))}] }}";
}
