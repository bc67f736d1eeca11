using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Portal.Features.Ssh;

/// <summary>A public key that the portal has signed: of an accepted type, well-formed to the last byte.</summary>
/// <param name="Type">As its line begins: <c>ssh-ed25519</c>.</param>
/// <param name="Bits">The size, as <c>ssh-keygen -l</c> tells it.</param>
/// <param name="Comment">Harmless to show; not part of the key.</param>
public sealed record SshPublicKey(string Type, int Bits, string Comment, ReadOnlyMemory<byte> Blob)
{
    private const int LongestComment = 100;

    /// <summary>As <c>ssh-keygen -l</c> prints it: <c>SHA256:…</c>.</summary>
    public string Fingerprint { get; } = FingerprintOf(Blob.Span);

    /// <summary>Type and key, without the comment.</summary>
    public string Line => $"{Type} {Convert.ToBase64String(Blob.Span)}";

    /// <summary>The kind in words, as <c>ssh-keygen -l</c> prints it: <c>ED25519-SK</c>.</summary>
    public string Kind => SshKeyTypes.Accepted[Type];

    /// <param name="complaint">What is wrong with the text, and what would be right. Never repeats the text.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out SshPublicKey? key, [NotNullWhen(false)] out string? complaint)
    {
        key = null;
        complaint = SshKeyText.Complaint(text);
        if (complaint is not null)
            return false;

        var parts = text.Split((char[])[' ', '\t', '\r', '\n'], 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var blob = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1], blob, out var length) || Convert.ToBase64String(blob, 0, length) != parts[1])
        {
            complaint = "The middle part of the key is broken base64: some of it is missing or changed. Copy the whole line again.";
            return false;
        }

        complaint = SshKeyBlob.Read(parts[0], blob.AsSpan(0, length), out var bits);
        if (complaint is not null)
            return false;
        key = new SshPublicKey(parts[0], bits, Tame(parts.ElementAtOrDefault(2) ?? ""), blob.AsMemory(0, length));
        return true;
    }

    public static string FingerprintOf(ReadOnlySpan<byte> blob) => $"SHA256:{Convert.ToBase64String(SHA256.HashData(blob)).TrimEnd('=')}";

    /// <summary>The 32 bytes of a fingerprint in the form of <see cref="FingerprintOf"/>.</summary>
    /// <exception cref="FormatException">It has another form.</exception>
    public static byte[] FingerprintBytes(string fingerprint) => Convert.FromBase64String($"{fingerprint["SHA256:".Length..]}=");

    // Format characters turn the direction of what follows, or hide it.
    private static string Tame(string comment)
    {
        var harmless = comment.Where(letter => char.GetUnicodeCategory(letter) is not
            (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator));
        return new string([.. harmless.Take(LongestComment)]).Trim();
    }
}

public static class SshKeyTypes
{
    public const string Dsa = "ssh-dss";
    public const string CertificateSuffix = "-cert-v01@openssh.com";

    /// <summary>Types of keys that are signed, and what <c>ssh-keygen -l</c> calls them.</summary>
    public static readonly IReadOnlyDictionary<string, string> Accepted = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["ssh-ed25519"] = "ED25519",
        ["sk-ssh-ed25519@openssh.com"] = "ED25519-SK",
        ["ecdsa-sha2-nistp256"] = "ECDSA",
        ["ecdsa-sha2-nistp384"] = "ECDSA",
        ["ecdsa-sha2-nistp521"] = "ECDSA",
        ["sk-ecdsa-sha2-nistp256@openssh.com"] = "ECDSA-SK",
        ["ssh-rsa"] = "RSA",
    };

    /// <summary>The type of a certificate for a key of the type: <c>ssh-ed25519-cert-v01@openssh.com</c>.</summary>
    public static string Certificate(string type) => $"{type.Split('@')[0]}{CertificateSuffix}";
}
