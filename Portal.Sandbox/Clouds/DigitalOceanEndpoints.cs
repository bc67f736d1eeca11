namespace Portal.Sandbox.Clouds;

internal static class DigitalOceanEndpoints
{
    public static void Map(IEndpointRouteBuilder app, CloudSeed seed, CloudControl control) => app.MapGet("/v2/account", (HttpRequest request) =>
    {
        if (control.KeyIsDisabled || request.Headers.Authorization != $"Bearer {seed.Values("digitalocean")["DO_TOKEN"]}")
            return Error(401, "Unauthorized", "Unable to authenticate you");
        if (!control.Has(CloudControl.Access))
            return Error(403, "Forbidden", "You are not authorized to perform this operation");
        return Results.Json(new
        {
            account = new
            {
                email = "ops@acme.example",
                uuid = "b6fr89dbf6d9156cace5f3c78dc9851d957381ef",
                email_verified = true,
                status = "active",
                team = new { uuid = "5df3e3004a17e242b7c20ca6c9fc25b701a47ece", name = "Acme" },
            },
        });
    });

    private static IResult Error(int status, string id, string message) => Results.Json(new { id, message }, statusCode: status);
}
