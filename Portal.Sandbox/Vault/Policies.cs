using System.Collections.Concurrent;

namespace Portal.Sandbox.Vault;

/// <summary>The policies by name, and what lists of them grant.</summary>
internal sealed class Policies
{
    public const string Root = "root";
    public const string Default = "default";
    public const string ResponseWrapping = "response-wrapping";

    private const string DefaultText = """
        path "auth/token/lookup-self" { capabilities = ["read"] }
        path "auth/token/renew-self" { capabilities = ["update"] }
        path "auth/token/revoke-self" { capabilities = ["update"] }
        path "sys/capabilities-self" { capabilities = ["update"] }
        path "sys/internal/ui/resultant-acl" { capabilities = ["read"] }
        path "sys/renew" { capabilities = ["update"] }
        path "sys/leases/renew" { capabilities = ["update"] }
        path "sys/leases/lookup" { capabilities = ["update"] }
        path "cubbyhole/*" { capabilities = ["create", "read", "update", "delete", "list"] }
        path "sys/wrapping/wrap" { capabilities = ["update"] }
        path "sys/wrapping/lookup" { capabilities = ["update"] }
        path "sys/wrapping/unwrap" { capabilities = ["update"] }
        path "sys/tools/hash" { capabilities = ["update"] }
        path "sys/tools/hash/*" { capabilities = ["update"] }
        """;

    private const string ResponseWrappingText = """
        path "cubbyhole/response" { capabilities = ["create", "read"] }
        path "sys/wrapping/unwrap" { capabilities = ["update"] }
        """;

    private readonly ConcurrentDictionary<string, Policy> _policies = new(StringComparer.Ordinal);

    /// <summary>Replaced whole when a policy changes: what was still being worked out by the old policies goes with the old table.</summary>
    private volatile ConcurrentDictionary<string, Acl> _acls = new(StringComparer.Ordinal);

    public Policies()
    {
        Write(Default, DefaultText);
        _policies[ResponseWrapping] = PolicyParser.Parse(ResponseWrapping, ResponseWrappingText);
    }

    public IEnumerable<string> Names => _policies.Keys.Where(name => name != ResponseWrapping).Append(Root).Order(StringComparer.Ordinal);

    public Policy? Find(string name) => name.ToLowerInvariant() is Root
        ? new Policy(Root, "", [])
        : _policies.GetValueOrDefault(name.ToLowerInvariant());

    public void Write(string name, string text)
    {
        name = name.ToLowerInvariant();
        if (name is Root or ResponseWrapping)
            throw VaultError.Invalid($"cannot update \"{name}\" policy");
        _policies[name] = PolicyParser.Parse(name, text);
        _acls = new(StringComparer.Ordinal);
    }

    public void Delete(string name)
    {
        name = name.ToLowerInvariant();
        if (name is Root or Default or ResponseWrapping)
            throw VaultError.Invalid($"cannot delete \"{name}\" policy");
        _policies.TryRemove(name, out _);
        _acls = new(StringComparer.Ordinal);
    }

    public Acl AclOf(IReadOnlyList<string> names) =>
        _acls.GetOrAdd(string.Join('\n', names), _ => new Acl(names.Contains(Root), names.Select(name => _policies.GetValueOrDefault(name)).OfType<Policy>()));

    /// <summary>Small letters, sorted, each once; <c>root</c> swallows all others.</summary>
    public static IReadOnlyList<string> Clean(IEnumerable<string> names, bool addDefault)
    {
        var clean = names.Select(name => name.Trim().ToLowerInvariant()).Where(name => name.Length > 0).ToHashSet(StringComparer.Ordinal);
        if (clean.Contains(Root))
            return [Root];
        if (addDefault)
            clean.Add(Default);
        return [.. clean.Order(StringComparer.Ordinal)];
    }
}
