using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.Teams;
using Portal.Shell;
using Portal.Vault;

namespace Portal.Features.Health;

public static class HealthFeature
{
    public static IServiceCollection AddHealth(this IServiceCollection services) => services
        .AddSingleton(Checklist)
        .AddMenuEntry(new MenuEntry("Health", "/health", MudBlazor.Icons.Material.Outlined.MonitorHeart, 110, typeof(HealthDot)))
        .AddTopBar<HealthBar>()
        .AddHostedService<HealthRounds>()
        .AddSingleton<StartupGate>()
        .AddHostedService(provider => provider.GetRequiredService<StartupGate>());

    /// <summary>Behind the error pages and before sign-in.</summary>
    public static void UseStartupGate(this IApplicationBuilder app) => app.UseMiddleware<StartupGateMiddleware>();

    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/livez", HealthEndpoints.Live).AllowAnonymous().WithMetadata(new BeforeStart());
        endpoints.MapGet("/readyz", HealthEndpoints.Ready).AllowAnonymous().WithMetadata(new BeforeStart());
    }

    private static HealthChecklist Checklist(IServiceProvider provider)
    {
        var vault = new VaultChecks(
            provider.GetRequiredService<SystemBackend>(), provider.GetRequiredService<VaultNames>(), provider.GetRequiredService<VaultPolicies>());
        var portal = new PortalChecks(
            provider.GetRequiredService<IDbContextFactory<PortalDb>>(),
            provider.GetRequiredService<IConfiguration>(),
            provider.GetRequiredService<IOptions<PortalOptions>>());
        return new HealthChecklist(
            async cancellationToken => [.. await vault.RunAsync(cancellationToken), .. await portal.RunAsync(cancellationToken)],
            provider.GetRequiredService<MembershipCheck>(),
            provider.GetRequiredService<IOptions<PortalOptions>>(),
            provider.GetRequiredService<TimeProvider>());
    }
}
