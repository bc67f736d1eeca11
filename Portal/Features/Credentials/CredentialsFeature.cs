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

    public static void MapCredentials(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapBrowserGroup().MapPost("/credentials/{id:guid}/shown", ConfirmShown);

    private static async Task<Results<NoContent, ProblemHttpResult>> ConfirmShown(
        Guid id, ClaimsPrincipal user, CredentialInventory inventory, CancellationToken cancellationToken) =>
        await inventory.ConfirmShownAsync(Actor.Of(user), id, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NotFound("You hold no such credential.");
}
