using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>Kubeconfigs, and what they are made of.</summary>
public static class KubeconfigText
{
    /// <summary>A certificate in PEM that signs itself.</summary>
    public static string Authority { get; } = Pair(ECDsa.Create(ECCurve.NamedCurves.nistP256)).Certificate;

    public static string Token { get; } = $"eyJhbGciOiJSUzI1NiJ9.{RandomNumberGenerator.GetHexString(60)}.{RandomNumberGenerator.GetHexString(60)}";

    /// <summary>In PEM.</summary>
    public static (string Certificate, string Key) Client { get; } = Pair(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>A valid one, with an authority and a token.</summary>
    public static string Whole { get; } = With();

    /// <param name="cluster">In place of the authority, lines such as <c>proxy-url: …</c>.</param>
    /// <param name="user">In place of the token.</param>
    /// <param name="end">Lines at the end of the file.</param>
    public static string With(string? cluster = null, string? user = null, string server = "https://kubernetes.example.org:6443", string context = "", string end = "current-context: work") =>
        $"""
         apiVersion: v1
         kind: Config
         clusters:
         - name: example
           cluster:
             server: {server}
             {cluster ?? $"certificate-authority-data: {Base64(Authority)}"}
         contexts:
         - name: work
           context:
             cluster: example
             user: program
             {context}
         users:
         - name: program
           user:
             {user ?? $"token: {Token}"}
         {end}
         """;

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>A certificate that signs itself, and its key in PKCS#8.</summary>
    public static (string Certificate, string Key) Pair(AsymmetricAlgorithm key)
    {
        var request = key is RSA rsa
            ? new CertificateRequest("CN=example", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=example", (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
