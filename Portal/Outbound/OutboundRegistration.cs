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
        services.TryAddSingleton<OutboundResolver>(Dns.GetHostAddresses);
        services.AddSingleton(Gate);
        services.AddSingleton<OutboundClients>();
        return services;
    }

    private static OutboundGate Gate(IServiceProvider provider)
    {
        NameLookups Lookups() => new(provider.GetRequiredService<OutboundResolver>(), provider.GetRequiredService<TimeProvider>());
        // Names of users that take long keep no thread from the others.
        return new OutboundGate(
            provider.GetRequiredService<IOptions<OutboundOptions>>(), Lookups(), Lookups(), new OwnServices(Own(provider), Lookups(), OwnServices.MachineAddresses));
    }

    private static Uri[] Own(IServiceProvider provider) =>
    [
        .. new[] { provider.GetRequiredService<IOptions<PortalOptions>>().Value.PublicUrl, provider.GetRequiredService<IOptions<VaultOptions>>().Value.Address }
            .OfType<Uri>(),
    ];
}
