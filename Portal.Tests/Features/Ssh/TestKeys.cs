using System.Security.Cryptography;
using Portal.Features.Ssh;

namespace Portal.Tests.Features.Ssh;

/// <summary>Public keys of every type, also of those that need a device to make.</summary>
public static class TestKeys
{
    public static string Ed25519 => TestAuthority.Line(TestAuthority.NewKey());

    public static string Ed25519Sk
    {
        get
        {
            var key = new SshReader(TestAuthority.NewKey());
            key.Bytes();
            return Line("sk-ssh-ed25519@openssh.com", new SshWriter().Raw(key.Rest).String("ssh:"));
        }
    }

    public static string EcdsaSk => Line("sk-ecdsa-sha2-nistp256@openssh.com", Point("nistp256", ECCurve.NamedCurves.nistP256).String("ssh:"));

    public static string Dsa => Line("ssh-dss", new SshWriter().String(new byte[128]).String(new byte[20]).String(new byte[128]).String(new byte[128]));

    /// <param name="bits">256, 384 or 521.</param>
    public static string Ecdsa(int bits)
    {
        var curve = bits switch
        {
            256 => ECCurve.NamedCurves.nistP256,
            384 => ECCurve.NamedCurves.nistP384,
            _ => ECCurve.NamedCurves.nistP521,
        };
        return Line($"ecdsa-sha2-nistp{bits}", Point($"nistp{bits}", curve));
    }

    public static string Rsa(int bits)
    {
        using var rsa = RSA.Create(bits);
        var numbers = rsa.ExportParameters(includePrivateParameters: false);
        return Rsa(numbers.Exponent!, numbers.Modulus!);
    }

    public static string Rsa(byte[] exponent, byte[] modulus) => Line("ssh-rsa", new SshWriter().String(Positive(exponent)).String(Positive(modulus)));

    public static string Line(string type, SshWriter fields) =>
        $"{type} {Convert.ToBase64String(new SshWriter().String(type).Raw(fields.Written).Written)}";

    private static byte[] Positive(byte[] number) => number[0] >= 0x80 ? [0, .. number] : number;

    private static SshWriter Point(string name, ECCurve curve)
    {
        using var key = ECDsa.Create(curve);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return new SshWriter().String(name).String([4, .. point.X!, .. point.Y!]);
    }
}
