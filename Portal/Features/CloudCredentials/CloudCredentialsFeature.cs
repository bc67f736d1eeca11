using Microsoft.AspNetCore.Mvc;
using Portal.Features.CloudCredentials.Verifiers;
using Portal.Shell;

namespace Portal.Features.CloudCredentials;

public static class CloudCredentialsFeature
{
    public const string ReadScope = "cloud:read";
    public const string WriteScope = "cloud:write";
    public const string RevealScope = "cloud:reveal";

    // Room for files that are too large to keep, so that the answer can name the field.
    private const int LargestBody = 4 * 1024 * 1024;

    public static IServiceCollection AddCloudCredentials(this IServiceCollection services)
    {
        return services
            .AddCloudVerifiers()
            .AddSingleton<CloudTypes>()
            .AddSingleton<CloudVault>()
            .AddSingleton<CloudAccess>()
            .AddSingleton<CloudIndex>()
            .AddSingleton<CloudCheckTimes>()
            .AddSingleton<CloudCredentialList>()
            .AddSingleton<CloudVerification>()
            .AddSingleton<TeamCloudCredentials>()
            .AddSingleton<CloudReveals>()
            .AddSingleton<CloudLeavers>()
            .AddSingleton<CloudEnding>()
            .AddSingleton<CloudWorker>()
            .AddHostedService(provider => provider.GetRequiredService<CloudWorker>())
            .AddApiScope(ReadScope, "See your teams' cloud credentials, never a sensitive value")
            .AddApiScope(WriteScope, "Register, change, verify and revoke cloud credentials")
            .AddApiScope(RevealScope, "Reveal values of cloud credentials, each on record")
            .AddMenuEntry(new MenuEntry("Cloud", "/cloud-credentials", MudBlazor.Icons.Material.Outlined.Cloud, 30))
            .AddQuickAction(new QuickAction("Register a cloud credential", "/cloud-credentials/new", MudBlazor.Icons.Material.Outlined.Cloud, 30));
    }

    public static void MapCloudCredentials(this IEndpointRouteBuilder endpoints)
    {
        var browser = endpoints.MapBrowserGroup().MapGroup("/teams/{team}/cloud-credentials").WithMetadata(new RequestSizeLimitAttribute(LargestBody));
        browser.MapPost("", CloudBrowserEndpoints.Register);
        browser.MapPost("/{name}/change", CloudBrowserEndpoints.Change);
        browser.MapPost("/{name}/reveal", CloudBrowserEndpoints.Reveal);

        var types = endpoints.MapApi(ReadScope, WriteScope, RevealScope).WithTags("Cloud credentials");
        types.MapGet("/credential-types", CloudEndpoints.ListTypes).WithName("listCredentialTypes").WithSummary("The types of cloud credentials, all on one page.");
        types.MapGet("/credential-types/{type}", CloudEndpoints.FindType).WithName("getCredentialType").WithSummary("One type of cloud credentials, with its fields.")
            .Refuses(StatusCodes.Status404NotFound, "There is no such type: `not-found`.");
        MapReads(endpoints.MapApi(ReadScope).WithTags("Cloud credentials").MapGroup("/teams/{team}"));
        MapWrites(endpoints.MapApi(WriteScope).WithTags("Cloud credentials").MapGroup("/teams/{team}/cloud-credentials").WithMetadata(new RequestSizeLimitAttribute(LargestBody)));
        endpoints.MapApi(RevealScope).WithTags("Cloud credentials").MapPost("/teams/{team}/cloud-credentials/{name}/reveal", CloudEndpoints.Reveal)
            .WithName("revealCloudCredential").WithSummary("Shows one value in clear. The audit trail says who saw it.")
            .TakesJson().IsAboutOne().NeedsOwner();
    }

