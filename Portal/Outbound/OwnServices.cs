using System.Collections.Concurrent;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Portal.Outbound;

/// <summary>Where the portal itself, what it relies on, and this machine are: addresses that nobody calls through the portal.</summary>
/// <param name="services">By host and port.</param>
/// <param name="machine">This machine's addresses at the moment.</param>
public sealed class OwnServices(IReadOnlyList<Uri> services, NameLookups lookups, Func<IReadOnlyCollection<IPAddress>> machine)
{
    // What a name led to last stays its address while nobody can tell.
    private readonly ConcurrentDictionary<string, IPAddress[]> _known = new(StringComparer.OrdinalIgnoreCase);

    public static IReadOnlyCollection<IPAddress> MachineAddresses() =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(entry => entry.Address)];

    /// <summary>In whatever way the address is written.</summary>
    public bool IsThisMachine(IPAddress address) => Forms(address) is var forms && (forms.Any(IsHost) || machine().Any(own => forms.Any(form => IsSame(own, form))));

    /// <summary>Whether one of the services is there, in whatever way the address is written.</summary>
    /// <exception cref="OutboundException">Nobody can tell, since a service's name was never looked up in time.</exception>
    public async Task<bool> ContainsAsync(string host, IPAddress address, int port, CancellationToken cancellationToken)
    {
        var forms = Forms(address);
        var isThisMachine = IsThisMachine(address);
        foreach (var service in services.Where(service => service.Port == port))
        {
            if (string.Equals(service.IdnHost.TrimEnd('.'), host.TrimEnd('.'), StringComparison.OrdinalIgnoreCase))
                return true;
            var addresses = await AddressesAsync(service.IdnHost, cancellationToken);
            // A service of this machine listens, for all one knows, at every address of it.
            if (addresses.Any(own => forms.Contains(own) || (isThisMachine && IsThisMachine(own))))
                return true;
        }

        return false;
    }

    private static IPAddress[] Forms(IPAddress address) => ReservedNetworks.Unwrap(address) is { } within ? [address, within] : [address];

    // What listens on all addresses answers at those of no host as well.
    private static bool IsHost(IPAddress address) => IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    // A link-local address is the same whichever card it is written for.
    private static bool IsSame(IPAddress own, IPAddress address) => own.GetAddressBytes().AsSpan().SequenceEqual(address.GetAddressBytes());

    private async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await lookups.FindAsync(host, cancellationToken);
            IPAddress[] all = [.. addresses, .. addresses.Select(ReservedNetworks.Unwrap).OfType<IPAddress>()];
            _known[host] = all;
            return all;
        }
        catch (SocketException)
        {
            return _known.GetValueOrDefault(host, []);
        }
        catch (OutboundException) when (_known.TryGetValue(host, out var known))
        {
            return known;
        }
    }
}
