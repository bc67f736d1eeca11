namespace Portal.Features.CloudCredentials;

/// <summary>
/// The one cluster, user and context of a kubeconfig that stands by itself: it names no file, runs nothing, and takes no detour. It has
/// a token, a client certificate with its key, or both.
/// </summary>
/// <param name="Server">Absolute https, without user, query and fragment; it may have a path.</param>
/// <param name="Context">The context's name, as the file has it.</param>
/// <param name="Cluster">The cluster's name, as the file has it.</param>
/// <param name="User">The user's name, as the file has it.</param>
public sealed record Kubeconfig(Uri Server, string Context, string Cluster, string User)
{
    /// <summary>In bytes of UTF-8.</summary>
    public const int Longest = 128 * 1024;

    /// <summary>X.509 in DER, at most 20. Empty: the server's certificate is one of the public authorities'.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> CaCertificates { get; init; } = [];

    /// <summary>For the header <c>Authorization: Bearer</c>: visible ASCII.</summary>
    public string? Token { get; init; }

    /// <summary>In PEM, the client's own first. Not null exactly when <see cref="ClientKey"/> is not.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>In PEM, RSA or ECDSA, not encrypted; belongs to <see cref="ClientCertificate"/>.</summary>
    public string? ClientKey { get; init; }

    /// <summary>The name that the server's certificate has, when it is not that of <see cref="Server"/>.</summary>
    public string? TlsServerName { get; init; }

    public string? Namespace { get; init; }

    /// <param name="text">YAML, or JSON, which is YAML too.</param>
    /// <param name="mistake">A sentence that says where and what, and repeats nothing of the text; null when there is none.</param>
    /// <returns>Null when there is a mistake. Never throws.</returns>
    public static Kubeconfig? Read(string text, out string? mistake) => KubeconfigReader.Read(text, out mistake);

    /// <summary>Without the secrets.</summary>
    public override string ToString() => $"{Context} at {Server}";
}
