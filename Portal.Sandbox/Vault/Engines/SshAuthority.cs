using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Utilities;
using Org.BouncyCastle.Security;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>A certificate authority's key pair.</summary>
internal abstract class SshAuthority : IDisposable
{
    private const int RsaBits = 4096;

    public abstract string Type { get; }

    /// <summary>The public key as certificates carry it.</summary>
    public abstract byte[] Blob { get; }

    /// <summary>The line that hosts trust, with its end.</summary>
    public string PublicKey => $"{Type} {Convert.ToBase64String(Blob)}\n";

    /// <exception cref="VaultError">no such type</exception>
    public static SshAuthority Generate(string type) => type switch
    {
        "" or "ssh-rsa" or "rsa" => new RsaAuthority(RSA.Create(RsaBits)),
        "ssh-ed25519" or "ed25519" => new Ed25519Authority(new Ed25519PrivateKeyParameters(new SecureRandom())),
        _ => throw VaultError.Invalid($"unknown ssh key type {type}"),
    };

    /// <exception cref="VaultError">it is no private key that can sign</exception>
    public static SshAuthority Import(string pem)
    {
        try
        {
            if (!pem.Contains("BEGIN OPENSSH PRIVATE KEY", StringComparison.Ordinal))
            {
                var rsa = RSA.Create();
                rsa.ImportFromPem(pem);
                return new RsaAuthority(rsa);
            }

            var body = string.Concat(pem.Split('\n', StringSplitOptions.TrimEntries).Where(line => !line.StartsWith("-----", StringComparison.Ordinal)));
            return OpenSshPrivateKeyUtilities.ParsePrivateKeyBlob(Convert.FromBase64String(body)) switch
            {
                Ed25519PrivateKeyParameters key => new Ed25519Authority(key),
                RsaPrivateCrtKeyParameters key => new RsaAuthority(RSA.Create(DotNetUtilities.ToRSAParameters(key))),
                _ => throw VaultError.Invalid("failed to parse private_key: ssh: unsupported key type"),
            };
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException or InvalidOperationException or IOException)
        {
            throw VaultError.Invalid("failed to parse private_key: ssh: no key found");
        }
    }

    /// <param name="algorithm">the role's; empty = the key's own, <c>default</c> = a good one</param>
    /// <returns>the signature with its algorithm, as certificates carry it</returns>
    /// <exception cref="VaultError">the key cannot sign so</exception>
    public abstract byte[] Sign(byte[] data, string algorithm);

    public virtual void Dispose()
    {
    }

    private sealed class RsaAuthority(RSA key) : SshAuthority
    {
        private readonly Lock _lock = new();

        public override string Type => "ssh-rsa";

        public override byte[] Blob
        {
            get
            {
                var numbers = key.ExportParameters(includePrivateParameters: false);
                return new SshWriter().Text(Type).Integer(numbers.Exponent).Integer(numbers.Modulus).ToArray();
            }
        }

        public override byte[] Sign(byte[] data, string algorithm)
        {
            // Vault 1.8 signs with SHA-1 unless told otherwise, and today's hosts refuse that.
            var (name, hash) = algorithm switch
            {
                "" or "ssh-rsa" => ("ssh-rsa", HashAlgorithmName.SHA1),
                "rsa-sha2-256" or "default" => ("rsa-sha2-256", HashAlgorithmName.SHA256),
                _ => ("rsa-sha2-512", HashAlgorithmName.SHA512),
            };
            lock (_lock)
                return new SshWriter().Text(name).Bytes(key.SignData(data, hash, RSASignaturePadding.Pkcs1)).ToArray();
        }

        public override void Dispose()
        {
            key.Dispose();
            base.Dispose();
        }
    }

    private sealed class Ed25519Authority(Ed25519PrivateKeyParameters key) : SshAuthority
    {
        public override string Type => "ssh-ed25519";

        public override byte[] Blob { get; } = new SshWriter().Text("ssh-ed25519").Bytes(key.GeneratePublicKey().GetEncoded()).ToArray();

        public override byte[] Sign(byte[] data, string algorithm)
        {
            if (algorithm is not ("" or "default" or "ssh-ed25519"))
                throw VaultError.Fault($"failed to generate signed SSH key: ssh: unsupported signature algorithm {algorithm}");
            var signature = new byte[Ed25519PrivateKeyParameters.SignatureSize];
            key.Sign(Org.BouncyCastle.Math.EC.Rfc8032.Ed25519.Algorithm.Ed25519, null, data, 0, data.Length, signature, 0);
            return new SshWriter().Text(Type).Bytes(signature).ToArray();
        }
    }
}
