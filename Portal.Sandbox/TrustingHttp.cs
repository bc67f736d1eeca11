using System.Security.Cryptography.X509Certificates;

namespace Portal.Sandbox;

/// <summary>HTTP clients that follow no redirect, use no proxy, and believe the authorities they are told.</summary>
internal static class TrustingHttp
{
    /// <param name="authorities">PEM; null: the system's.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Not PEM.</exception>
    public static HttpClient Client(string? authorities)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };
        if (authorities is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPem(authorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return new HttpClient(handler);
    }
}
