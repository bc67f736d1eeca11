using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portal.Features.CloudCredentials.Types;

/// <summary>Makes an authority, and certificates of server, client and peers that it signs: ECDSA on P-256, of one validity.</summary>
internal static class TlsMaker
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // Clocks differ.
    private static readonly TimeSpan s_early = TimeSpan.FromMinutes(5);

    public static void Make(IDictionary<string, string> values, IReadOnlyList<string> hosts, DateTimeOffset now, TimeSpan validity)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Named($"Authority {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var authority = request.CreateSelfSigned(now - s_early, now + validity);
        Put(values, "ca", authority, key);

        Issue(values, "server", authority, hosts, [ServerAuthentication]);
        Issue(values, "client", authority, [], [ClientAuthentication]);
        Issue(values, "peer", authority, hosts, [ServerAuthentication, ClientAuthentication]);
    }

    private static void Issue(IDictionary<string, string> values, string name, X509Certificate2 authority, IReadOnlyList<string> hosts, string[] usages)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Named(name), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. usages.Select(usage => new Oid(usage))], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (hosts.Count > 0)
            request.CertificateExtensions.Add(Names(hosts));
        // A serial number is positive: its first bit is zero.
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        using var certificate = request.Create(authority, authority.NotBefore, authority.NotAfter, serial);
        Put(values, name, certificate, key);
    }

    private static X509Extension Names(IReadOnlyList<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (TlsHosts.Address(host) is { } address)
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        return names.Build();
    }

    private static X500DistinguishedName Named(string name)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(name);
        return builder.Build();
    }

    private static void Put(IDictionary<string, string> values, string name, X509Certificate2 certificate, ECDsa key)
    {
        values[$"{name}Cert"] = certificate.ExportCertificatePem() + "\n";
        values[$"{name}Key"] = key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
