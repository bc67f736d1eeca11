using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portal.Features.CloudCredentials.Types;

/// <summary>Judges certificates and keys that were given, each of which can be read by itself: pairs, signatures, times and hosts.</summary>
internal sealed class TlsGivenSet(IDictionary<string, string> values, IDictionary<string, string> errors, DateTimeOffset now)
{
    /// <summary>In one field.</summary>
    public const int MostCertificates = 20;

    public void Judge(IReadOnlyList<string> hosts)
    {
        var authorities = Certificates("caCert");
        Pair("ca", authorities, "The authority", isKeyNeeded: false);
        foreach (var (name, title) in (ReadOnlySpan<(string, string)>)[("server", "The server"), ("client", "The client"), ("peer", "The peers")])
        {
            var certificates = Certificates($"{name}Cert");
            Pair(name, certificates, title, isKeyNeeded: true);
            if (certificates.Count > 0 && Untrusted(certificates, authorities) is { } wrong)
                errors.TryAdd($"{name}Cert", $"{title}'s certificate {wrong}.");
            if (name == "server" && certificates.Count > 0 && !hosts.All(host => IsFor(certificates[0], host)))
                errors.TryAdd("serverCert", "The server's certificate is not for all of the hosts. Give a certificate that names each of them, or leave the others out.");
            Pem.Release(certificates);
        }

        Pem.Release(authorities);
    }

    private void Pair(string name, IReadOnlyList<X509Certificate2> certificates, string title, bool isKeyNeeded)
    {
        values.TryGetValue($"{name}Key", out var text);
        if (text is null && certificates.Count == 0)
            return;
        if (certificates.Count == 0)
        {
            errors[$"{name}Cert"] = $"{title}'s certificate is missing: its key is given. Leave all certificates and keys empty, and they are made.";
        }
        else if (text is null)
        {
            if (isKeyNeeded)
                errors[$"{name}Key"] = $"{title}'s key is missing: its certificate is given. Leave all certificates and keys empty, and they are made.";
        }
        else
        {
            using var key = Pem.Key(text, out _);
            if (!key!.BelongsTo(certificates[0]))
                errors[$"{name}Key"] = $"{title}'s key is not that of its certificate. Give the two that were made together.";
        }
    }

    private string? Untrusted(IReadOnlyList<X509Certificate2> certificates, IReadOnlyList<X509Certificate2> authorities)
    {
        if (now > certificates[0].NotAfter || now < certificates[0].NotBefore)
            return "is not valid today: it has expired or begins later";
        if (authorities.Count == 0)
            return null;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities.ToArray());
        chain.ChainPolicy.ExtraStore.AddRange(certificates.Skip(1).ToArray());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        // Certificates may name addresses where their issuer lies: nobody is called.
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.Build(certificates[0]);
        var faults = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        var isSigned = chain.ChainElements.Any(element => authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(element.Certificate.RawDataMemory.Span)));
        foreach (var element in chain.ChainElements)
            element.Certificate.Dispose();
        if (faults.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return "is signed by an authority that is not valid today: it has expired or begins later";
        const X509ChainStatusFlags Broken = X509ChainStatusFlags.NotSignatureValid | X509ChainStatusFlags.InvalidBasicConstraints;
        return isSigned && (faults & Broken) == 0 ? null : "is not signed by the authority in caCert; give the authority's certificate, and those in between behind the certificate itself";
    }

    private static bool IsFor(X509Certificate2 certificate, string host)
    {
        try
        {
            return host.StartsWith("*.", StringComparison.Ordinal)
                ? certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Any(names => names.EnumerateDnsNames().Contains(host, StringComparer.OrdinalIgnoreCase))
                : certificate.MatchesHostname(host);
        }
        catch (ArgumentException)
        {
            // A name such as _service.example.org, which is not compared.
            return true;
        }
        catch (CryptographicException)
        {
            // Names that cannot be read.
            return false;
        }
    }

    private IReadOnlyList<X509Certificate2> Certificates(string field) =>
        values.TryGetValue(field, out var text) ? Pem.Certificates(text, MostCertificates, out _)! : [];
}
