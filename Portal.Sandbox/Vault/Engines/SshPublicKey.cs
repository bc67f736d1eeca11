using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>A public key as <c>authorized_keys</c> has it.</summary>
/// <param name="Type"><c>ssh-ed25519</c>, …</param>
/// <param name="Family">Vault's word for it: rsa, ecdsa, ed25519, dsa</param>
/// <param name="Bits">the size that Vault checks; 0 where there is one alone</param>
internal sealed record SshPublicKey(string Type, string Family, int Bits, byte[] Blob)
{
    private static readonly SearchValues<char> s_base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Blob));

    /// <summary>The fields after the type: a certificate repeats them.</summary>
    public ReadOnlySpan<byte> Fields
    {
        get
        {
            var reader = new SshReader(Blob);
            reader.Bytes();
            return reader.Rest;
        }
    }

    /// <exception cref="FormatException">it is none; with the words of Go's libraries</exception>
    public static SshPublicKey Parse(string line)
    {
        var parts = line.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var blob = Base64(parts.Length > 1 ? parts[1] : parts[0]);
        var reader = new SshReader(blob);
        var type = Encoding.ASCII.GetString(reader.Bytes());
        var (family, bits) = type switch
        {
            "ssh-rsa" => ("rsa", RsaBits(ref reader)),
            "ssh-dss" => ("dsa", DsaBits(ref reader)),
            "ssh-ed25519" => ("ed25519", Ed25519Bits(ref reader)),
            "sk-ssh-ed25519@openssh.com" => ("ed25519", Ed25519Bits(ref reader)),
            "ecdsa-sha2-nistp256" or "ecdsa-sha2-nistp384" or "ecdsa-sha2-nistp521" or "sk-ecdsa-sha2-nistp256@openssh.com" => ("ecdsa", EcdsaBits(ref reader)),
            _ => throw new FormatException($"ssh: unknown key algorithm: {type}"),
        };
        if (type.StartsWith("sk-", StringComparison.Ordinal))
            reader.Bytes();
        return reader.IsAtEnd ? new SshPublicKey(type, family, bits, blob) : throw new FormatException("ssh: trailing junk in public key");
    }

    private static int RsaBits(ref SshReader reader)
    {
        reader.Bytes();
        return SizeOf(reader.Bytes());
    }

    private static int DsaBits(ref SshReader reader)
    {
        var bits = SizeOf(reader.Bytes());
        for (var i = 0; i < 3; i++)
            reader.Bytes();
        return bits;
    }

    private static int Ed25519Bits(ref SshReader reader) => reader.Bytes().Length == 32 ? 0 : throw new FormatException("invalid size 0 for Ed25519 public key");

    private static int EcdsaBits(ref SshReader reader)
    {
        var (bits, curve) = Encoding.ASCII.GetString(reader.Bytes()) switch
        {
            "nistp256" => (256, ECCurve.NamedCurves.nistP256),
            "nistp384" => (384, ECCurve.NamedCurves.nistP384),
            "nistp521" => (521, ECCurve.NamedCurves.nistP521),
            _ => throw new FormatException("ssh: unsupported curve"),
        };
        var point = reader.Bytes();
        var size = (bits + 7) / 8;
        if (point.Length != 1 + (2 * size) || point[0] != 4)
            throw new FormatException("ssh: invalid curve point");
        try
        {
            using var key = ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = point[1..(1 + size)].ToArray(), Y = point[(1 + size)..].ToArray() } });
            return bits;
        }
        catch (CryptographicException)
        {
            throw new FormatException("ssh: invalid curve point");
        }
    }

    private static int SizeOf(ReadOnlySpan<byte> number) => (int)new BigInteger(number, isUnsigned: true, isBigEndian: true).GetBitLength();

    private static byte[] Base64(string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            var wrong = text.AsSpan().IndexOfAnyExcept(s_base64);
            throw new FormatException($"illegal base64 data at input byte {(wrong >= 0 ? wrong : text.Length - (text.Length % 4))}");
        }
    }
}
