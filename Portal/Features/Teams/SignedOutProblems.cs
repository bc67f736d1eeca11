using Microsoft.AspNetCore.Diagnostics;
using Portal.Shell;

namespace Portal.Features.Teams;

/// <summary>A session or token that ended while its call was under way.</summary>
public sealed class SignedOutProblems : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not SignedOutException)
            return false;
        if (httpContext.Request.Path.StartsWithSegments(ApiRoutes.Prefix))
            httpContext.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        await Problems.Of(StatusCodes.Status401Unauthorized, "signed-out", "The session or the access token is over.").ExecuteAsync(httpContext);
        return true;
    }
}
