using System.Globalization;
using System.Net;

namespace Portal.Outbound;

/// <summary>A network that the portal may call although it would not by itself: <c>10.20.0.0/16</c>, <c>127.0.0.1/32:8443</c>, <c>fd00::/8:443</c>.</summary>
/// <param name="Port">Null: any.</param>
public sealed record AllowedNetwork(IPNetwork Network, int? Port)
{
    public bool Holds(IPAddress address, int port) => IsWithin(Network, address) && (Port is null || Port == port);

    // IPNetwork's own Contains takes an IPv4 address in an IPv6 one for the IPv4 address.
    internal static bool IsWithin(IPNetwork network, IPAddress address)
    {
        if (network.BaseAddress.AddressFamily != address.AddressFamily)
            return false;
        var (prefix, bytes) = (network.BaseAddress.GetAddressBytes(), address.GetAddressBytes());
        var (whole, rest) = Math.DivRem(network.PrefixLength, 8);
        return bytes.AsSpan(0, whole).SequenceEqual(prefix.AsSpan(0, whole)) && (rest == 0 || (bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0);
    }

    /// <summary>Null when it is none.</summary>
    public static AllowedNetwork? Parse(string? text)
    {
        if (text is null || text.IndexOf('/', StringComparison.Ordinal) is var slash && slash < 0)
            return null;
        var colon = text.IndexOf(':', slash);
        // One whose address has bits beyond its prefix is as likely a slip in the one as in the other.
        if (!IPNetwork.TryParse(colon < 0 ? text : text[..colon], out var network)
            || !IPAddress.TryParse(text[..slash], out var address) || !address.Equals(network.BaseAddress))
            return null;
        if (colon < 0)
            return new AllowedNetwork(network, null);
        return int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? new AllowedNetwork(network, port)
            : null;
    }
}
