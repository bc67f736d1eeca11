using Portal.Sandbox.Vault.Engines;

namespace Portal.Sandbox.Vault;

/// <summary>The engines that can be mounted, by Vault's names for them.</summary>
internal sealed class EngineTypes(VaultCore core)
{
    private static readonly HashSet<string> s_knownAuthMethods = new(["approle", "userpass", "cert", "github", "jwt", "oidc", "ldap"], StringComparer.Ordinal);

    /// <exception cref="VaultError">there is none of that name</exception>
    public Engine CreateSecrets(string type, IReadOnlyDictionary<string, string>? options) => type switch
    {
        "kv" or "generic" or "kv-v2" => type == "kv-v2" || options?.GetValueOrDefault("version") == "2" ? new KvEngine(core.Time) : new KvV1Engine(),
        "transit" => new TransitEngine(core.Time),
        "database" => new DatabaseEngine(core.Time),
        "ssh" => new SshEngine(core.Time),
        _ => throw Unknown(type),
    };

    /// <exception cref="VaultError">there is none of that name</exception>
    public Engine CreateAuth(string type) => type switch
    {
        "kubernetes" => new KubernetesAuth(core.Tokens),
        _ => s_knownAuthMethods.Contains(type) ? new EmptyEngine() : throw Unknown(type),
    };

    private static VaultError Unknown(string type) => VaultError.Invalid($"plugin not found in the catalog: {type}");
}
