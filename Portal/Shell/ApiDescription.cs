using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Portal.Shell;

/// <summary>What the OpenAPI document says beside what routes and types say by themselves.</summary>
internal static class ApiDescription
{
    public static Task DescribeAsync(OpenApiDocument document, IEnumerable<ApiScope> scopes)
    {
        document.Info.Title = "Vault Portal";
        document.Info.Version = ApiDocument.Name;
        document.Info.Description =
            $"""
            What people do in the portal, for programs. Send an access token with every call; you make one on the page Tokens.

            Times are RFC 3339 in UTC, durations whole seconds, errors problem details (RFC 9457) of type `urn:portal:<slug>`.
            Lists come in pages: send `next` of one page as `cursor` for the next. Any other address is answered with 404, any other method with 405.

            {string.Join('\n', scopes.Select(scope => $"- Scope `{scope.Name}`: {scope.Allows}."))}
            """;
        // An address in here would be that of whoever asked first.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [ApiRoutes.Scheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT", Description = "An access token of the portal." },
        };
        return Task.CompletedTask;
    }

    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var needed = metadata.OfType<NeededScopes>().LastOrDefault()?.AnyOf ?? [];
        if (needed.Count > 0)
            operation.Description = $"Scope: {string.Join(" or ", needed.Select(scope => $"`{scope}`"))}.";
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiRoutes.Scheme, context.Document)] = [.. needed] }];
        if (metadata.OfType<TakesIdempotencyKey>().Any())
            (operation.Parameters ??= []).Add(KeyParameter());
        if (metadata.OfType<TakesIfMatch>().Any())
            (operation.Parameters ??= []).Add(VersionParameter());

        var responses = new OpenApiResponses();
        foreach (var (key, response) in (operation.Responses ?? []).OrderBy(response => response.Key, StringComparer.Ordinal))
        {
            responses[key] = response;
            if (response is not OpenApiResponse answer)
                continue;
            var status = int.Parse(key, CultureInfo.InvariantCulture);
            answer.Headers = HeadersOf(status, metadata);
            // The framework leaves it out: https://github.com/dotnet/aspnetcore/issues/63766
            if (metadata.OfType<ProducesResponseTypeMetadata>().LastOrDefault(known => known.StatusCode == status)?.Description is { } when)
                answer.Description = when;
        }

        operation.Responses = responses;
        return Task.CompletedTask;
    }

    public static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        if (context.JsonTypeInfo.Type == typeof(ProblemDetails))
            DescribeProblem(schema);
        // The framework lists an enum's names, but not that they are texts.
        if (schema.Enum is { Count: > 0 })
            schema.Type ??= JsonSchemaType.String;
        // Null where a value must be is read, and refused with a word for it.
        if (context.JsonPropertyInfo?.AttributeProvider?.IsDefined(typeof(RequiredAttribute), inherit: true) == true)
            schema.Type &= ~JsonSchemaType.Null;
        if (context.ParameterDescription?.ParameterDescriptor is IParameterInfoParameterDescriptor { ParameterInfo: var parameter }
            && parameter.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed)
        {
            schema.Enum = [.. allowed.Values.OfType<string>().Select(value => (JsonNode)value)];
        }

        return Task.CompletedTask;
    }

    private static void DescribeProblem(OpenApiSchema schema)
    {
        schema.Description = "Why the call was not carried out.";
        schema.Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text($"`{Problems.TypePrefix}<slug>`, for programs.", $"^{Problems.TypePrefix}[a-z-]+$"),
            ["title"] = Text("The status in words."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The status." },
            ["detail"] = Text("What is wrong and what would be right, for people."),
            ["traceId"] = Text("Name it when you ask for help.", "^[0-9a-f]{32}$"),
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
                Description = "With `invalid`: by field, what is wrong.",
            },
            ["field"] = Text("With `malformed`, where it is known: the field or parameter that cannot be read."),
            ["scopes"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchema { Type = JsonSchemaType.String },
                Description = "With `scope-missing`: one of these is needed.",
            },
            ["missing"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchema { Type = JsonSchemaType.String },
                Description = "With `verification-failed`: each thing that the cloud finds missing.",
            },
            ["identity"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchema { Type = JsonSchemaType.Object },
                Description = "With `verification-failed`: who the credential belongs to, as far as the cloud said.",
            },
            ["current"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "With `changed-meanwhile`: the other one's version, which stands." },
            ["since"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = new OpenApiSchema { Type = JsonSchemaType.Object },
                Description = "With `changed-meanwhile`: the versions after the one that the call builds on, latest first.",
            },
            ["etag"] = Text("With `changed-meanwhile`: the other one's version for `If-Match`."),
            ["id"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid", Description = "With `already-issued`: what was made then." },
        };
        schema.Required = new HashSet<string> { "type", "title", "status", "detail", "traceId" };
        schema.AdditionalPropertiesAllowed = false;
    }

    private static Dictionary<string, IOpenApiHeader>? HeadersOf(int status, IList<object> metadata) => status switch
    {
        StatusCodes.Status201Created when metadata.OfType<CreatesAt>().Any() =>
            Header("Location", "Where what was made is found, without its secret.").Concat(ETagOf(metadata)).ToDictionary(),
        StatusCodes.Status200OK when metadata.OfType<HasETag>().Any() => ETagOf(metadata),
        StatusCodes.Status401Unauthorized => Header("WWW-Authenticate", "RFC 6750."),
        StatusCodes.Status403Forbidden => Header("WWW-Authenticate", "RFC 6750, when a scope is missing.", isAlwaysThere: false),
        StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable => Header("Retry-After", "After how many seconds to try again.", JsonSchemaType.Integer),
        _ => null,
    };

    private static Dictionary<string, IOpenApiHeader> Header(
        string name, string description, JsonSchemaType type = JsonSchemaType.String, bool isAlwaysThere = true) => new()
        {
            [name] = new OpenApiHeader { Description = description, Required = isAlwaysThere, Schema = new OpenApiSchema { Type = type } },
        };

    private static Dictionary<string, IOpenApiHeader> ETagOf(IList<object> metadata) =>
        metadata.OfType<HasETag>().Any() ? Header("ETag", "Names the version; goes into `If-Match`.") : [];

    private static OpenApiParameter VersionParameter() => new()
    {
        Name = "If-Match",
        In = ParameterLocation.Header,
        Description = "The ETag of the version that the call builds on.",
        Required = true,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static OpenApiParameter KeyParameter() => new()
    {
        Name = IdempotencyKey.Header,
        In = ParameterLocation.Header,
        Description = "New for each wish, such as a UUID. A call that is repeated with it makes no second thing: it is answered with 409 and the id of the first. "
            + "After an answer of 5xx nothing was made, and the same key may be used again.",
        Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = IdempotencyKey.Longest, Pattern = "^[!-~]+$" },
    };

    private static OpenApiSchema Text(string description, string? pattern = null) =>
        new() { Type = JsonSchemaType.String, Description = description, Pattern = pattern };
}
