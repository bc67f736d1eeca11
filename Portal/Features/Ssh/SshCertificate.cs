using System.Diagnostics.CodeAnalysis;

namespace Portal.Features.Ssh;

/// <summary>What an OpenSSH user certificate says, as its source describes it in PROTOCOL.certkeys. Its signature is not checked here.</summary>
/// <param name="Line">As a <c>-cert.pub</c> file has it, without a comment.</param>
/// <param name="Key">The public key that it is for, as a blob.</param>
/// <param name="Authority">The public key of who signed it, as a blob.</param>
public sealed record SshCertificate(
    string Line,
    ReadOnlyMemory<byte> Key,
    ulong Serial,
    uint Type,
    string KeyId,
    IReadOnlyList<string> Principals,
    DateTimeOffset ValidAfter,
    DateTimeOffset ValidBefore,
    IReadOnlyDictionary<string, string> CriticalOptions,
    IReadOnlyDictionary<string, string> Extensions,
    ReadOnlyMemory<byte> Authority)
{
    public const uint UserType = 1;

    // Beyond this, times no longer fit; "for ever" is all ones.
    private static readonly ulong s_longestTime = (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    public static bool TryParse(string line, [NotNullWhen(true)] out SshCertificate? certificate)
    {
        certificate = null;
        var parts = line.Split([' ', '\t', '\r', '\n'], 3, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2 || SshKeyTypes.Accepted.Keys.FirstOrDefault(type => SshKeyTypes.Certificate(type) == parts[0]) is not { } type)
            return false;
        var blob = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1], blob, out var length))
            return false;

        var reader = new SshReader(blob.AsSpan(0, length));
        if (reader.String() != parts[0])
            return false;
        reader.Bytes();
        var key = ReadKey(type, ref reader);
        var read = new SshCertificate(
            $"{parts[0]} {parts[1]}", key, reader.Number64(), reader.Number32(), reader.String(), Strings(reader.Bytes(), ref reader),
            Time(reader.Number64()), Time(reader.Number64()), Options(reader.Bytes(), ref reader), Options(reader.Bytes(), ref reader),
            AuthorityBehindReserved(ref reader));
        reader.Bytes();
        certificate = reader.IsComplete ? read : null;
        return certificate is not null;
    }

    // The fields of the key follow one another as in the key itself.
    private static byte[] ReadKey(string type, ref SshReader reader)
    {
        var fields = type switch
        {
            "ssh-ed25519" => 1,
            "sk-ecdsa-sha2-nistp256@openssh.com" => 3,
            _ => 2,
        };
        var key = new SshWriter().String(type);
        for (var field = 0; field < fields; field++)
            key.String(reader.Bytes());
        return key.Written.ToArray();
    }

    private static byte[] AuthorityBehindReserved(ref SshReader reader)
    {
        reader.Bytes();
        return reader.Bytes().ToArray();
    }

    private static DateTimeOffset Time(ulong seconds) => DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(seconds, s_longestTime));

    private static List<string> Strings(ReadOnlySpan<byte> bytes, ref SshReader outer)
    {
        var strings = new List<string>();
        var reader = new SshReader(bytes);
        while (!reader.IsAtEnd)
            strings.Add(reader.String());
        outer.IsBroken |= reader.IsBroken;
        return strings;
    }

    private static Dictionary<string, string> Options(ReadOnlySpan<byte> bytes, ref SshReader outer)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new SshReader(bytes);
        while (!reader.IsAtEnd)
        {
            var name = reader.String();
            var value = new SshReader(reader.Bytes());
            options[name] = value.IsAtEnd ? "" : value.String();
            reader.IsBroken |= value.IsBroken;
        }

        outer.IsBroken |= reader.IsBroken;
        return options;
    }
}
