using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.Credentials;

public static class CredentialsFeature
{
    public static IServiceCollection AddCredentials(this IServiceCollection services) => services
        .AddSingleton<CredentialChanges>()
        .AddSingleton<CredentialInventory>()
        .AddMenuEntry(new MenuEntry("Home", "/", MudBlazor.Icons.Material.Outlined.Home, 0));

    public static void MapCredentials(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapBrowserGroup().MapPost("/credentials/{id:guid}/shown", ConfirmShown);

        string[] scopes = [.. endpoints.ServiceProvider.GetServices<CredentialHandling>().Select(handling => handling.Scope)];
        var api = endpoints.MapApi(scopes).WithTags("Credentials");
        api.MapGet("/credentials", CredentialEndpoints.List).WithName("listCredentials")
            .WithSummary("What you hold and held, latest first; never a secret.")
            .TakesPageWish();
        api.MapGet("/credentials/{id:guid}", CredentialEndpoints.Get).WithName("getCredential")
            .WithSummary("One credential of yours; never its secret.")
            .Refuses(StatusCodes.Status404NotFound, "You hold no such credential: `not-found`.");
        api.MapPost("/credentials/{id:guid}/renew", CredentialEndpoints.Renew).WithName("renewCredential")
            .WithSummary("Lengthens its life, from now, within its grant.")
            .TakesJson()
            .Refuses(StatusCodes.Status404NotFound, "You hold no such live credential: `not-found`.");
        api.MapDelete("/credentials/{id:guid}", CredentialEndpoints.Revoke).WithName("revokeCredential")
            .WithSummary("Ends it now: 204 when it is gone, 202 when it is not yet, which the portal goes on with.")
            .Refuses(StatusCodes.Status404NotFound, "It has ended, or is not yours to end: `not-found`.");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ConfirmShown(
        Guid id, ClaimsPrincipal user, CredentialInventory inventory, CancellationToken cancellationToken) =>
        await inventory.ConfirmShownAsync(Actor.Of(user), id, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NotFound("You hold no such credential.");
}
