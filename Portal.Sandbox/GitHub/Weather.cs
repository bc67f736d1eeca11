namespace Portal.Sandbox.GitHub;

/// <summary>Outages and slowness, before anything else sees the request.</summary>
internal sealed class Weather(RequestDelegate next, GitHubTroubles troubles, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (troubles.Delay is var delay && delay > TimeSpan.Zero)
            await Task.Delay(delay, time, context.RequestAborted);
        if (!troubles.Unavailable)
        {
            await PassAsync(context);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(
            "<!DOCTYPE html><title>Unicorn</title><p>No server is currently available to service your request. Sorry about that.</p>",
            context.RequestAborted);
    }

    private async Task PassAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (InvalidDataException) when (!context.Response.HasStarted)
        {
            // A form that is none.
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
    }
}
