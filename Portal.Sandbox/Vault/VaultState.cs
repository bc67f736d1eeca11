using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary>What Vault tells everybody of its state, sealed or not.</summary>
internal static class VaultState
{
    // The release whose answers the transcripts hold.
    private const string Version = "1.8.0-dev";

    public static JsonObject Health(bool isSealed, DateTimeOffset now, string clusterId)
    {
        var body = new JsonObject
        {
            ["initialized"] = true,
            ["sealed"] = isSealed,
            ["standby"] = isSealed,
            ["performance_standby"] = false,
            ["replication_performance_mode"] = isSealed ? "unknown" : "disabled",
            ["replication_dr_mode"] = isSealed ? "unknown" : "disabled",
            ["server_time_utc"] = now.ToUnixTimeSeconds(),
            ["version"] = Version,
        };
        return isSealed ? body : WithCluster(body, clusterId);
    }

    public static JsonObject SealStatus(bool isSealed, string clusterId)
    {
        var body = new JsonObject
        {
            ["type"] = "shamir",
            ["initialized"] = true,
            ["sealed"] = isSealed,
            ["t"] = 1,
            ["n"] = 1,
            ["progress"] = 0,
            ["nonce"] = "",
            ["version"] = Version,
            ["migration"] = false,
            ["recovery_seal"] = false,
            ["storage_type"] = "inmem",
        };
        return isSealed ? body : WithCluster(body, clusterId);
    }

    private static JsonObject WithCluster(JsonObject body, string clusterId)
    {
        body["cluster_name"] = "vault-cluster-sandbox";
        body["cluster_id"] = clusterId;
        return body;
    }
}
