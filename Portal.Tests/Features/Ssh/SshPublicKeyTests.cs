using System.Security.Cryptography;
using CsCheck;
using Portal.Features.Ssh;

namespace Portal.Tests.Features.Ssh;

public sealed class SshPublicKeyTests : IDisposable
{
    private const string Several = "These are several keys";
    private const string Private = "This is a private key";
    private const string Damaged = "The key is damaged";
    private static readonly string s_rsa = TestKeys.Rsa(3072);

    private static readonly Gen<string> s_line = Gen.OneOf(
        Gen.Const(() => TestKeys.Ed25519), Gen.Const(() => TestKeys.Ed25519Sk), Gen.Const(() => TestKeys.EcdsaSk),
        Gen.Int[0, 2].Select(curve => TestKeys.Ecdsa(new[] { 256, 384, 521 }[curve])), Gen.Const(s_rsa));

    private static readonly Func<string, int, char, string>[] s_changes =
    [
        (text, place, _) => text.Remove(place, 1),
        (text, place, added) => text.Insert(place, added.ToString()),
        (text, place, other) => $"{text[..place]}{other}{text[(place + 1)..]}",
        (text, place, _) => text[..place],
        FlipBit,
    ];

    private readonly SshKeygen _keygen = new();

    public static TheoryData<string, string> Refusals => new()
    {
        { "", "Give a public key" },
        { " \r\n\t ", "Give a public key" },
        { TestKeys.Rsa(1024), "An RSA key of 1024 bits is too weak" },
        { TestKeys.Rsa(2048), "An RSA key of 2048 bits is too weak" },
        { TestKeys.Rsa([1], Modulus(3072)), "make no key" },
        { TestKeys.Rsa([1, 0, 0], Modulus(3072)), "make no key" },
        { TestKeys.Rsa([1, 0, 0, 1, 1], Modulus(3072)), "make no key" },
        { TestKeys.Rsa([1, 0, 1], [.. Modulus(3072)[..^1], 2]), "make no key" },
        { TestKeys.Rsa([1, 0, 1], Modulus(16392)), "longer than OpenSSH takes" },
        { TestKeys.Line("ssh-rsa", new SshWriter().String([1, 0, 1]).String([0, 0, .. Modulus(3072)])), Damaged },
        { TestKeys.Line("ssh-rsa", new SshWriter().String([1, 0, 1]).String(Modulus(3072))), Damaged },
        { TestKeys.Line("ssh-rsa", new SshWriter().String([0, 1, 0, 1]).String([0, .. Modulus(3072)])), Damaged },
        { TestKeys.Dsa, "DSA keys are too weak" },
        { "ssh-ed25519", "The line ends after the type" },
        { "ssh-ed25519 AAAAC3Nz*C1lZDI1", "broken base64" },
        { TestKeys.Ed25519[..^1], "broken base64" },
        { TestKeys.Ed25519[..^4], Damaged },
        { "ssh-ed25519 AAAA", Damaged },
        { TestKeys.Ed25519.Split(' ')[1], "The type in front of the key is missing" },
        { TestKeys.Line("ssh-ed25519", new SshWriter().String(new byte[31])), Damaged },
        { TestKeys.Line("ssh-ed25519", new SshWriter().String(new byte[32])), "no point of its curve" },
        { TestKeys.Line("ssh-ed25519", new SshWriter().String([1, .. new byte[31]])), "no point of its curve" },
        { TestKeys.Line("ssh-ed25519", new SshWriter().String([.. Enumerable.Repeat((byte)0xff, 32)])), "no point of its curve" },
        { TestKeys.Line("ecdsa-sha2-nistp256", new SshWriter().String("nistp256").String([4, .. new byte[63], 1])), "no point of its curve" },
        { TestKeys.Line("ecdsa-sha2-nistp256", new SshWriter().String("nistp256").String([2, .. new byte[32]])), Damaged },
        { TestKeys.Line("ecdsa-sha2-nistp256", new SshWriter().String("nistp384").String([4, .. new byte[64]])), Damaged },
        { TestKeys.Line("sk-ssh-ed25519@openssh.com", Fields(TestKeys.Ed25519)), Damaged },
        { TestKeys.Line("sk-ssh-ed25519@openssh.com", Fields(TestKeys.Ed25519).String("")), Damaged },
        { TestKeys.Line("sk-ssh-ed25519@openssh.com", Fields(TestKeys.Ed25519).String("ssh:\n")), Damaged },
        { TestKeys.Line("ssh-ed25519", Fields(TestKeys.Ed25519).Byte(0)), "something behind the end of the key" },
        { TestKeys.Line("ssh-rsa", Fields(s_rsa).String("more")), "something behind the end of the key" },
        { $"ssh-rsa {TestKeys.Ed25519.Split(' ')[1]}", "The type in front is not that of the key" },
        { $"ssh-ed25519 {TestKeys.Dsa.Split(' ')[1]}", "The type in front is not that of the key" },
        { $"{TestKeys.Ed25519}\n{TestKeys.Ed25519}\n", Several },
        { $"{TestKeys.Ed25519} alice {TestKeys.Ed25519} bob", Several },
        { TestKeys.Ed25519.Insert(40, "\n"), "spread over several lines" },
        { $"restrict {TestKeys.Ed25519}", "something in front of the key" },
        { $"from=\"10.0.0.1\",command=\"/bin/true ssh\" {TestKeys.Ed25519} alice", "something in front of the key" },
        { $"cert-authority {TestKeys.Ed25519}", "something in front of the key" },
        { new TestAuthority().Sign(TestAuthority.NewKey(), 1, "alice:1"), "This is a certificate" },
        { "ssh-xmss@openssh.com AAAAC3NzaC1lZDI1", "not a public key of an accepted type" },
        { "hello", "not a public key of an accepted type" },
        { "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----", "a public key in another form" },
        { "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----", "a public key in another form" },
        { new string('A', 1024 * 1024), "too long for a public key" },
        { $"{TestKeys.Ed25519} {new string('x', 1024 * 1024)}", "too long for a public key" },
        { "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----", Private },
        { "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIFHDBO\n-----END ENCRYPTED PRIVATE KEY-----", Private },
        { "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\nAAAAIEdn\nPrivate-MAC: 00", Private },
        { "Private-Lines: 1\nAAAAIEdn", Private },
        { "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ", Private },
        { "SSH PRIVATE KEY FILE FORMAT 1.1\n", Private },
        { $"{new string(' ', 1024 * 1024)}-----BEGIN OPENSSH PRIVATE KEY-----", Private },
    };

