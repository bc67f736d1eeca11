namespace Portal.Sandbox.Clouds;

/// <summary>Signing in as an application, its subscription, and that one's resource providers.</summary>
internal sealed class AzureEndpoints(CloudSeed seed, CloudControl control)
{
    // Of the directory, which it may be called by.
    private const string Domain = "acme.onmicrosoft.com";

    private readonly BearerTokens _tokens = new();

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/{tenant}/oauth2/v2.0/token", SignInAsync);
        app.MapGet("/subscriptions/{id}", Subscription);
        app.MapGet("/subscriptions/{id}/providers/{provider}", Provider);
    }

    private async Task<IResult> SignInAsync(HttpRequest request, string tenant)
    {
        var good = seed.Values("azure");
        if (!request.HasFormContentType)
            return NoToken(400, "invalid_request", 900144, "The request body must contain the following parameter: 'grant_type'.");
        var form = await request.ReadFormAsync();
        if (tenant != good["AZURE_TENANT_ID"] && tenant != Domain)
            return NoToken(400, "invalid_request", 90002, $"Tenant '{tenant}' not found.");
        if (form["grant_type"] != "client_credentials")
            return NoToken(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.");
        if (form["client_id"] != good["AZURE_CLIENT_ID"])
            return NoToken(400, "unauthorized_client", 700016, $"Application with identifier '{form["client_id"]}' was not found in the directory.");
        if (form["client_secret"] != good["AZURE_CLIENT_SECRET"])
            return NoToken(401, "invalid_client", 7000215, "Invalid client secret provided.");
        if (control.KeyIsDisabled)
            return NoToken(401, "invalid_client", 7000222, "The provided client secret keys are expired.");
        // MSAL asks for OpenID scopes besides.
        return form["scope"].ToString().Split(' ').Contains($"https://{request.Host}/.default")
            ? Results.Json(new { token_type = "Bearer", expires_in = 3599, ext_expires_in = 3599, access_token = _tokens.Create() })
            : NoToken(400, "invalid_scope", 1002012, "The provided value for scope is not valid.");
    }

    private IResult Subscription(HttpRequest request, string id) => Refusal(request, id, "2022-12-01") ?? Results.Json(new
    {
        id = $"/subscriptions/{id}",
        subscriptionId = id,
        displayName = "Acme Production",
        state = "Enabled",
    });

    private IResult Provider(HttpRequest request, string id, string provider) => Refusal(request, id, "2021-04-01") ?? Results.Json(new
    {
        id = $"/subscriptions/{id}/providers/{provider}",
        @namespace = provider,
        registrationState = control.Has(provider) ? "Registered" : "NotRegistered",
    });

    private IResult? Refusal(HttpRequest request, string id, string version)
    {
        if (!_tokens.Know(request))
            return Error(401, "InvalidAuthenticationToken", "The access token is invalid.");
        if (request.Query["api-version"] != version)
            return Error(400, "InvalidApiVersionParameter", "The api-version is invalid.");
        if (id != seed.Values("azure")["AZURE_SUBSCRIPTION_ID"])
            return Error(404, "SubscriptionNotFound", $"The subscription '{id}' could not be found.");
        return control.Has(CloudControl.Access) ? null : Error(403, "AuthorizationFailed", "The client does not have authorization to perform the action.");
    }

    private static IResult NoToken(int status, string error, int code, string words) =>
        Results.Json(new { error, error_description = $"AADSTS{code}: {words} Trace ID: {Guid.CreateVersion7()}", error_codes = new[] { code } }, statusCode: status);

    private static IResult Error(int status, string code, string message) => Results.Json(new { error = new { code, message } }, statusCode: status);
}
