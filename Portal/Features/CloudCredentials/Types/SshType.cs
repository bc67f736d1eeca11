using System.Security.Cryptography;
using Portal.Features.Ssh;

namespace Portal.Features.CloudCredentials.Types;

public sealed class SshType : CloudType
{
    private const string PrivateKey = "private_key_data";
    private const string PublicKey = "public_key_data";
    private const string Fingerprint = "public_key_fingerprint";

    // In place of a key.
    private const string WishRsa = "rsa-3072";
    private const string WishEcdsa = "ecdsa-p256";

    private const int RsaBits = 3072;

    public override string Name => "ssh";

    public override string Title => "SSH key pair";

    public override string Help =>
        "Leave the keys empty, and a pair is made whose public key you add to ~/.ssh/authorized_keys of the user there; for people, the portal's SSH certificates are better, as they end by themselves.";

    public override string AfterRevoke =>
        "The key still opens each machine that knows it: remove its line from ~/.ssh/authorized_keys of the user there; ssh-keygen -lf ~/.ssh/authorized_keys shows the fingerprints.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new("user", "User", "The user on the machines that the key opens.") { IsRequired = true, Longest = 255, Example = "ubuntu", Check = Rules.OneLine("The user") },
        new("identifier", "Identifier", "What the key is called where it is used, such as the name of the key pair at a cloud.")
        {
            IsRequired = true, Longest = 255, Example = "example-key", Check = Rules.OneLine("The identifier"),
        },
        new(PrivateKey, "Private key", $"Without a passphrase, in PEM or OpenSSH's form. Left empty, or {WishEcdsa}, an ECDSA key is made; {WishRsa} makes an RSA key.")
        {
            IsSensitive = true, IsLong = true, Longest = Pem.Longest, Check = text => Made(text.Trim()) || Read(text, out var wrong) is not null ? null : $"The private key {wrong}.",
        },
        new(PublicKey, "Public key", "The line for authorized_keys. Computed from the private key.")
        {
            IsDerived = true, Longest = 16 * 1024, Example = "ssh-ed25519 AAAA…", Check = Rules.OneLine("The public key"),
        },
        new(Fingerprint, "Fingerprint", "As ssh-keygen -l prints it. Computed from the private key.")
        {
            IsDerived = true, Longest = 128, Example = "SHA256:…", Check = Rules.OneLine("The fingerprint"),
        },
    ];

    protected override void Complete(IDictionary<string, string> values, IDictionary<string, string> errors)
    {
        var given = values.TryGetValue(PrivateKey, out var text) ? text : null;
        if (given is null && (values.ContainsKey(PublicKey) || values.ContainsKey(Fingerprint)))
        {
            errors[PrivateKey] = "The private key is missing: give it, or leave the public key and the fingerprint empty too, and a pair is made.";
            return;
        }

        if (given is null || Made(given.Trim()))
            values[PrivateKey] = Make(isRsa: given?.Trim() == WishRsa);
        var key = Read(values[PrivateKey], out _)!;
        if (values.TryGetValue(PublicKey, out var line) && !key.Line.Split(' ').SequenceEqual(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Take(2)))
            errors[PublicKey] = "The public key is not that of the private key. Leave it empty, and it is computed.";
        if (values.TryGetValue(Fingerprint, out var fingerprint) && fingerprint != key.Fingerprint)
            errors[Fingerprint] = "The fingerprint is not that of the private key. Leave it empty, and it is computed: SHA256: and 43 letters, digits and signs.";
        values.TryAdd(PublicKey, key.Line);
        values.TryAdd(Fingerprint, key.Fingerprint);
    }

    private static bool Made(string text) => text is WishRsa or WishEcdsa;

    private static string Make(bool isRsa)
    {
        if (isRsa)
        {
            using var rsa = RSA.Create(RsaBits);
            return rsa.ExportRSAPrivateKeyPem() + "\n";
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportECPrivateKeyPem() + "\n";
    }

    private static SshPublicKey? Read(string text, out string? wrong) => SshPrivateKey.PublicPart(text, out wrong);
}
