using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.AccessTokens;

public static class AccessTokensFeature
{
    public const string Scope = "tokens";

    public static IServiceCollection AddAccessTokens(this IServiceCollection services)
    {
        services.AddOptions<AccessTokensOptions>().BindConfiguration(AccessTokensOptions.Section).ValidateOnStart();
        // Not by AddAuthentication, which would load the key ring before the portal listens.
        new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, AccessTokenHandler>(ApiRoutes.Scheme, null);
        services.AddRateLimits(
            provider => provider.GetRequiredService<IOptions<AccessTokensOptions>>().Value.CallsPerMinute,
            context => context.User.FindFirstValue(Actor.TokenClaim) ?? "");
        return services
            .AddSingleton<IValidateOptions<AccessTokensOptions>, AccessTokensOptions.Validation>()
            .AddSingleton<SigningKeys>()
            .AddSingleton<AccessTokenWriter>()
            .AddSingleton<AccessTokenReader>()
            .AddSingleton<Whitelist>()
            .AddSingleton<AccessTokenInventory>()
            .AddSingleton<AccessTokenCheck>()
            .AddSingleton<AccessTokenUse>()
            .AddSingleton<AccessTokenEnding>()
            .AddSingleton<OwnAccessTokens>()
            .AddSingleton<AccessTokenWorker>()
            .AddHostedService(provider => provider.GetRequiredService<AccessTokenWorker>())
            .AddStartupStep("signing keys", (provider, cancellationToken) => provider.GetRequiredService<SigningKeys>().LoadAsync(cancellationToken))
            .AddApiScope(Scope, "List, make and revoke access tokens")
            .AddMenuEntry(new MenuEntry("Tokens", "/tokens", MudBlazor.Icons.Material.Outlined.Key, 40))
            .AddQuickAction(new QuickAction("New token", "/tokens", MudBlazor.Icons.Material.Outlined.Key, 40))
            .AddHomeSection<HomeTokens>();
    }

    /// <summary>After sign-in: a limit counts by the token that was let in.</summary>
    public static void UseAccessTokens(this IApplicationBuilder app) => app.UseRateLimiter();

    public static void MapAccessTokens(this IEndpointRouteBuilder endpoints)
    {
        var browser = endpoints.MapBrowserGroup();
        browser.MapPost("/access-tokens", AccessTokenEndpoints.IssueToBrowser);
        browser.MapPost("/access-tokens/{id:guid}/shown", AccessTokenEndpoints.ConfirmShown);

        var api = endpoints.MapApi(Scope).WithTags("Access tokens");
        api.MapGet("/access-tokens", AccessTokenEndpoints.List).WithName("listAccessTokens")
            .WithSummary("Your live access tokens, latest first.")
            .TakesPageWish();
        api.MapPost("/access-tokens", AccessTokenEndpoints.Issue).WithName("issueAccessToken")
            .WithSummary("Makes an access token with no more scopes and life than the one that asks; its text is in this answer alone.")
            .TakesJson().TakesIdempotencyKey();
        api.MapDelete("/access-tokens/{id:guid}", AccessTokenEndpoints.Revoke).WithName("revokeAccessToken")
            .WithSummary("Revokes one of your access tokens, also the one that asks.")
            .Refuses(StatusCodes.Status404NotFound, "You have no such live token: `not-found`.");

        endpoints.MapApiDocument();
        endpoints.MapGet("/.well-known/jwks.json", AccessTokenEndpoints.Keys).AllowAnonymous().RequireRateLimiting(ApiRoutes.AddressLimit);
    }
}
