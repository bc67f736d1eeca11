using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Features.Ssh;

/// <summary>
/// Judges the binary part of a public key: RFC 4253 (RSA), RFC 5656 (ECDSA), RFC 8709 (Ed25519), OpenSSH's PROTOCOL.u2f (security keys).
/// One key has one form, so that its fingerprint is one.
/// </summary>
public static class SshKeyBlob
{
    private const int ShortestRsa = 3072;
    private const int LongestRsa = 16384;

    // Go's library, and with it Vault, takes no longer one.
    private const int LongestExponent = 24;

    private const int LongestApplication = 200;
    private const int PointLength = 32;

    private const string Damaged = "The key is damaged: its parts do not have the lengths they should. Copy the whole line again.";

    private static readonly BigInteger s_prime = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger s_d = BigInteger.Parse("37095705934669439343138083508754565189542113879843219016388785533085940283555", CultureInfo.InvariantCulture);

    // y of the points whose order divides 8: whoever holds such a "key" needs no private one.
    private static readonly BigInteger[] s_weak =
    [
        0,
        1,
        s_prime - 1,
        new(Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), isUnsigned: true),
        new(Convert.FromHexString("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), isUnsigned: true),
    ];

    /// <param name="type">What the line says; one of <see cref="SshKeyTypes.Accepted"/>.</param>
    /// <param name="bits">The key's size.</param>
    /// <returns>What is wrong; null when nothing.</returns>
    public static string? Read(string type, ReadOnlySpan<byte> blob, out int bits)
    {
        bits = 0;
        var reader = new SshReader(blob);
        var named = reader.Bytes();
        if (reader.IsBroken)
            return Damaged;
        if (!named.SequenceEqual(Encoding.ASCII.GetBytes(type)))
            return "The type in front is not that of the key behind it. Copy the line from its .pub file again.";

        var complaint = type switch
        {
            "ssh-rsa" => Rsa(ref reader, out bits),
            "ssh-ed25519" => Ed25519(ref reader, out bits),
            "sk-ssh-ed25519@openssh.com" => Ed25519(ref reader, out bits) ?? Application(ref reader),
            "ecdsa-sha2-nistp256" => Ecdsa(ref reader, "nistp256", ECCurve.NamedCurves.nistP256, bits = 256),
            "ecdsa-sha2-nistp384" => Ecdsa(ref reader, "nistp384", ECCurve.NamedCurves.nistP384, bits = 384),
            "ecdsa-sha2-nistp521" => Ecdsa(ref reader, "nistp521", ECCurve.NamedCurves.nistP521, bits = 521),
            "sk-ecdsa-sha2-nistp256@openssh.com" => Ecdsa(ref reader, "nistp256", ECCurve.NamedCurves.nistP256, bits = 256) ?? Application(ref reader),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
        };
        return complaint
            ?? (reader.IsBroken ? Damaged : reader.IsAtEnd ? null : "There is something behind the end of the key, in its middle part. Copy the line from its .pub file again.");
    }

    private static string? Rsa(ref SshReader reader, out int bits)
    {
        var isMinimal = Integer(ref reader, out var exponent) & Integer(ref reader, out var modulus);
        bits = (int)modulus.GetBitLength();
        if (reader.IsBroken || !isMinimal)
            return Damaged;
        if (bits < ShortestRsa)
            return $"An RSA key of {bits} bits is too weak: at least {ShortestRsa}. Make a new key: ssh-keygen -t ed25519.";
        if (bits > LongestRsa)
            return $"An RSA key of {bits} bits is longer than OpenSSH takes: at most {LongestRsa}.";
        return exponent < 3 || exponent.IsEven || exponent.GetBitLength() > LongestExponent || modulus.IsEven
            ? "The numbers of this RSA key make no key. Make a new one: ssh-keygen -t ed25519."
            : null;
    }

    // Two's complement, big-endian, in as few bytes as it takes.
    private static bool Integer(ref SshReader reader, out BigInteger number)
    {
        var bytes = reader.Bytes();
        number = new BigInteger(bytes, isUnsigned: false, isBigEndian: true);
        return number > 0 && !(bytes[0] == 0 && bytes[1] < 0x80);
    }

    private static string? Ed25519(ref SshReader reader, out int bits)
    {
        bits = 256;
        var bytes = reader.Bytes();
        return bytes.Length != PointLength ? Damaged : IsPlausible(bytes) ? null : "This Ed25519 key is no point of its curve. Make a new one: ssh-keygen -t ed25519.";
    }

    // RFC 8032, 5.1.3: there is an x for this y; and the point is none of the few that make signatures worthless.
    private static bool IsPlausible(ReadOnlySpan<byte> bytes)
    {
        Span<byte> copy = stackalloc byte[PointLength];
        bytes.CopyTo(copy);
        copy[^1] &= 0x7f;
        var y = new BigInteger(copy, isUnsigned: true);
        if (y >= s_prime || s_weak.Contains(y))
            return false;
        var square = y * y % s_prime;
        var product = (square - 1) * ((s_d * square) + 1) % s_prime;
        return BigInteger.ModPow(product, (s_prime - 1) / 2, s_prime).IsOne;
    }

    private static string? Ecdsa(ref SshReader reader, string name, ECCurve curve, int bits)
    {
        var isSameCurve = reader.Bytes().SequenceEqual(Encoding.ASCII.GetBytes(name));
        var point = reader.Bytes();
        var size = (bits + 7) / 8;
        if (reader.IsBroken || !isSameCurve || point.Length != 1 + (2 * size) || point[0] != 4)
            return Damaged;
        try
        {
            using var key = ECDsa.Create(new ECParameters
            {
                Curve = curve,
                Q = new ECPoint { X = point[1..(1 + size)].ToArray(), Y = point[(1 + size)..].ToArray() },
            });
            return null;
        }
        catch (CryptographicException)
        {
            return "This ECDSA key is no point of its curve. Make a new one: ssh-keygen -t ed25519.";
        }
    }

    // For whom the security key signs: ssh: unless its owner chose otherwise.
    private static string? Application(ref SshReader reader)
    {
        var application = reader.Bytes();
        return application.Length is > 0 and <= LongestApplication && !application.ContainsAnyExceptInRange((byte)'!', (byte)'~') ? null : Damaged;
    }
}
