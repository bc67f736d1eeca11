using System.Net;
using System.Net.Sockets;

namespace Portal.Outbound;

/// <summary>Networks that are not the public internet, or that lead out of it by another way.</summary>
public static class ReservedNetworks
{
    private const string Private = "a private address";
    private const string Documentation = "an address for documentation";
    private const string Embedded = "an IPv4 address within an IPv6 one";
    private const string Reserved = "a reserved address";

    // From IANA's registries of special-purpose addresses, and the one host service of a cloud, Azure's, that is at a public address. The first that holds an address names it.
    private static readonly (IPNetwork Network, string Words)[] s_networks =
    [
        .. Of("an address of no host in particular", "0.0.0.0/8", "::/128"),
        .. Of("a loopback address", "127.0.0.0/8", "::1/128"),
        .. Of(Private, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"),
        .. Of("a shared address of a provider's network", "100.64.0.0/10"),
        .. Of("a cloud's service for its machines", "168.63.129.16/32"),
        .. Of("a link-local address", "169.254.0.0/16", "fe80::/10"),
        .. Of(Documentation, "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
        .. Of("an address for benchmarks", "198.18.0.0/15", "2001:2::/48"),
        .. Of("a multicast address", "224.0.0.0/4", "ff00::/8"),
        .. Of("the broadcast address", "255.255.255.255/32"),
        .. Of(Embedded, "::ffff:0:0/96", "::ffff:0:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "192.88.99.0/24"),
        .. Of(Reserved, "192.0.0.0/24", "240.0.0.0/4", "2001::/23", "100::/64", "5f00::/16"),
    ];

    // All that is given out of IPv6; the rest waits.
    private static readonly IPNetwork s_global = IPNetwork.Parse("2000::/3");

    /// <summary>What kind of address it is, such as <c>a private address</c>; null when it is one of the public internet.</summary>
    public static string? Name(IPAddress address)
    {
        foreach (var (network, words) in s_networks)
        {
            if (AllowedNetwork.IsWithin(network, address))
                return words;
        }

        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => null,
            AddressFamily.InterNetworkV6 when AllowedNetwork.IsWithin(s_global, address) => null,
            _ => Reserved,
        };
    }

    /// <summary>The IPv4 address within an IPv6 one, by any way of putting it there but Teredo's; null when there is none.</summary>
    public static IPAddress? Unwrap(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return null;
        var bytes = address.GetAddressBytes();
        if (bytes[0] == 0x20 && bytes[1] == 0x02)
            return new IPAddress(bytes.AsSpan(2, 4));
        return bytes.AsSpan(0, 8).IndexOfAnyExcept((byte)0) < 0 || (bytes[0] == 0 && bytes[1] == 0x64 && bytes[2] == 0xff && bytes[3] == 0x9b)
            ? new IPAddress(bytes.AsSpan(12, 4))
            : null;
    }

    private static IEnumerable<(IPNetwork, string)> Of(string words, params string[] networks) =>
        networks.Select(network => (IPNetwork.Parse(network), words));
}
