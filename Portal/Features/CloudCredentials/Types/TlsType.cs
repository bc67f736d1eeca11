using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials.Types;

public sealed partial class TlsType(TimeProvider time) : CloudType
{
    private const string Hosts = "hosts";
    private const string Validity = "validity";
    private static readonly TimeSpan s_usual = TimeSpan.FromDays(365);
    private static readonly TimeSpan s_shortest = TimeSpan.FromHours(1);

    // With the days of leap years.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(3653);

    public TlsType()
        : this(TimeProvider.System)
    {
    }

    public override string Name => "tls";

    public override string Title => "TLS certificates";

    public override string Help =>
        "Give the hosts alone, and an authority of their own with certificates for server, client and peers is made; or give your own certificates and keys. For hosts that browsers visit, take certificates from a public authority (ACME).";

    public override string AfterRevoke =>
        "The certificates are still trusted wherever the authority's certificate (caCert) is: remove it there, or replace certificates and keys by new ones and start the programs again.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new(Hosts, "Hosts", "DNS names and IP addresses of the server, separated by commas.")
        {
            IsRequired = true, Example = "example.org, *.example.org, 192.0.2.1", Check = text => TlsHosts.Read(text, out var wrong) is null ? wrong : null,
        },
        new(Validity, "Validity", "How long the certificates that are made are valid, in hours or days; left empty, 365d.")
        {
            Longest = 20, Example = "8760h", Check = text => Duration(text) is null ? "The validity is a number of hours or days, such as 8760h or 365d, from 1h to 10 years (3653d)." : null,
        },
        Certificate("caCert", "Authority's certificate"),
        Key("caKey", "Authority's key"),
        Key("serverKey", "Server's key"),
        Certificate("serverCert", "Server's certificate"),
        Key("clientKey", "Client's key"),
        Certificate("clientCert", "Client's certificate"),
        Key("peerKey", "Peers' key"),
        Certificate("peerCert", "Peers' certificate"),
    ];

    protected override void Complete(IDictionary<string, string> values, IDictionary<string, string> errors)
    {
        var hosts = TlsHosts.Read(values[Hosts], out _)!;
        if (Fields.Any(field => field.IsDerived && values.ContainsKey(field.Name)))
            new TlsGivenSet(values, errors, time.GetUtcNow()).Judge(hosts);
        else
            TlsMaker.Make(values, hosts, time.GetUtcNow(), values.TryGetValue(Validity, out var text) ? Duration(text)!.Value : s_usual);
    }

    private static TimeSpan? Duration(string text)
    {
        if (Length().Match(text) is not { Success: true } match)
            return null;
        var number = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        var duration = match.Groups[2].Value == "h" ? TimeSpan.FromHours(number) : TimeSpan.FromDays(number);
        return duration >= s_shortest && duration <= s_longest ? duration : null;
    }

    private static CloudField Certificate(string name, string title) => new(name, title, "In PEM, its own certificate first. Made when no certificate and no key is given.")
    {
        IsSensitive = true, IsLong = true, IsDerived = true, Longest = Pem.Longest, Check = text =>
        {
            Pem.Release(Pem.Certificates(text, TlsGivenSet.MostCertificates, out var wrong));
            return wrong is null ? null : $"{title} {wrong}.";
        },
    };

    private static CloudField Key(string name, string title) => new(name, title, "In PEM, RSA or ECDSA, without a passphrase. Made when no certificate and no key is given.")
    {
        IsSensitive = true, IsLong = true, IsDerived = true, Longest = Pem.Longest, Check = text =>
        {
            using var key = Pem.Key(text, out var wrong);
            return wrong is null ? null : $"{title} {wrong}.";
        },
    };

    [GeneratedRegex(@"^([0-9]{1,6})([hd])\z")]
    private static partial Regex Length();
}
