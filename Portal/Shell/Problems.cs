using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Portal.Shell;

/// <summary>Answers that say what went wrong, as RFC 9457 problem details of type <c>urn:portal:&lt;slug&gt;</c>.</summary>
public static class Problems
{
    public const string TypePrefix = "urn:portal:";

    private const string TraceId = "traceId";

    public static ProblemHttpResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, "not-found", detail);

    /// <param name="errors">By field, what is wrong and what would be right.</param>
    public static ProblemHttpResult Invalid(IReadOnlyDictionary<string, string> errors) =>
        Of(StatusCodes.Status422UnprocessableEntity, "invalid", string.Join(' ', errors.Values), ("errors", errors.ToDictionary(error => error.Key, error => new[] { error.Value })));

    /// <summary>The same wish was carried out before; what was made then is named, never its secret.</summary>
    public static ProblemHttpResult AlreadyIssued(string detail, Guid id) => Of(StatusCodes.Status409Conflict, "already-issued", detail, ("id", id));

    public static ProblemHttpResult KeyReused() => Of(
        StatusCodes.Status422UnprocessableEntity, "idempotency-key-reused", "This idempotency key was used before, for something else. Make a new key for each wish.");

    public static ProblemHttpResult Of(int status, string slug, string detail, params (string Key, object? Value)[] extensions) =>
        TypedResults.Problem(Details(status, slug, detail, extensions));

    public static ProblemDetails Details(int status, string slug, string detail, params (string Key, object? Value)[] extensions)
    {
        var problem = new ProblemDetails { Status = status, Type = TypePrefix + slug, Detail = detail };
        foreach (var (key, value) in extensions)
            problem.Extensions[key] = value;
        problem.Extensions[TraceId] = Activity.Current?.TraceId.ToString();
        return problem;
    }

    /// <summary>The framework would name the span as well, which nobody looks for.</summary>
    public static void NameTrace(ProblemDetailsOptions options) =>
        options.CustomizeProblemDetails = context => context.ProblemDetails.Extensions[TraceId] = Activity.Current?.TraceId.ToString();
}
