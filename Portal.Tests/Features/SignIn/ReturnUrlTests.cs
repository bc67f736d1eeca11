using Portal.Features.SignIn;

namespace Portal.Tests.Features.SignIn;

public class ReturnUrlTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/databases")]
    [InlineData("/databases?role=shop-readonly&for=3600#why")]
    [InlineData("/a%20b?q=https://evil.example")]
    [InlineData("/sign-ins")]
    public void A_path_of_the_portal_stays(string path) => ReturnUrl.Local(path).ShouldBe(path);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("databases")]
    [InlineData("//evil.example")]
    [InlineData("///evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("https://portal.example/databases")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\n/evil.example")]
    [InlineData("\t//evil.example")]
    [InlineData("/databases\r\nSet-Cookie: a=b")]
    [InlineData("/\0")]
    [InlineData("/..//evil.example")]
    [InlineData("/.//evil.example")]
    [InlineData("/a/..//evil.example")]
    [InlineData("/%2e%2e//evil.example")]
    [InlineData("/a\\..\\evil")]
    [InlineData("/sign-in?returnUrl=/")]
    [InlineData("/sign-in/github/callback?code=1")]
    [InlineData("/SIGN-OUT")]
    [InlineData("/signed-out")]
    [InlineData("/x/../sign-in")]
    [InlineData("/_blazor/negotiate")]
    [InlineData("/browser/databases")]
    public void Anything_else_goes_home(string? value) => ReturnUrl.Local(value).ShouldBe("/");

    [Fact]
    public void What_is_too_long_goes_home() => ReturnUrl.Local("/" + new string('a', 3000)).ShouldBe("/");

    [Fact]
    public void The_result_can_stand_in_a_header() => ReturnUrl.Local("/größe?q=日本").ShouldAllBe(c => c > 0x20 && c < 0x7f);

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example/")]
    public async Task A_hostile_one_does_not_survive_the_way_through_GitHub(string hostile)
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();

        (await host.SignInAsync(browser, "alice", hostile)).Address.AbsoluteUri.ShouldBe("https://portal.example/");
        // And when the browser is signed in already.
        (await browser.GetAsync($"/sign-in?returnUrl={Uri.EscapeDataString(hostile)}")).Location!.AbsoluteUri.ShouldBe("https://portal.example/");
    }
}
