using System.Numerics;
using System.Security.Cryptography;
using Portal.Features.Ssh;

namespace Portal.Features.CloudCredentials.Types;

/// <summary>Computes the public part of a private key in PEM, or in OpenSSH's own form (its PROTOCOL.key) when that has no passphrase.</summary>
internal static class SshPrivateKey
{
    private const string Label = "OPENSSH PRIVATE KEY";
    private const string Damaged = "is damaged: its parts do not fit together; copy the whole file again";
    private const int Ed25519Length = 32;
    private const int ShortestRsa = 2048;

    // In bytes.
    private const int LongestExponent = 8;

    /// <param name="wrong">Follows "The private key"; repeats nothing of it.</param>
    public static SshPublicKey? PublicPart(string text, out string? wrong)
    {
        if (Pem.Blocks(text) is [{ Label: Label } block])
        {
            try
            {
                return OpenSsh(Convert.FromBase64String(block.Base64), out wrong);
            }
            catch (CryptographicException)
            {
                return Nothing(Damaged, out wrong);
            }
        }

        using var key = Pem.Key(text, out wrong);
        return key switch
        {
            RSA rsa => Public(rsa),
            ECDsa ecdsa => Public(ecdsa),
            _ => null,
        };
    }

    private static SshPublicKey? OpenSsh(ReadOnlySpan<byte> bytes, out string? wrong)
    {
        var magic = "openssh-key-v1\0"u8;
        if (!bytes.StartsWith(magic))
            return Nothing("is damaged: it does not begin as OpenSSH's keys do; copy the whole file again", out wrong);
        var reader = new SshReader(bytes[magic.Length..]);
        if (reader.String() != "none" | reader.String() != "none")
            return Nothing(reader.IsBroken ? Damaged : Pem.EncryptedKey, out wrong);
        reader.Bytes();
        if (reader.Number32() != 1)
            return Nothing(reader.IsBroken ? Damaged : "holds several keys; give one", out wrong);
        var blob = reader.Bytes();
        var inner = new SshReader(reader.Bytes());
        if (!reader.IsComplete || inner.Number32() != inner.Number32())
            return Nothing(Damaged, out wrong);
        var type = inner.String();
        var key = type switch
        {
            "ssh-ed25519" => Ed25519(ref inner),
            "ssh-rsa" => Rsa(ref inner),
            "ecdsa-sha2-nistp256" => Ecdsa(ref inner, ECCurve.NamedCurves.nistP256),
            "ecdsa-sha2-nistp384" => Ecdsa(ref inner, ECCurve.NamedCurves.nistP384),
            "ecdsa-sha2-nistp521" => Ecdsa(ref inner, ECCurve.NamedCurves.nistP521),
            _ => null,
        };
        if (type.StartsWith("sk-", StringComparison.Ordinal))
            return Nothing("rests in a security key, which programs cannot touch; give Ed25519, ECDSA or RSA", out wrong);
        if (key is null && !inner.IsBroken && !SshKeyTypes.Accepted.ContainsKey(type))
            return Nothing("is of a kind that is not known here; give Ed25519, ECDSA or RSA", out wrong);
        inner.Bytes();
        wrong = key is null || inner.IsBroken || !IsPadding(inner.Rest) || !key.Blob.Span.SequenceEqual(blob) ? Damaged : null;
        return wrong is null ? key : null;
    }

    // The private part ends in a copy of the public one; computing one from the other takes arithmetic that .NET does not have.
    private static SshPublicKey? Ed25519(ref SshReader reader)
    {
        var point = reader.Bytes();
        var pair = reader.Bytes();
        if (point.Length != Ed25519Length || pair.Length != 2 * Ed25519Length || !pair[Ed25519Length..].SequenceEqual(point))
            return null;
        var blob = new SshWriter().String("ssh-ed25519").String(point).Written.ToArray();
        return SshKeyBlob.Read("ssh-ed25519", blob, out var bits) is null ? new SshPublicKey("ssh-ed25519", bits, "", blob) : null;
    }

    private static SshPublicKey? Rsa(ref SshReader reader)
    {
        var (modulus, exponent, secret) = (Magnitude(ref reader), Magnitude(ref reader), Magnitude(ref reader));
        var (coefficient, first, second) = (Magnitude(ref reader), Magnitude(ref reader), Magnitude(ref reader));
        if (reader.IsBroken || modulus.Length is < ShortestRsa / 8 or > Pem.LongestRsa / 8 || exponent.Length is 0 or > LongestExponent)
            return null;
        var (n, e, d, p, q) = (Number(modulus), Number(exponent), Number(secret), Number(first), Number(second));
        if (p <= 1 || q <= 1 || p * q != n || d >= n || !(e * d % (p - 1)).IsOne || !(e * d % (q - 1)).IsOne)
            return null;
        var half = (modulus.Length + 1) / 2;
        using var key = RSA.Create(new RSAParameters
        {
            Modulus = modulus, Exponent = exponent, D = Padded(secret, modulus.Length), InverseQ = Padded(coefficient, half), P = Padded(first, half), Q = Padded(second, half),
            DP = Padded(d % (p - 1), half), DQ = Padded(d % (q - 1), half),
        });
        return Public(key);
    }

    private static SshPublicKey? Ecdsa(ref SshReader reader, ECCurve curve)
    {
        reader.Bytes();
        reader.Bytes();
        var secret = Magnitude(ref reader);
        using var any = ECDsa.Create(curve);
        if (reader.IsBroken || secret.Length > (any.KeySize + 7) / 8)
            return null;
        // Without the public point, .NET computes it.
        using var key = ECDsa.Create(new ECParameters { Curve = curve, D = Padded(secret, (any.KeySize + 7) / 8) });
        return Public(key);
    }

    private static SshPublicKey Public(RSA key)
    {
        var numbers = key.ExportParameters(includePrivateParameters: false);
        return Built("ssh-rsa", key.KeySize, new SshWriter().String("ssh-rsa").String(Signed(numbers.Exponent!)).String(Signed(numbers.Modulus!)));
    }

    private static SshPublicKey Public(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var name = $"nistp{key.KeySize}";
        return Built($"ecdsa-sha2-{name}", key.KeySize, new SshWriter().String($"ecdsa-sha2-{name}").String(name).String([4, .. point.X!, .. point.Y!]));
    }

    private static SshPublicKey Built(string type, int bits, SshWriter blob) => new(type, bits, "", blob.Written.ToArray());

    // RFC 4251, mpint: positive numbers whose first bit is set have a zero in front.
    private static byte[] Signed(byte[] number) => new BigInteger(number, isUnsigned: true, isBigEndian: true).ToByteArray(isUnsigned: false, isBigEndian: true);

    private static byte[] Magnitude(ref SshReader reader) => reader.Bytes().TrimStart((byte)0).ToArray();

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] Padded(BigInteger number, int length) => Padded(number.ToByteArray(isUnsigned: true, isBigEndian: true), length);

    // Too long a number is wrong in the wrong place: the whole is refused where it is taken in.
    private static byte[] Padded(byte[] number, int length) => number.Length >= length ? number : [.. new byte[length - number.Length], .. number];

    private static bool IsPadding(ReadOnlySpan<byte> rest)
    {
        for (var i = 0; i < rest.Length; i++)
        {
            if (rest[i] != i + 1)
                return false;
        }

        return true;
    }

    private static SshPublicKey? Nothing(string says, out string wrong)
    {
        wrong = says;
        return null;
    }
}
