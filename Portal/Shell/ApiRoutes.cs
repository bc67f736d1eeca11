using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;

namespace Portal.Shell;

/// <summary>A scope of access tokens. Features register theirs.</summary>
/// <param name="Name">As clients write it: <c>databases</c>.</param>
/// <param name="Allows">What a token with it may do, in words.</param>
public sealed record ApiScope(string Name, string Allows);

/// <summary>What an endpoint asks of a token; none: any token will do.</summary>
public sealed record NeededScopes(IReadOnlyList<string> AnyOf);

/// <summary>The REST API under <c>/api/v1</c>: access tokens alone, never a cookie, and answers that no cache keeps.</summary>
public static class ApiRoutes
{
    public const string Root = "/api/v1";

    /// <summary>The authentication scheme of access tokens.</summary>
    public const string Scheme = "access-token";

    /// <summary>The claim that holds one scope each.</summary>
    public const string ScopeClaim = "scope";

    /// <summary>The rate limit of a token.</summary>
    public const string TokenLimit = "token";

    /// <summary>The rate limit of an address, for what everybody may read.</summary>
    public const string AddressLimit = "address";

    public static IServiceCollection AddApiScope(this IServiceCollection services, string name, string allows) =>
        services.AddSingleton(new ApiScope(name, allows));

    /// <summary>Documents answers that are problem details.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoints, params IEnumerable<int> statuses)
        where TBuilder : IEndpointConventionBuilder
    {
        foreach (var status in statuses)
            endpoints.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), ["application/problem+json"]));
        return endpoints;
    }

    /// <param name="anyOf">The scopes of which a token needs one; none: any token will do.</param>
    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder endpoints, params string[] anyOf)
    {
        var policy = new AuthorizationPolicyBuilder(Scheme).RequireAuthenticatedUser();
        if (anyOf.Length > 0)
            policy.RequireClaim(ScopeClaim, anyOf);
        var group = endpoints.MapGroup(Root).DisableAntiforgery()
            .RequireAuthorization(policy.Build())
            .RequireRateLimiting(TokenLimit)
            .WithMetadata(new NeededScopes(anyOf))
            .Refuses(StatusCodes.Status401Unauthorized, StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable);
        if (anyOf.Length > 0)
            group.Refuses(StatusCodes.Status403Forbidden);
        return group;
    }
}
