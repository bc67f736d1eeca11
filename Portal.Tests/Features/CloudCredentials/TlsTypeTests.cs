using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using Portal.Features.CloudCredentials.Types;

namespace Portal.Tests.Features.CloudCredentials;

public class TlsTypeTests
{
    private static readonly DateTimeOffset s_now = new(2030, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] s_names = ["server", "client", "peer"];
    private readonly FakeTimeProvider _time = new(s_now);
    private readonly TlsType _type;

    public TlsTypeTests() => _type = new TlsType(_time);

    [Fact]
    public void A_set_is_made_that_its_authority_vouches_for()
    {
        var values = Made("example.org, *.apps.example.org, 192.0.2.1, 2001:db8::1");
        using var authority = X509Certificate2.CreateFromPem(values["caCert"], values["caKey"]);

        foreach (var name in s_names)
        {
            using var certificate = X509Certificate2.CreateFromPem(values[$"{name}Cert"], values[$"{name}Key"]);
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(authority);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.VerificationTime = s_now.UtcDateTime;
            if (name != "client")
                chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
            if (name != "server")
                chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));
            chain.Build(certificate).ShouldBeTrue(string.Join(", ", chain.ChainStatus.Select(status => status.StatusInformation)));
            certificate.NotAfter.ToUniversalTime().ShouldBe(s_now.AddDays(365).UtcDateTime);
            foreach (var host in new[] { "example.org", "a.apps.example.org", "192.0.2.1", "2001:db8::1" })
                certificate.MatchesHostname(host).ShouldBe(name != "client", $"{name} for {host}");
            certificate.MatchesHostname("other.example.org").ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData("1h", 1)]
    [InlineData("8760h", 8760)]
    [InlineData("30d", 720)]
    [InlineData("3653d", 87672)]
    public void A_set_is_valid_as_long_as_wished(string validity, int hours)
    {
        using var certificate = X509Certificate2.CreateFromPem(Made("example.org", validity)["serverCert"]);

        certificate.NotAfter.ToUniversalTime().ShouldBe(s_now.AddHours(hours).UtcDateTime);
    }

    [Theory]
    [InlineData("0h")]
    [InlineData("3654d")]
    [InlineData("999999d")]
    [InlineData("1y")]
    [InlineData("-1h")]
    [InlineData("9999999999h")]
    public void Another_validity_is_refused(string validity) => _type.Refuse(Given("example.org", validity))["validity"].ShouldContain("8760h or 365d");

    [Theory]
    [InlineData("https://example.org")]
    [InlineData("example.org:443")]
    [InlineData("*")]
    [InlineData("a.*.org")]
    [InlineData("256.0.0.1")]
    [InlineData("1.2.3")]
    [InlineData("fe80::1%eth0")]
    [InlineData("-a.org")]
    [InlineData("a..org")]
    [InlineData("example.org; DROP")]
    public void What_is_no_host_is_refused(string hosts) => _type.Refuse(Given(hosts))["hosts"].ShouldContain("DNS names");

    [Fact]
    public void There_are_one_to_fifty_hosts()
    {
        _type.Refuse(Given(","))["hosts"].ShouldContain("1 to 50 hosts");
        _type.Refuse(Given(string.Join(',', Enumerable.Range(1, 51).Select(number => $"h{number}"))))["hosts"].ShouldContain("1 to 50 hosts");
    }

    [Fact]
    public void A_given_set_is_kept_in_whole_or_in_parts()
    {
        var made = Made("example.org");

        _type.Accept(made).ShouldBe(made, ignoreOrder: true);
        foreach (var parts in new[] { "caCert", "caCert caKey", "serverCert serverKey", "clientCert clientKey caCert" })
        {
            var given = made.Where(value => value.Key == "hosts" || parts.Split(' ').Contains(value.Key)).ToDictionary();
            _type.Accept(given).ShouldBe(given, ignoreOrder: true);
        }
    }

    [Fact]
    public void A_set_that_does_not_fit_together_is_refused_by_field()
    {
        var (one, other) = (Made("example.org"), Made("example.org"));
        foreach (var name in s_names)
        {
            Changed(one, ($"{name}Key", other[$"{name}Key"]))[$"{name}Key"].ShouldContain("not that of its certificate");
            Changed(one, ($"{name}Key", other[$"{name}Key"]), ($"{name}Cert", other[$"{name}Cert"]))[$"{name}Cert"].ShouldContain("not signed by the authority");
            Changed(one, ($"{name}Key", ""))[$"{name}Key"].ShouldContain("missing");
            Changed(one, ($"{name}Cert", ""))[$"{name}Cert"].ShouldContain("missing");
            Changed(one, ($"{name}Cert", one[$"{name}Key"]))[$"{name}Cert"].ShouldContain("something else than certificates");
        }

        Changed(one, ("caKey", other["caKey"]))["caKey"].ShouldContain("not that of its certificate");
        Changed(one, ("caCert", ""))["caCert"].ShouldContain("missing");
        Changed(one, ("hosts", "other.example.org"))["serverCert"].ShouldContain("not for all of the hosts");
    }

    [Fact]
    public void A_signature_that_was_forged_is_refused()
    {
        var made = Made("example.org");
        using var authority = X509Certificate2.CreateFromPem(made["caCert"]);
        using var impostor = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=forged", key, HashAlgorithmName.SHA256);
        using var forged = request.Create(authority.SubjectName, X509SignatureGenerator.CreateForECDsa(impostor), s_now.AddDays(-1), s_now.AddDays(1), [1]);

        Changed(made, ("clientCert", forged.ExportCertificatePem()), ("clientKey", key.ExportPkcs8PrivateKeyPem()))["clientCert"].ShouldContain("not signed by the authority");
    }

    [Fact]
    public void A_set_that_has_expired_is_refused()
    {
        var made = Made("example.org", "1h");
        _time.Advance(TimeSpan.FromMinutes(59));
        _type.Accept(made);
        _time.Advance(TimeSpan.FromMinutes(2));

        _type.Refuse(made)["serverCert"].ShouldContain("expired");
    }

    private Dictionary<string, string> Changed(IReadOnlyDictionary<string, string> made, params (string Field, string Value)[] changes)
    {
        var given = made.ToDictionary();
        foreach (var (field, value) in changes)
            given[field] = value;
        return _type.Refuse(given);
    }

    private IReadOnlyDictionary<string, string> Made(string hosts, string validity = "") => _type.Accept(Given(hosts, validity));

    private static Dictionary<string, string> Given(string hosts, string validity = "") => new() { ["hosts"] = hosts, ["validity"] = validity };
}
