using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Portal.Shell;
using Portal.Vault;

namespace Portal.Outbound;

public static class OutboundRegistration
{
    public static IServiceCollection AddOutbound(this IServiceCollection services)
    {
        services.AddOptions<OutboundOptions>().BindConfiguration(OutboundOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<OutboundOptions>, OutboundOptions.Validator>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<OutboundResolver>(Dns.GetHostAddressesAsync);
        services.AddSingleton(provider => new OwnServices(Own(provider), provider.GetRequiredService<OutboundResolver>(), OwnServices.MachineAddresses));
        services.AddSingleton<OutboundGate>();
        services.AddSingleton<OutboundClients>();
        return services;
    }

    private static Uri[] Own(IServiceProvider provider) =>
    [
        .. new[] { provider.GetRequiredService<IOptions<PortalOptions>>().Value.PublicUrl, provider.GetRequiredService<IOptions<VaultOptions>>().Value.Address }
            .OfType<Uri>(),
    ];
}
