using Microsoft.AspNetCore.Http.HttpResults;

namespace Portal.Features.Health;

/// <summary>Probes for the cluster: answered from memory.</summary>
internal static class HealthEndpoints
{
    /// <summary>The process runs. Never depends on Vault: a restart heals nothing there.</summary>
    public static Ok<string> Live() => TypedResults.Ok("alive");

    /// <summary>
    /// The portal can serve people. Vault going away later does not change it: the pages say so better than a dead address.
    /// </summary>
    public static Results<Ok<string>, JsonHttpResult<string>> Ready(StartupGate gate) => gate.IsOpen
        ? TypedResults.Ok("ready")
        : TypedResults.Json(gate.Trouble.Title, statusCode: StatusCodes.Status503ServiceUnavailable);
}
