using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary><c>sys/</c>: status and sealing here, the rest in a class per subject.</summary>
internal sealed class SystemEngine : Engine
{
    // The release whose answers the transcripts hold.
    private const string Version = "1.8.0-dev";

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
        var body = new JsonObject
        {
            ["initialized"] = true,
            ["sealed"] = _core.IsSealed,
            ["standby"] = _core.IsSealed,
            ["performance_standby"] = false,
            ["replication_performance_mode"] = _core.IsSealed ? "unknown" : "disabled",
            ["replication_dr_mode"] = _core.IsSealed ? "unknown" : "disabled",
            ["server_time_utc"] = _core.Time.GetUtcNow().ToUnixTimeSeconds(),
            ["version"] = Version,
        };
        if (!_core.IsSealed)
        {
            body["cluster_name"] = "vault-cluster-sandbox";
            body["cluster_id"] = _core.ClusterId;
        }

        var status = _core.IsSealed ? request.Fields.Number("sealedcode", 503) : request.Fields.Number("activecode", 200);
        return new Answer { Status = status is >= 200 and < 600 ? status : 500, Bare = body };
    }

    private JsonObject SealStatus()
    {
        var body = new JsonObject
        {
            ["type"] = "shamir",
            ["initialized"] = true,
            ["sealed"] = _core.IsSealed,
            ["t"] = 1,
            ["n"] = 1,
            ["progress"] = 0,
            ["nonce"] = "",
            ["version"] = Version,
            ["migration"] = false,
            ["recovery_seal"] = false,
            ["storage_type"] = "inmem",
        };
        if (!_core.IsSealed)
        {
            body["cluster_name"] = "vault-cluster-sandbox";
            body["cluster_id"] = _core.ClusterId;
        }

        return body;
    }

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
