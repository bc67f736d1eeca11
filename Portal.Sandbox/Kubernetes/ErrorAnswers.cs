namespace Portal.Sandbox.Kubernetes;

/// <summary>Every refusal leaves as a <c>Status</c> object.</summary>
internal sealed class ErrorAnswers(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status404NotFound })
                throw ApiException.NoSuchPath();
            if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status405MethodNotAllowed })
                throw ApiException.MethodNotAllowed();
        }
        catch (ApiException e) when (!context.Response.HasStarted)
        {
            await KubernetesJson.WriteAsync(context, e);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await KubernetesJson.WriteAsync(context, ApiException.BadRequest(e.Message));
        }
    }
}
