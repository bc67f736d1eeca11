using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.StaticAssets;
using Portal.Shell;

namespace Portal.Features.Health;

/// <summary>Marks an endpoint that answers before <see cref="StartupGate"/> is open.</summary>
internal sealed class BeforeStart;

/// <summary>While the gate is closed: one page that says why, for everything but probes and files.</summary>
internal sealed class StartupGateMiddleware(RequestDelegate next, StartupGate gate)
{
    public const int RetrySeconds = 5;

    // Usually the gate opens within moments of the start: who comes that early waits instead of seeing the page flash.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    public async Task InvokeAsync(HttpContext context)
    {
        if (!gate.IsOpen && !IsServedAlways(context.GetEndpoint()))
        {
            await gate.Tried.WaitAsync(s_patience, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!gate.IsOpen)
            {
                await RefuseAsync(context);
                return;
            }
        }
        await next(context);
    }

    private static bool IsServedAlways(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<BeforeStart>() is not null || endpoint?.Metadata.GetMetadata<StaticAssetDescriptor>() is not null;

    private Task RefuseAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = RetrySeconds.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.Path.StartsWithSegments("/browser") || context.Request.Path.StartsWithSegments(ApiRoutes.Prefix))
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "starting", $"{gate.Trouble.Title}. Try again in a moment.").ExecuteAsync(context);
        var parameters = new Dictionary<string, object?> { [nameof(StartupPage.Trouble)] = gate.Trouble };
        return new RazorComponentResult<StartupPage>(parameters) { StatusCode = StatusCodes.Status503ServiceUnavailable }.ExecuteAsync(context);
    }
}