    public void Dispose() => _keygen.Dispose();

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_is_no_such_key_is_refused_with_a_sentence_of_its_own(string text, string says)
    {
        SshPublicKey.TryParse(text, out var key, out var complaint).ShouldBeFalse();
        key.ShouldBeNull();
        complaint.ShouldNotBeNull().ShouldContain(says);
        complaint.ShouldEndWith(".");
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("rsa", "-b", "3072")]
    [InlineData("ecdsa", "-b", "521")]
    [InlineData("ecdsa", "-m", "PEM")]
    [InlineData("rsa", "-m", "PKCS8")]
    public void A_private_key_of_ssh_keygen_is_refused_and_not_repeated(params string[] type)
    {
        _keygen.Generate("key", ["-t", .. type]);
        var text = File.ReadAllText(_keygen.Path("key"));
        SshPublicKey.TryParse(text, out _, out var complaint).ShouldBeFalse();
        complaint.ShouldNotBeNull().ShouldStartWith(Private);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '-'))
            complaint.ShouldNotContain(line[..8]);
    }

    [Theory]
    [InlineData("ed25519", "256", "ED25519")]
    [InlineData("ecdsa", "256", "ECDSA")]
    [InlineData("ecdsa", "384", "ECDSA")]
    [InlineData("ecdsa", "521", "ECDSA")]
    [InlineData("rsa", "3072", "RSA")]
    [InlineData("rsa", "4096", "RSA")]
    public void Keys_of_ssh_keygen_are_told_as_it_tells_them(string type, string bits, string kind)
    {
        var line = _keygen.Generate("key", "-t", type, "-b", bits, "-C", "alice@example.com");
        SshPublicKey.TryParse(line, out var key, out var complaint).ShouldBeTrue(complaint);
        key!.Kind.ShouldBe(kind);
        Told(key).ShouldBe(_keygen.Run("-l", "-f", _keygen.Path("key.pub")).TrimEnd());
        key.Line.ShouldBe(string.Join(' ', line.Split(' ')[..2]));
    }

    [Fact]
    public void Good_keys_are_taken_and_told_as_ssh_keygen_tells_them() =>
        (from line in s_line from comment in Gen.String[Gen.Char.AlphaNumeric, 1, 20] select $"{line} {comment}").List[1, 20].Sample(
            lines =>
            {
                File.WriteAllLines(_keygen.Path("keys"), lines);
                var told = _keygen.Run("-l", "-f", _keygen.Path("keys")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                lines.Select(line => Told(Parse(line).ShouldNotBeNull())).ShouldBe(told);
            },
            iter: 10,
            threads: 1);

    // Whatever the portal still takes of it, ssh-keygen takes as well and calls it the same.
    [Fact]
    public void Of_broken_keys_nothing_is_taken_that_ssh_keygen_does_not_take() =>
        (from line in s_line
         from at in Gen.Int[0, line.Length - 1]
         from letter in Gen.OneOf(Gen.Char[' ', '~'], Gen.Char)
         from change in Gen.Int[0, s_changes.Length - 1]
         select s_changes[change](line, at, letter)).List[100, 100].Sample(
            lines =>
            {
                var taken = lines.Select(Parse).OfType<SshPublicKey>().ToList();
                if (taken.Count == 0)
                    return;
                File.WriteAllLines(_keygen.Path("keys"), taken.Select(key => $"{key.Line} x"));
                var told = _keygen.Run("-l", "-f", _keygen.Path("keys")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                taken.Select(key => Told(key with { Comment = "x" })).ShouldBe(told);
            },
            iter: 30,
            threads: 1);

    [Fact]
    public void Any_text_is_answered() => Gen.OneOf(Gen.String, Gen.String.Select(text => $"ssh-ed25519 AAAA{text}")).Sample(text =>
        SshPublicKey.TryParse(text, out _, out var complaint).ShouldBe(complaint is null));

    [Fact]
    public void A_comment_does_no_harm()
    {
        var key = Parse($"{TestKeys.Ed25519}  alice\u202e\u0007\u001b[31m @ home \u2066{new string('x', 200)}").ShouldNotBeNull();
        key.Comment.ShouldStartWith("alice[31m @ home x");
        key.Comment.Length.ShouldBe(100);
    }

    [Fact]
    public void Blanks_around_and_between_do_not_matter()
    {
        var line = TestKeys.Ed25519;
        var key = Parse($"\r\n\t{line.Replace(" ", " \t ", StringComparison.Ordinal)}   \n\n").ShouldNotBeNull();
        (key.Line, key.Comment).ShouldBe((line, ""));
    }

    private static SshPublicKey? Parse(string line) => SshPublicKey.TryParse(line, out var key, out _) ? key : null;

    private static string Told(SshPublicKey key) => $"{key.Bits} {key.Fingerprint} {key.Comment} ({key.Kind})";

    private static SshWriter Fields(string line)
    {
        var reader = new SshReader(Convert.FromBase64String(line.Split(' ')[1]));
        reader.Bytes();
        return new SshWriter().Raw(reader.Rest);
    }

    private static string FlipBit(string line, int place, char letter)
    {
        var parts = line.Split(' ');
        var blob = Convert.FromBase64String(parts[1]);
        blob[place % blob.Length] ^= (byte)(1 << (letter % 8));
        return $"{parts[0]} {Convert.ToBase64String(blob)}";
    }

    // Odd, with its highest bit set.
    private static byte[] Modulus(int bits)
    {
        var bytes = RandomNumberGenerator.GetBytes(bits / 8);
        bytes[0] |= 0x80;
        bytes[^1] |= 1;
        return bytes;
    }
}
