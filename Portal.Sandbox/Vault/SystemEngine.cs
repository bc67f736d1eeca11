using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary><c>sys/</c>: status and sealing here, the rest in a class per subject.</summary>
internal sealed class SystemEngine : Engine
{
    // Vault's own list of what needs sudo: a slash at the end stands for everything below.
    private static readonly string[] s_sudo =
    [
        "auth/", "remount", "audit", "audit/", "raw", "raw/", "rotate", "seal", "step-down", "config/cors", "config/auditing/", "config/ui/headers/",
        "plugins/catalog/", "revoke-prefix/", "revoke-force/", "leases", "leases/revoke-prefix/", "leases/revoke-force/", "leases/lookup/",
    ];

    private readonly VaultCore _core;

    public SystemEngine(VaultCore core)
    {
        _core = core;
        Paths.On("health").Read(Health);
        Paths.On("seal-status").Read(_ => new Answer { Bare = SealStatus() });
        Paths.On("seal").Write(_ => Seal(true));
        Paths.On("unseal").Write(Unseal);
        Paths.On("init").Read(_ => new Answer { Bare = new JsonObject { ["initialized"] = true } });
        Paths.On("leader").Read(_ => new Answer { Bare = new JsonObject { ["ha_enabled"] = false, ["is_self"] = false, ["leader_address"] = "", ["leader_cluster_address"] = "" } });
        new SystemMounts(core).AddPaths(Paths);
        new SystemPolicies(core).AddPaths(Paths);
        new SystemLeases(core).AddPaths(Paths);
        new SystemAudit(core).AddPaths(Paths);
        new SystemWrapping(core).AddPaths(Paths);
    }

    public override bool IsPublic(string path) =>
        path is "health" or "seal-status" or "unseal" or "init" or "leader" or "wrapping/lookup" or "wrapping/unwrap"
        || path.StartsWith("internal/ui/mounts", StringComparison.Ordinal);

    public override bool NeedsSudo(string path) =>
        s_sudo.Any(sudo => sudo.EndsWith('/') ? path.StartsWith(sudo, StringComparison.Ordinal) : path == sudo);

    private Answer Health(VaultRequest request)
    {
        var status = _core.IsSealed ? request.Fields.Number("sealedcode", 503) : request.Fields.Number("activecode", 200);
        return new Answer { Status = status is >= 200 and < 600 ? status : 500, Bare = VaultState.Health(_core.IsSealed, _core.Time.GetUtcNow(), _core.ClusterId) };
    }

    private JsonObject SealStatus() => VaultState.SealStatus(_core.IsSealed, _core.ClusterId);

    private Answer? Seal(bool isSealed)
    {
        _core.IsSealed = isSealed;
        return null;
    }

    /// <summary>There is nothing to decrypt: any key opens it.</summary>
    private Answer Unseal(VaultRequest request)
    {
        if (request.Fields.Text("key").Length == 0 && !request.Fields.Flag("reset"))
            throw VaultError.Invalid("'key' must be specified in request body as JSON, or 'reset' set to true");
        Seal(false);
        return new Answer { Bare = SealStatus() };
    }
}
