using System.Net;
using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

/// <summary>Reads the hosts that certificates are for.</summary>
internal static partial class TlsHosts
{
    private const int Most = 50;
    private static readonly char[] s_between = [',', ' ', '\t', '\r', '\n'];

    /// <returns>DNS names, also with a leading <c>*.</c>, and IP addresses; null when something is wrong.</returns>
    public static IReadOnlyList<string>? Read(string text, out string? wrong)
    {
        string[] hosts = [.. text.Split(s_between, StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.OrdinalIgnoreCase)];
        wrong = hosts.Length is 0 or > Most
            ? $"Give 1 to {Most} hosts, separated by commas."
            : hosts.All(host => Address(host) is not null || DnsName().IsMatch(host))
                ? null
                : "Hosts are DNS names, such as example.org or *.example.org, and IP addresses, such as 192.0.2.1, separated by commas; without https://, port and path.";
        return wrong is null ? hosts : null;
    }

    /// <summary>Null for a DNS name.</summary>
    public static IPAddress? Address(string host) =>
        (Dotted().IsMatch(host) || host.Contains(':', StringComparison.Ordinal)) && !host.Contains('%', StringComparison.Ordinal) && !host.Contains('[', StringComparison.Ordinal)
        && IPAddress.TryParse(host, out var address)
            ? address
            : null;

    // The last part of a name is not all digits, as it would be taken for an address.
    [GeneratedRegex(@"^(?=.{1,253}\z)(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*(?![0-9]+\z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DnsName();

    [GeneratedRegex(@"^[0-9]{1,3}(\.[0-9]{1,3}){3}\z")]
    private static partial Regex Dotted();
}
