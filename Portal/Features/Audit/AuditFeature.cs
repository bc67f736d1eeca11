using Portal.Shell;

namespace Portal.Features.Audit;

public static class AuditFeature
{
    public static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSingleton<AuditKey>()
        .AddSingleton<AuditTrail>()
        .AddSingleton<AuditLog>()
        .AddStartupStep("audit key", (provider, cancellationToken) => provider.GetRequiredService<AuditKey>().GetAsync(cancellationToken))
        .AddMenuEntry(new MenuEntry("Audit", "/audit", MudBlazor.Icons.Material.Outlined.History, 100));
}
