using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Portal.Shell;

/// <summary>A call that cannot be read: says where, never what stood there, which may be secret.</summary>
public sealed partial class BadRequests : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not BadHttpRequestException refused)
            return false;
        var problem = refused switch
        {
            { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge(),
            { StatusCode: StatusCodes.Status415UnsupportedMediaType } => NotJson(),
            { InnerException: JsonException json } => Malformed(json),
            _ => Malformed(refused.Message),
        };
        await problem.ExecuteAsync(httpContext);
        return true;
    }

    public static ProblemHttpResult TooLarge() =>
        Problems.Of(StatusCodes.Status413PayloadTooLarge, "too-large", "The body is larger than any call needs.");

    public static ProblemHttpResult NotJson() =>
        Problems.Of(StatusCodes.Status415UnsupportedMediaType, "not-json", "Send the body as Content-Type: application/json.");

    private static ProblemHttpResult Malformed(JsonException json) => json switch
    {
        // The reader's own complaint: the text is no JSON, and a path could be the caller's words.
        { InnerException: JsonException } => Malformed($"The body is no JSON{Place(json)}.", field: null),
        { Path: { } path } when Field().Match(path) is { Success: true } field => Unfit(field.Groups[1].Value),
        _ => Malformed($"The body is no JSON object as this call expects it{Place(json)}.", field: null),
    };

    // The framework's words name the parameter, and what stood there.
    private static ProblemHttpResult Malformed(string words)
    {
        if (Unbound().Match(words) is { Success: true } unbound)
            return Unfit(unbound.Groups[1].Value);
        return Malformed(MissingBody().IsMatch(words) ? "The body is missing: send a JSON object." : "The call cannot be read.", field: null);
    }

    private static ProblemHttpResult Unfit(string field) => Malformed($"The value of {field} is not of the kind that belongs there: {ApiDocument.Page} says which is.", field);

    private static ProblemHttpResult Malformed(string detail, string? field) => field is null
        ? Problems.Of(StatusCodes.Status400BadRequest, "malformed", detail)
        : Problems.Of(StatusCodes.Status400BadRequest, "malformed", detail, ("field", field));

    private static string Place(JsonException json) =>
        json.LineNumber is { } line ? $" (line {line + 1}, byte {json.BytePositionInLine + 1})" : "";

    [GeneratedRegex(@"^\$\.([A-Za-z0-9.\[\]]+)$")]
    private static partial Regex Field();

    [GeneratedRegex("""^Failed to bind parameter "[^"]*?(\w+)" from """)]
    private static partial Regex Unbound();

    [GeneratedRegex("""^Required parameter "[^"]*" was not provided from body|^Implicit body inferred for parameter""")]
    private static partial Regex MissingBody();
}
