namespace Portal.Sandbox.Clouds;

internal static class CloudflareEndpoints
{
    public static void Map(IEndpointRouteBuilder app, CloudSeed seed, CloudControl control) => app.MapGet("/client/v4/user", (HttpRequest request) =>
    {
        var good = seed.Values("cloudflare");
        var (key, email) = (request.Headers["X-Auth-Key"].ToString(), request.Headers["X-Auth-Email"].ToString());
        if (key.Length != good["CF_API_KEY"].Length)
            return Error(400, 6003, "Invalid request headers");
        return control.KeyIsDisabled || key != good["CF_API_KEY"] || email != good["CF_API_EMAIL"]
            ? Error(403, 9103, "Unknown X-Auth-Key or X-Auth-Email")
            : Results.Json(new
            {
                success = true,
                errors = Array.Empty<object>(),
                messages = Array.Empty<object>(),
                result = new { id = "7c5dae5552338874e5053f2534d2767a", email, suspended = false, two_factor_authentication_enabled = true },
            });
    });

    private static IResult Error(int status, int code, string message) =>
        Results.Json(new { success = false, errors = new[] { new { code, message } }, messages = Array.Empty<object>(), result = (object?)null }, statusCode: status);
}
