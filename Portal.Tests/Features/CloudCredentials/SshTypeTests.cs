using System.Security.Cryptography;
using CsCheck;
using Portal.Features.CloudCredentials.Types;
using Portal.Tests.Features.Ssh;

namespace Portal.Tests.Features.CloudCredentials;

public sealed class SshTypeTests : IDisposable
{
    private static readonly SshType s_type = new();
    private readonly SshKeygen _keygen = new();

    public void Dispose() => _keygen.Dispose();

    [Theory]
    [InlineData("", "ecdsa-sha2-nistp256")]
    [InlineData("ecdsa-p256", "ecdsa-sha2-nistp256")]
    [InlineData("rsa-3072", "ssh-rsa")]
    public void A_pair_is_made_that_OpenSSH_reads(string wish, string type)
    {
        var values = s_type.Accept(Given(wish));

        values["public_key_data"].ShouldStartWith($"{type} ");
        AgreesWithOpenSsh(values);
        s_type.Accept(Given(wish))["private_key_data"].ShouldNotBe(values["private_key_data"]);
    }

    [Theory]
    [InlineData("-t", "ed25519")]
    [InlineData("-t", "rsa", "-b", "2048")]
    [InlineData("-t", "rsa", "-b", "3072", "-m", "PEM")]
    [InlineData("-t", "rsa", "-b", "3072", "-m", "PKCS8")]
    [InlineData("-t", "ecdsa", "-b", "256")]
    [InlineData("-t", "ecdsa", "-b", "384")]
    [InlineData("-t", "ecdsa", "-b", "521")]
    [InlineData("-t", "ecdsa", "-b", "384", "-m", "PEM")]
    [InlineData("-t", "ecdsa", "-b", "521", "-m", "PKCS8")]
    public void The_public_part_of_a_given_key_is_that_of_OpenSSH(params string[] arguments)
    {
        var line = _keygen.Generate("key", [.. arguments, "-C", "name@example.org"]);
        var text = File.ReadAllText(_keygen.Path("key"));

        var values = s_type.Accept(Given(text));

        values["private_key_data"].ShouldBe(text);
        AgreesWithOpenSsh(values);
        s_type.Accept(new Dictionary<string, string>(Given(text)) { ["public_key_data"] = line, ["public_key_fingerprint"] = values["public_key_fingerprint"] })["public_key_data"].ShouldBe(line.Trim());
    }

    [Theory]
    [InlineData("-m", "RFC4716")]
    [InlineData("-m", "PEM")]
    [InlineData("-m", "PKCS8")]
    public void A_key_with_a_passphrase_is_refused(params string[] form)
    {
        _keygen.Run(["-q", "-t", "rsa", "-b", "2048", .. form, "-N", "long passphrase", "-f", _keygen.Path("locked")]);

        Refused(File.ReadAllText(_keygen.Path("locked"))).ShouldContain("encrypted; give it without a passphrase");
    }

    [Fact]
    public void What_is_no_private_key_is_refused()
    {
        using var weak = RSA.Create(1024);
        var line = _keygen.Generate("key", "-t", "ed25519");
        var text = File.ReadAllText(_keygen.Path("key"));

        Refused(line).ShouldContain("no private key");
        Refused("hello").ShouldContain("no private key");
        Refused(weak.ExportRSAPrivateKeyPem()).ShouldContain("1024 bits");
        Refused(text[..^50]).ShouldContain("damaged");
        Refused($"-----BEGIN OPENSSH PRIVATE KEY-----\n{Convert.ToBase64String("openssh-key-v1"u8)}\n-----END OPENSSH PRIVATE KEY-----").ShouldContain("damaged");
    }

    [Fact]
    public void Parts_that_do_not_belong_together_are_refused()
    {
        var other = _keygen.Generate("key", "-t", "ed25519");
        var values = s_type.Accept(Given(""));

        s_type.Refuse(new Dictionary<string, string>(values) { ["public_key_data"] = other })["public_key_data"].ShouldContain("not that of the private key");
        s_type.Refuse(new Dictionary<string, string>(values) { ["public_key_fingerprint"] = "SHA256:abc" })["public_key_fingerprint"].ShouldContain("not that of the private key");
        s_type.Refuse(new Dictionary<string, string>(Given("")) { ["public_key_data"] = other })["private_key_data"].ShouldContain("missing");
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("rsa")]
    [InlineData("ecdsa")]
    public void A_damaged_key_is_read_as_none_or_as_itself(string type)
    {
        _keygen.Generate("key", "-t", type);
        string[] lines = [.. File.ReadAllLines(_keygen.Path("key")).Where(line => line.Length > 0)];
        var bytes = Convert.FromBase64String(string.Concat(lines[1..^1]));
        var whole = s_type.Accept(Given(File.ReadAllText(_keygen.Path("key"))));

        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Int[1, 255], Gen.Bool).Sample(
            change =>
            {
                var (at, flip, cut) = change;
                var changed = cut ? bytes[..at] : [.. bytes[..at], (byte)(bytes[at] ^ flip), .. bytes[(at + 1)..]];
                var errors = new Dictionary<string, string>();
                var values = s_type.Read(Given($"{lines[0]}\n{Convert.ToBase64String(changed)}\n{lines[^1]}"), errors);
                if (errors.Count == 0)
                    values["public_key_data"].ShouldBe(whole["public_key_data"]);
            },
            iter: 500, threads: 1);
    }

    private void AgreesWithOpenSsh(IReadOnlyDictionary<string, string> values)
    {
        var file = _keygen.Path("read");
        File.WriteAllText(file, values["private_key_data"]);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string.Join(' ', _keygen.Run("-y", "-f", file).Trim().Split(' ').Take(2)).ShouldBe(values["public_key_data"]);
        File.WriteAllText(_keygen.Path("read.pub"), values["public_key_data"]);
        _keygen.Run("-l", "-f", _keygen.Path("read.pub")).ShouldContain($" {values["public_key_fingerprint"]} ");
    }

    private static string Refused(string key)
    {
        var errors = s_type.Refuse(Given(key));
        errors.ShouldHaveSingleItem().Key.ShouldBe("private_key_data");
        return errors["private_key_data"];
    }

    private static Dictionary<string, string> Given(string key) => new() { ["user"] = "ubuntu", ["identifier"] = "example", ["private_key_data"] = key };
}
