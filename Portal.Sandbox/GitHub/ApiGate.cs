using System.Globalization;
using System.Security.Cryptography;

namespace Portal.Sandbox.GitHub;

/// <summary>What every call of <c>/api/v3</c> passes: a user agent, a version, a good token, the limits.</summary>
internal sealed class ApiGate(GitHubState state, GitHubTokens tokens, RateLimits limits) : IEndpointFilter
{
    private const string SupportedVersion = "2022-11-28";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        var headers = context.Response.Headers;
        headers["X-GitHub-Request-Id"] = RandomNumberGenerator.GetHexString(16);
        if (context.Request.Headers.UserAgent.Count == 0)
            return Results.Text(
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
                statusCode: StatusCodes.Status403Forbidden);
        if (context.Request.Headers["X-GitHub-Api-Version"].ToString() is { Length: > 0 } version && version != SupportedVersion)
            return ApiError.Answer(StatusCodes.Status400BadRequest, $"The REST API version {version} is not supported.");
        headers["X-GitHub-Api-Version-Selected"] = SupportedVersion;
        headers["X-GitHub-Media-Type"] = "github.v3; format=json";

        if (!TryAuthenticate(context, out var caller))
            return ApiError.BadCredentials();
        if (Limit(context, caller) is { } refusal)
            return refusal;
        context.Features.Set(caller);
        return caller is null && context.GetEndpoint()?.Metadata.GetMetadata<NeedsToken>() is not null
            ? ApiError.Answer(StatusCodes.Status401Unauthorized, "Requires authentication")
            : await next(invocation);
    }

    /// <summary>False: there is a token, and it is not good. True without a caller: there is none.</summary>
    private bool TryAuthenticate(HttpContext context, out ApiCaller? caller)
    {
        caller = null;
        var parts = context.Request.Headers.Authorization.ToString().Split(' ', 2, StringSplitOptions.TrimEntries);
        if (parts is [""] || string.Equals(parts[0], "Basic", StringComparison.OrdinalIgnoreCase))
            return true;
        if (parts is not [var scheme, var text] || !(scheme.ToUpperInvariant() is "BEARER" or "TOKEN"))
            return false;
        if (tokens.Use(text) is not { } token || state.FindUser(token.UserId) is not { } user)
            return false;
        caller = new ApiCaller(user, token);
        context.Response.Headers["X-OAuth-Scopes"] = token.Scopes.Replace(",", ", ", StringComparison.Ordinal);
        return true;
    }

    private IResult? Limit(HttpContext context, ApiCaller? caller)
    {
        var trouble = state.Troubles.RateLimit;
        if (trouble == RateLimitTrouble.Secondary)
        {
            context.Response.Headers.RetryAfter = "60";
            return ApiError.Answer(
                StatusCodes.Status403Forbidden, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.");
        }
        var usage = limits.Count(caller?.User.Id ?? 0);
        var isExceeded = usage.IsExceeded || trouble != RateLimitTrouble.None;
        var headers = context.Response.Headers;
        headers["x-ratelimit-limit"] = Text(usage.Limit);
        headers["x-ratelimit-remaining"] = Text(isExceeded ? 0 : usage.Remaining);
        headers["x-ratelimit-used"] = Text(isExceeded ? usage.Limit : usage.Used);
        headers["x-ratelimit-reset"] = Text(usage.Reset);
        headers["x-ratelimit-resource"] = "core";
        if (!isExceeded)
            return null;
        var status = trouble == RateLimitTrouble.TooManyRequests ? StatusCodes.Status429TooManyRequests : StatusCodes.Status403Forbidden;
        return ApiError.Answer(status, caller is null ? "API rate limit exceeded." : $"API rate limit exceeded for user ID {caller.User.Id}.");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The person whose token came with the call.</summary>
internal sealed record ApiCaller(GitHubUser User, AccessToken Token);

/// <summary>Endpoints that nobody may call without a token.</summary>
internal sealed record NeedsToken;
