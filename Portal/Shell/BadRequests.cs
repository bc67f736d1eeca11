using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;

namespace Portal.Shell;

/// <summary>A call that cannot be read: says where, never what stood there, which may be secret.</summary>
public sealed class BadRequests : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not BadHttpRequestException refused)
            return false;
        var problem = refused switch
        {
            { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problems.Of(refused.StatusCode, "too-large", "The body is larger than any call of this API needs."),
            { StatusCode: StatusCodes.Status415UnsupportedMediaType } => Problems.Of(refused.StatusCode, "not-json", "Send the body as Content-Type: application/json."),
            { InnerException: JsonException { Path: { Length: > 2 } path } } => Problems.Of(
                StatusCodes.Status400BadRequest, "malformed", $"The value of {path[2..]} is not of the kind that belongs there.", ("field", path[2..])),
            { InnerException: JsonException json } => Problems.Of(
                StatusCodes.Status400BadRequest, "malformed", $"The body is no JSON object as this call expects it{Place(json)}."),
            _ => Problems.Of(refused.StatusCode, "malformed", "The call cannot be read: a parameter or the body is missing or not of the kind that belongs there."),
        };
        await problem.ExecuteAsync(httpContext);
        return true;
    }

    private static string Place(JsonException json) =>
        json.LineNumber is { } line ? $" (line {line + 1}, byte {json.BytePositionInLine + 1})" : "";
}
