using Portal.Features.CloudCredentials.Types;

namespace Portal.Tests.Features.CloudCredentials;

public class PasswordTypeTests
{
    private static readonly PasswordType s_password = new();
    private static readonly HtpasswdType s_htpasswd = new();

    public static TheoryData<string, string> Wishes => new()
    {
        { "", "^[A-Za-z0-9]{32}$" },
        { "randAlphaNum,24", "^[A-Za-z0-9]{24}$" },
        { "randAlpha,8", "^[A-Za-z]{8}$" },
        { "randNumeric,128", "^[0-9]{128}$" },
        { "randAscii,40", "^[!-~]{40}$" },
        { "uuid", "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$" },
    };

    [Theory]
    [MemberData(nameof(Wishes))]
    public void A_password_is_made_as_wished(string wish, string form)
    {
        var first = s_password.Accept(Given(wish))["password"];

        first.ShouldMatch(form);
        s_password.Accept(Given(wish))["password"].ShouldNotBe(first);
    }

    [Theory]
    [InlineData("correct horse, battery")]
    [InlineData("rand,12x")]
    [InlineData("x,12")]
    [InlineData("ünïcode")]
    public void A_password_of_ones_own_is_kept(string password) => s_password.Accept(Given(password))["password"].ShouldBe(password);

    [Theory]
    [InlineData("randAlphaNum,7")]
    [InlineData("randAlphaNum,129")]
    [InlineData("randAlphaNum,99999999999")]
    [InlineData("randHex,24")]
    public void A_wish_that_cannot_be_met_is_no_password(string wish) => s_password.Refuse(Given(wish))["password"].ShouldContain("made by randAlphaNum,24");

    [Theory]
    [InlineData("")]
    [InlineData("randAscii,40")]
    [InlineData("a:b ü$")]
    public void A_line_verifies_the_password(string password)
    {
        var values = s_htpasswd.Accept(Given(password));

        var parts = values["htpasswd"].Split(':', 2);
        parts[0].ShouldBe("program");
        parts[1].ShouldStartWith("$2y$12$");
        BCrypt.Net.BCrypt.Verify(values["password"], parts[1]).ShouldBeTrue();
        BCrypt.Net.BCrypt.Verify("other", parts[1]).ShouldBeFalse();
    }

    [Fact]
    public void A_line_may_stand_by_itself_and_must_fit_what_stands_beside_it()
    {
        var line = $"program:{BCrypt.Net.BCrypt.HashPassword("hunter22", 4)}";

        s_htpasswd.Accept(new Dictionary<string, string> { ["username"] = "program", ["htpasswd"] = line }).Keys.ShouldBe(["username", "htpasswd"], ignoreOrder: true);
        s_htpasswd.Accept(new Dictionary<string, string>(Given("hunter22")) { ["htpasswd"] = line })["htpasswd"].ShouldBe(line);
        s_htpasswd.Refuse(new Dictionary<string, string>(Given("hunter23")) { ["htpasswd"] = line })["htpasswd"].ShouldContain("not that of the password");
        s_htpasswd.Refuse(new Dictionary<string, string> { ["username"] = "other", ["htpasswd"] = line })["htpasswd"].ShouldContain("another user name");
    }

    [Theory]
    [InlineData("program")]
    [InlineData("program:{SHA}fEqNCco3Yq9h5ZUglD3CZJT4lBs=")]
    [InlineData("program:$apr1$x$y")]
    [InlineData("program:$2y$13$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234")]
    [InlineData("program:$2y$15$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234")]
    [InlineData("program:$2y$12$short")]
    public void A_line_is_bcrypt(string line) =>
        s_htpasswd.Refuse(new Dictionary<string, string> { ["username"] = "program", ["htpasswd"] = line })["htpasswd"].ShouldContain("bcrypt");

    [Theory]
    [InlineData("program:$2y$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234")]
    [InlineData("program:$2y$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234")]
    public void A_line_costs_no_more_than_those_made_here(string line) =>
        s_htpasswd.Accept(new Dictionary<string, string> { ["username"] = "program", ["htpasswd"] = line })["htpasswd"].ShouldBe(line);

    [Fact]
    public void What_bcrypt_or_the_file_cannot_hold_is_refused()
    {
        s_htpasswd.Accept(Given(new string('ü', 36)));
        s_htpasswd.Refuse(Given(new string('ü', 36) + "x"))["password"].ShouldContain("72 bytes");
        s_htpasswd.Refuse(Given("randAlphaNum,73"))["password"].ShouldContain("72 bytes");
        s_htpasswd.Refuse(new Dictionary<string, string> { ["username"] = "a:b" })["username"].ShouldContain("colon");
    }

    private static Dictionary<string, string> Given(string password) => new() { ["username"] = "program", ["password"] = password };
}
