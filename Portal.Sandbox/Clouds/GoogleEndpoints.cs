namespace Portal.Sandbox.Clouds;

/// <summary>Signing in as a service account, its project, and that one's services.</summary>
internal sealed class GoogleEndpoints(CloudSeed seed, CloudControl control, TimeProvider time)
{
    private const string Grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private readonly BearerTokens _tokens = new();

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/token", SignInAsync);
        app.MapGet("/v3/projects/{project}", Project);
        app.MapGet("/v1/projects/{project}/services:batchGet", Services);
    }

    private async Task<IResult> SignInAsync(HttpRequest request)
    {
        if (!request.HasFormContentType || await request.ReadFormAsync() is not { } form || form["grant_type"] != Grant)
            return Results.Json(new { error = "unsupported_grant_type", error_description = "Invalid grant_type" }, statusCode: 400);
        var assertion = new GoogleAssertion(seed, time);
        if (assertion.Mistake(form["assertion"].ToString()) is { } mistake)
            return Results.Json(new { error = "invalid_grant", error_description = mistake }, statusCode: 400);
        return control.KeyIsDisabled
            ? Results.Json(new { error = "invalid_grant", error_description = "Invalid JWT Signature." }, statusCode: 400)
            : Results.Json(new { access_token = _tokens.Create(), expires_in = 3599, token_type = "Bearer" });
    }

    private IResult Project(HttpRequest request, string project)
    {
        if (Refusal(request, project) is { } refusal)
            return refusal;
        return control.Has("cloudresourcemanager.googleapis.com")
            ? Results.Json(new { name = "projects/415104041262", projectId = project, state = "ACTIVE", displayName = "Acme Shop" })
            : Error(403, "PERMISSION_DENIED", "Cloud Resource Manager API has not been used in the project before or it is disabled.", "SERVICE_DISABLED");
    }

    private IResult Services(HttpRequest request, string project)
    {
        if (Refusal(request, project) is { } refusal)
            return refusal;
        string[] names = [.. request.Query["names"].OfType<string>()];
        if (names.Length is 0 or > 30 || !names.All(name => name.StartsWith($"projects/{project}/services/", StringComparison.Ordinal)))
            return Error(400, "INVALID_ARGUMENT", "names must be those of services of the parent.");
        if (!control.Has("serviceusage.googleapis.com"))
            return Error(403, "PERMISSION_DENIED", "Service Usage API has not been used in the project before or it is disabled.", "SERVICE_DISABLED");
        return Results.Json(new
        {
            services = names.Select(name => name.Split('/')[^1]).Select(service => new
            {
                name = $"projects/415104041262/services/{service}",
                config = new { name = service },
                state = control.Has(service) ? "ENABLED" : "DISABLED",
                parent = "projects/415104041262",
            }),
        });
    }

    private IResult? Refusal(HttpRequest request, string project)
    {
        if (!_tokens.Know(request))
            return Error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
        return project == seed.Values("google")["project_id"] && control.Has(CloudControl.Access)
            ? null
            : Error(403, "PERMISSION_DENIED", "The caller does not have permission", "IAM_PERMISSION_DENIED");
    }

    private static IResult Error(int code, string status, string message, string? reason = null)
    {
        object[] details = reason is null ? [] : [new { reason, domain = "googleapis.com" }];
        return Results.Json(new { error = new { code, message, status, details } }, statusCode: code);
    }
}
