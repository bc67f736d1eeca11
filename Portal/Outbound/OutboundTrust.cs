using System.Security.Cryptography.X509Certificates;

namespace Portal.Outbound;

/// <summary>Which servers' certificates are believed. No check of one makes a call: certificates name addresses, and whoever made them chose those.</summary>
public static class OutboundTrust
{
    /// <summary>The system's authorities, and those in the file.</summary>
    /// <param name="caFile">PEM.</param>
    public static X509ChainPolicy SystemAnd(string? caFile)
    {
        var policy = Policy();
        if (caFile is null)
            return policy;
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        policy.CustomTrustStore.AddRange(store.Certificates);
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        return policy;
    }

    /// <summary>These authorities alone.</summary>
    public static X509ChainPolicy Only(X509Certificate2Collection authorities)
    {
        var policy = Policy();
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static X509ChainPolicy Policy() => new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
}
