using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;

namespace Portal.Shell;

public static class BrowserRoutes
{
    // No form of the pages needs as much.
    private const int LargestBody = 64 * 1024;

    /// <summary>
    /// Routes for the page's own script: session cookie and antiforgery header, answers that no cache keeps. Secrets cross here, past the circuit.
    /// </summary>
    public static RouteGroupBuilder MapBrowserGroup(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/browser").DisableAntiforgery().WithMetadata(new RequestSizeLimitAttribute(LargestBody));
        group.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            http.Response.Headers.CacheControl = "no-store";
            // The framework validates forms by itself, but not JSON.
            if (!await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http))
            {
                return Problems.Of(
                    StatusCodes.Status400BadRequest, "stale-page", "This page is from another session. Load it again; what you typed is kept.");
            }

            return await next(context);
        });
        return group;
    }
}
