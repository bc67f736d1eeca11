using Microsoft.Extensions.Options;
using Portal.Shell;

namespace Portal.Features.Databases;

public static class DatabasesFeature
{
    public const string Scope = "databases";

    public static IServiceCollection AddDatabases(this IServiceCollection services)
    {
        services.AddOptions<DatabasesOptions>().BindConfiguration(DatabasesOptions.Section).ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<DatabasesOptions>, DatabasesOptions.Validation>()
            .AddSingleton<GrantedRoles>()
            .AddSingleton<DatabaseCredentials>()
            .AddSingleton<CredentialEnding>()
            .AddSingleton(DatabaseHandling.Create)
            .AddHostedService<EndingWorker>()
            .AddApiScope(Scope, "Get, extend and end database credentials")
            .AddMenuEntry(new MenuEntry("Databases", "/databases", MudBlazor.Icons.Material.Outlined.Storage, 10))
            .AddQuickAction(new QuickAction("Get database credentials", "/databases", MudBlazor.Icons.Material.Outlined.Storage, 10));
    }

    public static void MapDatabases(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapBrowserGroup().MapPost("/databases/{role}/credentials", DatabaseEndpoints.IssueToBrowser);

        var api = endpoints.MapApi(Scope).WithTags("Databases");
        api.MapGet("/databases", DatabaseEndpoints.List).WithName("listDatabases").WithSummary("The database roles you may use, all on one page.");
        api.MapPost("/databases/{role}/credentials", DatabaseEndpoints.Issue).WithName("issueDatabaseCredential")
            .WithSummary("Makes database credentials; the password is in this answer alone.")
            .WithMetadata(new CreatesAt())
            .TakesJson().TakesIdempotencyKey()
            .Refuses(StatusCodes.Status403Forbidden, "The token lacks the scope, or each use of the role needs an approval: `scope-missing`, `approval-needed`.")
            .Refuses(StatusCodes.Status404NotFound, "There is no such role, or no team of yours may use it: `not-found`.");
    }
}
