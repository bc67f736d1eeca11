using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Portal.Shell;

/// <summary>What a person sees when a request failed before there was a page to say so; programs get problem details.</summary>
public sealed class ErrorPages : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!IsForAPerson(httpContext.Request))
            return false;

        var reference = Activity.Current?.TraceId.ToString() ?? httpContext.TraceIdentifier;
        var page = new RazorComponentResult<ErrorPage>(new { Reference = reference }) { StatusCode = StatusCodes.Status500InternalServerError };
        httpContext.Response.Headers.CacheControl = "no-store";
        await page.ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>An address that nothing answers, or not so. Other answers without a text stay as they are.</summary>
    public static Task ShowStatusAsync(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound when IsForApi(context) =>
            Problems.NotFound($"There is no such address in this API: {ApiDocument.Page} lists all.").ExecuteAsync(context),
        StatusCodes.Status405MethodNotAllowed when IsForApi(context) => Problems.Of(
            StatusCodes.Status405MethodNotAllowed, "method-not-allowed", $"This address does not take this method: {ApiDocument.Page} lists all.").ExecuteAsync(context),
        StatusCodes.Status413PayloadTooLarge when IsForApi(context) => BadRequests.TooLarge().ExecuteAsync(context),
        StatusCodes.Status415UnsupportedMediaType when IsForApi(context) => BadRequests.NotJson().ExecuteAsync(context),
        StatusCodes.Status404NotFound when IsForAPerson(context.Request) =>
            new RazorComponentResult<NotFoundPage> { StatusCode = StatusCodes.Status404NotFound }.ExecuteAsync(context),
        _ => Task.CompletedTask,
    };

    private static bool IsForApi(HttpContext context) => context.Request.Path.StartsWithSegments(ApiRoutes.Prefix);

    // A browser that goes to an address, not a script that asks for data.
    private static bool IsForAPerson(HttpRequest request) =>
        !request.Path.StartsWithSegments("/api") && !request.Path.StartsWithSegments("/browser")
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
