using Microsoft.Extensions.Options;
using Portal.Features.Health;
using Portal.Shell;

namespace Portal.Features.Ssh;

public static class SshFeature
{
    public const string Scope = "ssh";

    public static IServiceCollection AddSsh(this IServiceCollection services)
    {
        services.AddOptions<SshOptions>().BindConfiguration(SshOptions.Section).ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<SshOptions>, SshOptions.Validation>()
            .AddSingleton<GrantedSshRoles>()
            .AddSingleton<SshAuthorities>()
            .AddSingleton<RevocationList>()
            .AddSingleton<HostScript>()
            .AddSingleton<CertificateEnding>()
            .AddSingleton<SshCertificates>()
            .AddSingleton<RevokedKeys>()
            .AddSingleton<GitHubKeys>()
            .AddSingleton(SshHandling.Create)
            .AddSingleton<RevocationWorker>()
            .AddHostedService(provider => provider.GetRequiredService<RevocationWorker>())
            .AddApiScope(Scope, "Get and revoke SSH certificates, revoke keys")
            .AddMenuEntry(new MenuEntry("SSH", "/ssh", MudBlazor.Icons.Material.Outlined.Terminal, 20))
            .AddQuickAction(new QuickAction("Get an SSH certificate", "/ssh", MudBlazor.Icons.Material.Outlined.Terminal, 20));
    }

    public static void MapSsh(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapBrowserGroup().MapPost("/ssh/roles/{role}/certificates", SshEndpoints.IssueToBrowser);

        var api = endpoints.MapApi(Scope).WithTags("SSH");
        api.MapGet("/ssh/roles", SshEndpoints.ListRoles).WithName("listSshRoles").WithSummary("The SSH roles you may use, all on one page.");
        api.MapPost("/ssh/roles/{role}/certificates", SshEndpoints.Issue).WithName("issueSshCertificate")
            .WithSummary("Signs a certificate for a public key of yours.")
            .WithMetadata(new CreatesAt())
            .TakesJson().TakesIdempotencyKey()
            .Refuses(StatusCodes.Status403Forbidden, "The token lacks the scope, or each use of the role needs an approval: `scope-missing`, `approval-needed`.")
            .Refuses(StatusCodes.Status404NotFound, "There is no such role, or no team of yours may use it: `not-found`.");
        api.MapGet("/ssh/revoked-keys", SshEndpoints.ListRevokedKeys).WithName("listRevokedSshKeys")
            .WithSummary("The keys that you revoked, latest first; for portal admins all.")
            .TakesPageWish();
        api.MapPost("/ssh/revoked-keys", SshEndpoints.RevokeKey).WithName("revokeSshKey")
            .WithSummary("Has all hosts refuse a key that you had a certificate for, whatever certificate it has; 200 when it was revoked before.")
            .TakesJson()
            .Refuses(StatusCodes.Status404NotFound, "You never had a certificate for this key: `not-found`.");
        api.MapDelete("/ssh/revoked-keys/{id:guid}", SshEndpoints.LiftKey).WithName("liftSshKey")
            .WithSummary("Lets a key be used again, by portal admins. Certificates that were revoked with it stay revoked.")
            .Refuses(StatusCodes.Status404NotFound, "There is no such revoked key, or you are no portal admin: `not-found`.");

        var hosts = endpoints.MapPublicApi(ApiRoutes.HostsLimit).WithMetadata(new BeforeStart());
        hosts.MapGet("/ssh/ca", SshEndpoints.Authority);
        hosts.MapGet("/ssh/krl", SshEndpoints.Revocations);
        hosts.MapGet("/ssh/host.sh", SshEndpoints.SetUpHost);
    }
}
