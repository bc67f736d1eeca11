using MudBlazor;
using Portal.Shell;

namespace Portal.Features.Health;

public static class HealthPages
{
    public static IServiceCollection AddHealthPages(this IServiceCollection services) => services
        .AddMenuEntry(new MenuEntry("Health", "/health", Icons.Material.Outlined.MonitorHeart, 110, typeof(HealthDot)))
        .AddTopBar<HealthBar>();
}
