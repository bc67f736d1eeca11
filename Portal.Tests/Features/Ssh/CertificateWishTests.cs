using Portal.Features.Ssh;

namespace Portal.Tests.Features.Ssh;

/// <summary>What comes back from Vault is handed out only when it is what was asked for.</summary>
public sealed class CertificateWishTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 24, 3, 0, 0, TimeSpan.Zero);
    private static readonly SshPublicKey s_key = SshPublicKey.TryParse(TestKeys.Ed25519, out var key, out _) ? key : throw new InvalidOperationException();
    private static readonly CertificateWish s_wish = new(s_key, "bob:1", ["deploy", "ubuntu"], ["permit-pty"], TimeSpan.FromHours(1));

    private static readonly SshCertificate s_good = new(
        "", s_key.Blob, 7, SshCertificate.UserType, "bob:1", ["ubuntu", "deploy"], s_now.AddSeconds(-30), s_now.AddHours(1),
        new Dictionary<string, string>(), new Dictionary<string, string> { ["permit-pty"] = "" }, new byte[] { 1 });

    public static TheoryData<string> Others => [.. s_others.Keys];

    private static readonly Dictionary<string, SshCertificate> s_others = new()
    {
        ["host certificate"] = s_good with { Type = 2 },
        ["another key"] = s_good with { Key = new byte[] { 1 } },
        ["another key id"] = s_good with { KeyId = "bob:2" },
        ["a principal more"] = s_good with { Principals = ["ubuntu", "deploy", "root"] },
        ["a principal less"] = s_good with { Principals = ["ubuntu"] },
        ["no principals, which is all of them"] = s_good with { Principals = [] },
        ["an extension more"] = s_good with { Extensions = new Dictionary<string, string> { ["permit-pty"] = "", ["permit-port-forwarding"] = "" } },
        ["an extension less"] = s_good with { Extensions = new Dictionary<string, string>() },
        ["an extension with a value"] = s_good with { Extensions = new Dictionary<string, string> { ["permit-pty"] = "x" } },
        ["a critical option"] = s_good with { CriticalOptions = new Dictionary<string, string> { ["force-command"] = "/bin/true" } },
        ["longer"] = s_good with { ValidBefore = s_now.AddHours(1).AddMinutes(6) },
        ["for ever"] = s_good with { ValidBefore = DateTimeOffset.MaxValue },
        ["long valid before"] = s_good with { ValidAfter = s_now.AddMinutes(-2) },
        ["over already"] = s_good with { ValidAfter = s_now.AddHours(-1), ValidBefore = s_now },
    };

    [Fact]
    public void What_was_asked_for_is_fine() => s_wish.Deviation(s_good, s_now).ShouldBeNull();

    [Fact]
    public void Clocks_may_differ_by_minutes() =>
        s_wish.Deviation(s_good with { ValidAfter = s_now.AddMinutes(3), ValidBefore = s_now.AddMinutes(63) }, s_now).ShouldBeNull();

    [Theory]
    [MemberData(nameof(Others))]
    public void Anything_else_is_not(string what) => s_wish.Deviation(s_others[what], s_now).ShouldNotBeNull();

    [Theory]
    [InlineData("bob", "bob")]
    [InlineData("o'neil", "o-neil")]
    [InlineData("a:b", "a-b")]
    [InlineData("bob\n\"x\"", "bob--x-")]
    [InlineData("jürgen@example.com", "j-rgen@example.com")]
    public void The_key_id_names_login_and_credential_and_does_no_harm(string login, string plain)
    {
        var id = Guid.CreateVersion7();
        CertificateWish.KeyIdOf(login, id).ShouldBe($"{plain}:{id}");
    }

    [Fact]
    public void A_long_login_is_cut() => CertificateWish.KeyIdOf(new string('x', 500), Guid.Empty).Length.ShouldBe(50 + 1 + 36);

    [Fact]
    public void Any_bytes_in_the_place_of_a_certificate_are_answered()
    {
        var good = new TestAuthority().Sign(TestAuthority.NewKey(), 7, "bob:1");
        SshCertificate.TryParse(good, out var certificate).ShouldBeTrue();
        (certificate!.Serial, certificate.KeyId, certificate.ValidBefore).ShouldBe((7UL, "bob:1", DateTimeOffset.FromUnixTimeSeconds(253402300799)));
        var blob = Convert.FromBase64String(good.Split(' ')[1]);
        for (var length = 0; length < blob.Length; length++)
            SshCertificate.TryParse($"{good.Split(' ')[0]} {Convert.ToBase64String(blob, 0, length)}", out _).ShouldBeFalse();
        foreach (var text in new[] { "", "x", "ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519-cert-v01@openssh.com ====", $"ssh-rsa-cert-v01@openssh.com {good.Split(' ')[1]}", TestKeys.Ed25519 })
            SshCertificate.TryParse(text, out _).ShouldBeFalse();
    }
}
