using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace Portal.Shell;

/// <summary>A scope of access tokens. Features register theirs.</summary>
/// <param name="Name">As clients write it: <c>databases</c>.</param>
/// <param name="Allows">What a token with it may do, in words.</param>
public sealed record ApiScope(string Name, string Allows);

/// <summary>What an endpoint asks of a token; none: any token will do.</summary>
public sealed record NeededScopes(IReadOnlyList<string> AnyOf);

/// <summary>The answer to a call that made something says where it is.</summary>
public sealed class CreatesAt;

/// <summary>The answer names its version.</summary>
public sealed class HasETag;

/// <summary>The call names the version that it builds on.</summary>
public sealed class TakesIfMatch;

/// <summary>The REST API under <c>/api/v1</c>: access tokens alone, never a cookie, and answers that no cache keeps.</summary>
public static class ApiRoutes
{
    /// <summary>Everything below is for programs, also what is not there.</summary>
    public const string Prefix = "/api";

    public const string Root = "/api/v1";

    /// <summary>The authentication scheme of access tokens.</summary>
    public const string Scheme = "access-token";

    /// <summary>The authentication scheme of those who may read about the API: a token or a browser's session.</summary>
    public const string ReaderScheme = "api-reader";

    /// <summary>The claim that holds one scope each.</summary>
    public const string ScopeClaim = "scope";

    /// <summary>The rate limit of a token.</summary>
    public const string TokenLimit = "token";

    /// <summary>The rate limit of an address, for what everybody may read.</summary>
    public const string AddressLimit = "address";

    /// <summary>The same for what each of many hosts behind one address fetches all the time.</summary>
    public const string HostsLimit = "hosts";

    // No call needs as much.
    private const int LargestBody = 64 * 1024;

    public static IServiceCollection AddApiScope(this IServiceCollection services, string name, string allows) =>
        services.AddSingleton(new ApiScope(name, allows));

    /// <summary>No cache keeps an answer of the API, whoever gives it and unless it says otherwise.</summary>
    public static IApplicationBuilder UseApi(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.Path.StartsWithSegments(Prefix))
        {
            // At the last moment: the exception handler writes its own.
            context.Response.OnStarting(() =>
            {
                if (context.Response.Headers.CacheControl.Count == 0)
                    context.Response.Headers.CacheControl = "no-store";
                return Task.CompletedTask;
            });
        }

        return next(context);
    });

    /// <param name="anyOf">The scopes of which a token needs one; none: any token will do.</param>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder endpoints, params string[] anyOf)
    {
        var policy = new AuthorizationPolicyBuilder(Scheme).RequireAuthenticatedUser();
        if (anyOf.Length > 0)
            policy.RequireClaim(ScopeClaim, anyOf);
        var group = endpoints.MapGroup(Root).DisableAntiforgery()
            .RequireAuthorization(policy.Build())
            .RequireRateLimiting(TokenLimit)
            .WithMetadata(new NeededScopes(anyOf), new RequestSizeLimitAttribute(LargestBody))
            .Refuses(StatusCodes.Status401Unauthorized, "There is no access token, or it does not count: `token-missing`, `token-refused`, `signed-out`.")
            .Refuses(StatusCodes.Status429TooManyRequests, "This token called too often: `too-many-calls`.")
            .Refuses(StatusCodes.Status502BadGateway, "Vault refused the portal, or gave an answer that makes no sense: `vault-denied`, `vault-unexpected`. Nothing was made.")
            .Refuses(StatusCodes.Status503ServiceUnavailable, "Vault does not answer, is sealed, or has not answered since the start: `vault-unreachable`, `vault-sealed`, `starting`. Nothing was made.");
        return anyOf.Length > 0 ? group.Refuses(StatusCodes.Status403Forbidden, "The token lacks the scope: `scope-missing`.") : group;
    }

    /// <summary>What everybody may read without a token: answered from memory, limited per address. For machines, and so not in the document.</summary>
    public static RouteGroupBuilder MapPublicApi(this IEndpointRouteBuilder endpoints, string limit) => endpoints.MapGroup(Root)
        .AllowAnonymous()
        .RequireRateLimiting(limit)
        .ExcludeFromDescription();

    /// <summary>Documents an answer that is problem details.</summary>
    /// <param name="when">Why it comes, with the slugs of its types. A later word about the same status stands instead of an earlier one.</param>
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoints, int status, string when)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), ["application/problem+json"]) { Description = when });

    /// <summary>Documents what can be wrong with the JSON that a call brings.</summary>
    public static RouteHandlerBuilder TakesJson(this RouteHandlerBuilder endpoint) => endpoint
        .Refuses(StatusCodes.Status400BadRequest, "The call cannot be read: `malformed`.")
        .Refuses(StatusCodes.Status413PayloadTooLarge, "The body is larger than any call needs: `too-large`.")
        .Refuses(StatusCodes.Status415UnsupportedMediaType, "The body is not sent as JSON: `not-json`.")
        .Refuses(StatusCodes.Status422UnprocessableEntity, "A field breaks a rule: `invalid`.");

    /// <summary>Documents what can be wrong with the wish for a page of a list.</summary>
    public static RouteHandlerBuilder TakesPageWish(this RouteHandlerBuilder endpoint) => endpoint
        .Refuses(StatusCodes.Status400BadRequest, "A parameter cannot be read: `malformed`.")
        .Refuses(StatusCodes.Status422UnprocessableEntity, "A parameter breaks a rule: `invalid`.");

    /// <summary>For a call that issues: see <see cref="IdempotencyKey"/>.</summary>
    public static RouteHandlerBuilder TakesIdempotencyKey(this RouteHandlerBuilder endpoint) => endpoint
        .WithMetadata(new TakesIdempotencyKey())
        .Refuses(StatusCodes.Status400BadRequest, "The call cannot be read: `malformed`, `idempotency-key`.")
        .Refuses(StatusCodes.Status409Conflict, "It was made before by this key, or ended while it was made: `already-issued`, `ended-meanwhile`. Nothing was handed out.")
        .Refuses(StatusCodes.Status422UnprocessableEntity, "A field breaks a rule, or the key was used for something else: `invalid`, `idempotency-key-reused`.");
}
