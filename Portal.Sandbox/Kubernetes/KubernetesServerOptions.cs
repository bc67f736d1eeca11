namespace Portal.Sandbox.Kubernetes;

public sealed record KubernetesServerOptions
{
    /// <summary>Loopback port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Bearer token of the cluster's administrator; made at random when absent.</summary>
    public string? AdminToken { get; init; }

    /// <summary>RSA key that signs service-account tokens (PKCS#8 PEM); made at start when absent, which is slow.</summary>
    public string? SigningKeyPem { get; init; }

    /// <summary>Issuer of service-account tokens, and the audience of the API itself.</summary>
    public string Issuer { get; init; } = "https://kubernetes.default.svc.cluster.local";

    /// <summary>The cluster's clock: token times and their checks. Certificates follow the machine's clock, as TLS peers do.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
