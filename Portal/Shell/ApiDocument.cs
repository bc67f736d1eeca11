using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authorization;
using Scalar.AspNetCore;

namespace Portal.Shell;

/// <summary>How the REST API reads and writes JSON, and where its document and the page that shows it are.</summary>
public static class ApiDocument
{
    public const string Name = "v1";
    public const string Page = "/docs/api";

    private const string Route = "/openapi/{documentName}.json";

    // Scalar's Zod would try out eval, which the portal's policy refuses and reports; and its page does not say its language.
    private const string Preparation = "globalThis.__zod_globalConfig = { jitless: true }; document.documentElement.lang = 'en';";

    public static IServiceCollection AddApi(this IServiceCollection services) => services
        .ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
            // "600" is no number.
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        })
        // So that one place says what was wrong with a call.
        .Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true)
        .AddExceptionHandler<BadRequests>()
        .AddOpenApi(Name, options =>
        {
            options.ShouldInclude = description => $"/{description.RelativePath}".StartsWith(ApiRoutes.Root, StringComparison.Ordinal);
            options.AddDocumentTransformer((document, context, _) => ApiDescription.DescribeAsync(document, context.ApplicationServices.GetServices<ApiScope>()));
            options.AddOperationTransformer((operation, context, _) => ApiDescription.DescribeAsync(operation, context));
            options.AddSchemaTransformer((schema, context, _) => ApiDescription.DescribeAsync(schema, context));
        });

    /// <summary>For whoever is signed in, in a browser or by a token.</summary>
    public static void MapApiDocument(this IEndpointRouteBuilder endpoints)
    {
        var readers = new AuthorizationPolicyBuilder(ApiRoutes.ReaderScheme).RequireAuthenticatedUser().Build();
        endpoints.MapOpenApi(Route).RequireAuthorization(readers);
        endpoints.MapScalarApiReference(Page, (options, context) =>
        {
            var nonce = SecurityHeaders.Nonce(context);
            options.Title = "REST API · Vault Portal";
            options.OpenApiRoutePattern = Route;
            options.Favicon = "/favicon.svg";
            options.Nonce = nonce;
            options.HeadContent = $"<script nonce=\"{nonce}\">{Preparation}</script>";
            options.CustomCss = ".darklight-reference a[href*='scalar.com'] { display: none; }";
            options.DefaultOpenAllTags = true;
            options.EnabledTargets = [ScalarTarget.Shell];
            options.EnabledClients = [ScalarClient.Curl];
            // Nothing comes from another host or goes there, and no token is typed into this page.
            options.DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideDeveloperTools().HideClientButton().HideTestRequestButton();
        }).RequireAuthorization(readers);
    }
}
