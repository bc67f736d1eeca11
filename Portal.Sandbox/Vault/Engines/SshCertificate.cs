using System.Security.Cryptography;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>What an OpenSSH certificate says.</summary>
internal sealed record SshCertificate
{
    public required SshPublicKey Key { get; init; }

    public required ulong Serial { get; init; }

    public required bool IsHost { get; init; }

    public required string KeyId { get; init; }

    public required IReadOnlyList<string> Principals { get; init; }

    public required DateTimeOffset ValidAfter { get; init; }

    public required DateTimeOffset ValidBefore { get; init; }

    public required IReadOnlyDictionary<string, string> CriticalOptions { get; init; }

    public required IReadOnlyDictionary<string, string> Extensions { get; init; }

    /// <summary>The line for a <c>-cert.pub</c> file, with its end.</summary>
    public string Sign(SshAuthority authority, string algorithm)
    {
        var type = Key.Type.Contains('@', StringComparison.Ordinal)
            ? Key.Type.Replace("@openssh.com", "-cert-v01@openssh.com", StringComparison.Ordinal)
            : $"{Key.Type}-cert-v01@openssh.com";
        var signed = new SshWriter()
            .Text(type)
            .Bytes(RandomNumberGenerator.GetBytes(32))
            .Raw(Key.Fields)
            .Number(Serial)
            .Number(IsHost ? 2u : 1u)
            .Text(KeyId)
            .Bytes(List(Principals))
            .Number((ulong)ValidAfter.ToUnixTimeSeconds())
            .Number((ulong)ValidBefore.ToUnixTimeSeconds())
            .Bytes(Options(CriticalOptions))
            .Bytes(Options(Extensions))
            .Text("")
            .Bytes(authority.Blob)
            .ToArray();
        var certificate = new SshWriter().Raw(signed).Bytes(authority.Sign(signed, algorithm)).ToArray();
        return $"{type} {Convert.ToBase64String(certificate)}\n";
    }

    private static byte[] List(IEnumerable<string> items)
    {
        var writer = new SshWriter();
        foreach (var item in items)
            writer.Text(item);
        return writer.ToArray();
    }

    /// <summary>In order of their names, as OpenSSH wants them.</summary>
    private static byte[] Options(IReadOnlyDictionary<string, string> options)
    {
        var writer = new SshWriter();
        foreach (var (name, value) in options.OrderBy(option => option.Key, StringComparer.Ordinal))
        {
            writer.Text(name);
            writer.Bytes(value.Length == 0 ? [] : new SshWriter().Text(value).ToArray());
        }

        return writer.ToArray();
    }
}