    private static void MapReads(RouteGroupBuilder api)
    {
        api.MapGet("/cloud-credentials", CloudEndpoints.List).WithName("listCloudCredentials")
            .WithSummary("A team's cloud credentials, latest registered first. Sensitive values are masked.")
            .TakesPageWish().Refuses(StatusCodes.Status404NotFound, "There is no such team, or you are not in it: `not-found`.");
        api.MapGet("/cloud-credentials/{name}", CloudEndpoints.Find).WithName("getCloudCredential")
            .WithSummary("One cloud credential. Sensitive values are masked; the ETag goes into If-Match.").WithMetadata(new HasETag()).IsAboutOne();
        api.MapGet("/cloud-credentials/{name}/versions", CloudEndpoints.ListVersions).WithName("listCloudCredentialVersions")
            .WithSummary("Who wrote which version when, latest first, all on one page.").IsAboutOne();
        api.MapGet("/known-to-leavers", CloudEndpoints.ListLeavers).WithName("listKnownToLeavers")
            .WithSummary("Values in use that are known to people who are in the team no more, for the team's admins.")
            .Refuses(StatusCodes.Status404NotFound, "There is no such team, or you are no admin of it: `not-found`.");
    }

    private static void MapWrites(RouteGroupBuilder api)
    {
        api.MapPost("", CloudEndpoints.Register).WithName("registerCloudCredential")
            .WithSummary("Verifies a cloud credential and keeps it in Vault.")
            .WithMetadata(new CreatesAt(), new HasETag()).TakesJson().Verifies()
            .Refuses(StatusCodes.Status404NotFound, "There is no such team, or you are not in it: `not-found`.")
            .Refuses(StatusCodes.Status409Conflict, "The team has one of that name: `name-taken`. Nothing was stored.");
        api.MapPut("/{name}", CloudEndpoints.Change).WithName("changeCloudCredential")
            .WithSummary("Verifies new values and makes a new version of them; earlier versions stay.")
            .WithMetadata(new HasETag(), new TakesIfMatch()).TakesJson().Verifies().IsAboutOne().NeedsOwner().BuildsOnVersion();
        api.MapDelete("/{name}", CloudEndpoints.Revoke).WithName("revokeCloudCredential")
            .WithSummary("Deletes all versions; 202 when Vault does not do it at once. Disable the key at its cloud too.").IsAboutOne().NeedsOwner();
        api.MapPost("/{name}/versions/{version:int}/restore", CloudEndpoints.Restore).WithName("restoreCloudCredential")
            .WithSummary("Makes an earlier version's values those of a new version.")
            .WithMetadata(new HasETag(), new TakesIfMatch()).Verifies().IsAboutOne().NeedsOwner().BuildsOnVersion();
        api.MapDelete("/{name}/versions/{version:int}", CloudEndpoints.DestroyVersion).WithName("destroyCloudCredentialVersion")
            .WithSummary("Removes what an earlier version holds, for good.").IsAboutOne().NeedsOwner()
            .Refuses(StatusCodes.Status422UnprocessableEntity, "It is the version in use: `invalid`.");
        api.MapPost("/{name}/verify", CloudEndpoints.Verify).WithName("verifyCloudCredential")
            .WithSummary("Asks the cloud now; the answer says what it found.").WithMetadata(new HasETag()).IsAboutOne()
            .Refuses(StatusCodes.Status422UnprocessableEntity, "No cloud can be asked about this type: `invalid`.");
    }

    private static RouteHandlerBuilder IsAboutOne(this RouteHandlerBuilder endpoint) =>
        endpoint.Refuses(StatusCodes.Status404NotFound, "There is no such cloud credential, or no team of yours has it: `not-found`.");

    private static RouteHandlerBuilder NeedsOwner(this RouteHandlerBuilder endpoint) => endpoint.Refuses(
        StatusCodes.Status403Forbidden, "The token lacks the scope, or you neither registered it nor are an admin of its team: `scope-missing`, `not-allowed`.");

    private static RouteHandlerBuilder Verifies(this RouteHandlerBuilder endpoint) => endpoint
        .Refuses(StatusCodes.Status422UnprocessableEntity, "A field breaks a rule, or the cloud refuses the credential: `invalid`, `verification-failed`. Nothing was stored.")
        .Refuses(
            StatusCodes.Status502BadGateway,
            "The cloud could not be asked, or Vault refused the portal or gave an answer that makes no sense: `cloud-unreachable`, `vault-denied`, `vault-unexpected`. Nothing was stored.");

    private static RouteHandlerBuilder BuildsOnVersion(this RouteHandlerBuilder endpoint) => endpoint
        .Refuses(StatusCodes.Status409Conflict, "Somebody else saved another version meanwhile, which stands: `changed-meanwhile`. Nothing of yours was stored.")
        .Refuses(StatusCodes.Status428PreconditionRequired, "The call does not say which version it builds on: `if-match-missing`.");
}
