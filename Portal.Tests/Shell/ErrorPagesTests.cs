using System.Net;
using Microsoft.AspNetCore.Http;
using Portal.Shell;
using Portal.Tests.Support;

namespace Portal.Tests.Shell;

public sealed class ErrorPagesTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    [Fact]
    public async Task An_address_that_nothing_answers_is_said_in_plain_words()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");

        var page = await alice.GetAsync("/nowhere/<script>");

        page.Status.ShouldBe(HttpStatusCode.NotFound);
        page.Words.ShouldContain("There is nothing here");
        page.Text.ShouldNotContain("nowhere");
        page.Headers["Content-Security-Policy"].ShouldContain("script-src 'nonce-");
    }

    [Fact]
    public async Task Programs_get_no_page()
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Accept = "application/json";

        (await new ErrorPages().TryHandleAsync(context, new InvalidOperationException(), Cancel)).ShouldBeFalse();
    }
}
