using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Portal.Shell;

/// <summary>How the REST API reads and writes JSON, and the document and page that describe it.</summary>
public static class ApiDocument
{
    private const string Name = "v1";
    private const string DocumentRoute = "/openapi/{documentName}.json";
    private const string PageRoute = "/docs/api";

    public static IServiceCollection AddApi(this IServiceCollection services) => services
        .ConfigureHttpJsonOptions(options => options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase)))
        // So that one place says what was wrong with a call.
        .Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true)
        .AddExceptionHandler<BadRequests>()
        .AddOpenApi(Name, options =>
        {
            options.ShouldInclude = description => $"/{description.RelativePath}".StartsWith(ApiRoutes.Root, StringComparison.Ordinal);
            options.AddDocumentTransformer(DescribeAsync);
            options.AddOperationTransformer(DescribeAsync);
        });

    /// <summary>For whoever is signed in, in a browser or by a token.</summary>
    public static void MapApiDocument(this IEndpointRouteBuilder endpoints, string browserScheme)
    {
        var readers = new AuthorizationPolicyBuilder(browserScheme, ApiRoutes.Scheme).RequireAuthenticatedUser().Build();
        endpoints.MapOpenApi(DocumentRoute).RequireAuthorization(readers);
        endpoints.MapScalarApiReference(PageRoute, (options, context) =>
        {
            options.Title = "Vault Portal: REST API";
            options.OpenApiRoutePattern = DocumentRoute;
            options.Nonce = SecurityHeaders.Nonce(context);
            options.DefaultFonts = false;
            options.Telemetry = false;
        }).RequireAuthorization(readers);
    }

    private static Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var scopes = context.ApplicationServices.GetServices<ApiScope>();
        document.Info.Title = "Vault Portal";
        document.Info.Version = Name;
        document.Info.Description =
            $"""
            What people do in the portal, for programs. Send an access token with every call; you make one on the page Tokens.
            Times are RFC 3339 in UTC, durations whole seconds, errors problem details (RFC 9457) of type `urn:portal:<slug>`.
            Lists come in pages: send `next` of one page as `cursor` for the next.

            Scopes: {string.Join("; ", scopes.Select(scope => $"`{scope.Name}`: {scope.Allows}"))}.
            """;
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [ApiRoutes.Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" },
        };
        return Task.CompletedTask;
    }

    private static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var needed = context.Description.ActionDescriptor.EndpointMetadata.OfType<NeededScopes>().LastOrDefault()?.AnyOf ?? [];
        if (needed.Count > 0)
            operation.Description = $"Scope: {string.Join(" or ", needed.Select(scope => $"`{scope}`"))}.";
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiRoutes.Scheme, context.Document)] = [.. needed] }];
        return Task.CompletedTask;
    }
}
