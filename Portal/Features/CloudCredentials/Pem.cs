using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portal.Features.CloudCredentials;

/// <summary>
/// Reads keys and certificates in PEM. What is wrong follows its subject in a sentence, such as "is encrypted; give it without a
/// passphrase", and repeats nothing of the text.
/// </summary>
internal static class Pem
{
    /// <summary>In bytes of UTF-8.</summary>
    public const int Longest = 32 * 1024;

    public const int LongestRsa = 8192;

    public const string EncryptedKey = "is encrypted; give it without a passphrase";

    private const int ShortestRsa = 2048;

    // Larger numbers than those of RSA with 8,192 bits cost seconds to take in.
    private const int LongestKey = 8 * 1024;

    private static readonly string[] s_curves =
        [ECCurve.NamedCurves.nistP256.Oid.Value!, ECCurve.NamedCurves.nistP384.Oid.Value!, ECCurve.NamedCurves.nistP521.Oid.Value!];

    /// <summary>One private key in PKCS#8, PKCS#1 or SEC 1.</summary>
    /// <returns><see cref="RSA"/> of 2,048 to 8,192 bits, or <see cref="ECDsa"/> on a curve of NIST; null when something is wrong.</returns>
    public static AsymmetricAlgorithm? Key(string text, out string? wrong)
    {
        // Encrypted PKCS#1 has headers, which are no PEM of RFC 7468.
        if (text.Contains("ENCRYPTED", StringComparison.Ordinal))
            return Nothing(EncryptedKey, out wrong);
        if (Blocks(text) is not { } blocks)
            return Nothing("is damaged: between BEGIN and END is no whole base64; copy the whole file again", out wrong);
        string[] keys = [.. blocks.Where(block => block.Label.EndsWith("PRIVATE KEY", StringComparison.Ordinal)).Select(block => block.Text)];
        if (keys.Length != 1)
            return Nothing(keys.Length == 0 ? "holds no private key in PEM, which begins with -----BEGIN PRIVATE KEY-----" : "holds several private keys; give one", out wrong);
        if (keys[0].Length > LongestKey)
            return Nothing($"is larger than an RSA key of {LongestRsa} bits; give RSA of {ShortestRsa} to {LongestRsa} bits or ECDSA", out wrong);
        var key = Import(RSA.Create(), keys[0]) ?? Import(ECDsa.Create(), keys[0]);
        wrong = key is null ? "cannot be read; give an RSA or ECDSA key in PEM" : Weakness(key);
        if (wrong is null)
            return key;
        key?.Dispose();
        return null;
    }

    /// <summary>One or more certificates, and nothing else.</summary>
    /// <returns>For the caller to dispose of; null when something is wrong.</returns>
    public static IReadOnlyList<X509Certificate2>? Certificates(string text, int most, out string? wrong)
    {
        if (Blocks(text) is not { } blocks)
            return Nothing<X509Certificate2[]>("is damaged: between BEGIN and END is no whole base64; copy the whole file again", out wrong);
        if (blocks.Count == 0)
            return Nothing<X509Certificate2[]>("holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----", out wrong);
        if (blocks.Any(block => block.Label != "CERTIFICATE"))
            return Nothing<X509Certificate2[]>("holds something else than certificates; give certificates alone", out wrong);
        if (blocks.Count > most)
            return Nothing<X509Certificate2[]>($"holds {blocks.Count} certificates; give at most {most}", out wrong);
        var certificates = new List<X509Certificate2>();
        try
        {
            foreach (var block in blocks)
            {
                certificates.Add(X509CertificateLoader.LoadCertificate(Convert.FromBase64String(block.Base64)));
                wrong = Weakness(certificates[^1]);
                if (wrong is not null)
                    return Release(certificates);
            }
        }
        catch (CryptographicException)
        {
            Release(certificates);
            return Nothing<X509Certificate2[]>("holds a certificate that cannot be read; copy it again", out wrong);
        }

        wrong = null;
        return certificates;
    }

    public static bool BelongsTo(this AsymmetricAlgorithm key, X509Certificate2 certificate)
    {
        try
        {
            using var own = key is RSA ? certificate.GetRSAPublicKey() : (AsymmetricAlgorithm?)certificate.GetECDsaPublicKey();
            return own is not null && own.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo());
        }
        catch (CryptographicException)
        {
            // A public key that cannot be read.
            return false;
        }
    }

    public static IReadOnlyList<X509Certificate2>? Release(IReadOnlyList<X509Certificate2>? certificates)
    {
        foreach (var certificate in certificates ?? [])
            certificate.Dispose();
        return null;
    }

    /// <returns>Null when one of them is damaged.</returns>
    public static IReadOnlyList<PemBlock>? Blocks(string text)
    {
        var blocks = new List<PemBlock>();
        var rest = text.AsSpan();
        for (; PemEncoding.TryFind(rest, out var found); rest = rest[found.Location.End..])
            blocks.Add(new PemBlock(new string(rest[found.Label]), new string(rest[found.Base64Data]), new string(rest[found.Location])));
        return text.AsSpan().Count("-----BEGIN ") == blocks.Count ? blocks : null;
    }

    private static AsymmetricAlgorithm? Import(AsymmetricAlgorithm key, string text)
    {
        try
        {
            key.ImportFromPem(text);
            return key;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            key.Dispose();
            return null;
        }
    }

    private static string? Weakness(AsymmetricAlgorithm key) => key switch
    {
        RSA rsa when rsa.KeySize is < ShortestRsa or > LongestRsa => $"is RSA with {rsa.KeySize} bits; give RSA of {ShortestRsa} to {LongestRsa} bits or ECDSA",
        ECDsa ecdsa when !IsCommon(ecdsa) => "is on a curve that is not known here; give ECDSA on P-256, P-384 or P-521",
        _ => null,
    };

    private static string? Weakness(X509Certificate2 certificate)
    {
        try
        {
            using var rsa = certificate.GetRSAPublicKey();
            return rsa?.KeySize > LongestRsa ? $"holds a certificate for RSA with {rsa.KeySize} bits; at most {LongestRsa} are taken" : null;
        }
        catch (CryptographicException)
        {
            return "holds a certificate whose key cannot be read; copy it again";
        }
    }

    private static bool IsCommon(ECDsa key)
    {
        try
        {
            return key.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true } curve && s_curves.Contains(curve.Oid.Value);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static AsymmetricAlgorithm? Nothing(string says, out string? wrong) => Nothing<AsymmetricAlgorithm>(says, out wrong);

    private static T? Nothing<T>(string says, out string? wrong)
        where T : class
    {
        wrong = says;
        return null;
    }
}

/// <param name="Label">Such as <c>CERTIFICATE</c>.</param>
/// <param name="Text">The whole block.</param>
internal sealed record PemBlock(string Label, string Base64, string Text)
{
    /// <summary>Without the block: it may be a key.</summary>
    public override string ToString() => Label;
}
