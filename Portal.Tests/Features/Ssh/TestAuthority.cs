using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Parameters;
using Portal.Features.Ssh;

namespace Portal.Tests.Features.Ssh;

/// <summary>An Ed25519 key that signs certificates with any serial, as no Vault does.</summary>
public sealed class TestAuthority
{
    private const string CertificateType = "ssh-ed25519-cert-v01@openssh.com";
    private readonly Ed25519PrivateKeyParameters _key = new(RandomNumberGenerator.GetBytes(Ed25519PrivateKeyParameters.KeySize));

    /// <summary>The public key as a blob.</summary>
    public byte[] Blob => Ed25519(_key.GeneratePublicKey().GetEncoded());

    public static byte[] NewKey() =>
        Ed25519(new Ed25519PrivateKeyParameters(RandomNumberGenerator.GetBytes(Ed25519PrivateKeyParameters.KeySize)).GeneratePublicKey().GetEncoded());

    public static string Line(byte[] key) => $"ssh-ed25519 {Convert.ToBase64String(key)}";

    /// <returns>The line of a <c>-cert.pub</c> file, for a user named deploy.</returns>
    public string Sign(byte[] key, ulong serial, string keyId)
    {
        var subject = new SshReader(key);
        subject.Bytes();
        var certificate = new SshWriter()
            .String(CertificateType)
            .String(RandomNumberGenerator.GetBytes(32))
            .Raw(subject.Rest)
            .Number(serial)
            .Number(1U)
            .String(keyId)
            .String(new SshWriter().String("deploy").Written)
            .Number(0UL)
            .Number(ulong.MaxValue)
            .String("")
            .String("")
            .String("")
            .String(Blob);
        var signature = new byte[Ed25519PrivateKeyParameters.SignatureSize];
        var signed = certificate.Written.ToArray();
        _key.Sign(Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.Algorithm.Ed25519, null, signed, 0, signed.Length, signature, 0);
        certificate.String(new SshWriter().String("ssh-ed25519").String(signature).Written);
        return $"{CertificateType} {Convert.ToBase64String(certificate.Written)}";
    }

    private static byte[] Ed25519(byte[] point) => new SshWriter().String("ssh-ed25519").String(point).Written.ToArray();
}
