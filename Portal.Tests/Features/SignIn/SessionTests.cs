using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Audit;
using Portal.Features.SignIn;
using Portal.Tests.Support;

namespace Portal.Tests.Features.SignIn;

public class SessionTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_that_nobody_uses_ends_after_an_hour()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        await host.SignInAsync(browser, "alice");

        host.Time.Advance(59 * s_minute);
        (await SignInHost.WhoAsync(browser)).ShouldBe("alice");
        host.Time.Advance(59 * s_minute);
        (await SignInHost.WhoAsync(browser)).ShouldBe("alice", "it was used in between");
        host.Time.Advance(61 * s_minute);
        (await SignInHost.WhoAsync(browser)).ShouldBe("nobody");
    }

    [Fact]
    public async Task A_session_in_constant_use_ends_after_twelve_hours()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        await host.SignInAsync(browser, "alice");

        for (var i = 0; i < 23; i++)
        {
            host.Time.Advance(30 * s_minute);
            (await SignInHost.WhoAsync(browser)).ShouldBe("alice");
        }

        host.Time.Advance(31 * s_minute);
        (await SignInHost.WhoAsync(browser)).ShouldBe("nobody");
    }

    [Fact]
    public async Task Settings_shorten_both()
    {
        await using var host = await SignInHost.StartAsync(("SignIn:SessionLifetime", "00:20:00"), ("SignIn:IdleTimeout", "00:10:00"));
        using var idle = host.OpenBrowser();
        using var busy = host.OpenBrowser();
        await host.SignInAsync(idle, "alice");
        await host.SignInAsync(busy, "bob");

        host.Time.Advance(9 * s_minute);
        (await SignInHost.WhoAsync(busy)).ShouldBe("bob");
        host.Time.Advance(9 * s_minute);
        (await SignInHost.WhoAsync(idle)).ShouldBe("nobody");
        (await SignInHost.WhoAsync(busy)).ShouldBe("bob");
        host.Time.Advance(3 * s_minute);
        (await SignInHost.WhoAsync(busy)).ShouldBe("nobody");
    }

    [Fact]
    public async Task A_tab_that_only_keeps_its_connection_is_not_in_use()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        await host.SignInAsync(browser, "alice");

        for (var i = 0; i < 4; i++)
        {
            host.Time.Advance(20 * s_minute);
            await browser.GetAsync("/_blazor?id=abc");
            await browser.PostAsync("/_blazor/negotiate");
            await browser.GetAsync("/livez", accept: "*/*");
            await browser.GetAsync("/js/portal.js", accept: "*/*");
        }

        (await SignInHost.WhoAsync(browser)).ShouldBe("nobody");
    }

    [Fact]
    public async Task Use_is_written_down_once_a_minute_at_most()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        await host.SignInAsync(browser, "alice");
        var signedInAt = host.Time.GetUtcNow();

        host.Time.Advance(TimeSpan.FromSeconds(59));
        await SignInHost.WhoAsync(browser);
        (await host.ReadAsync(db => db.Sessions.SingleAsync())).LastUsedAt.ShouldBe(signedInAt);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        await SignInHost.WhoAsync(browser);
        (await host.ReadAsync(db => db.Sessions.SingleAsync())).LastUsedAt.ShouldBe(signedInAt + s_minute);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_on_the_server()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        using var thief = host.OpenBrowser();
        var home = await host.SignInAsync(browser, "alice");
        thief.SetCookie("__Host-portal", browser.CookiesOf(SignInHost.Home)["__Host-portal"]);
        (await SignInHost.WhoAsync(thief)).ShouldBe("alice");

        var page = await browser.FollowAsync(await browser.SubmitAsync(home, "/sign-out"));

        page.Address.AbsolutePath.ShouldBe("/signed-out");
        page.Words.ShouldContain("You are signed out");
        page.Headers["Cache-Control"].ShouldContain("no-store");
        browser.CookiesOf(SignInHost.Home).Keys.ShouldNotContain("__Host-portal");
        (await SignInHost.WhoAsync(thief)).ShouldBe("nobody");
        var entry = await host.ReadAsync(db => db.AuditEvents.OrderByDescending(audited => audited.Id).FirstAsync());
        (entry.Action, entry.ActorLogin, entry.Outcome).ShouldBe(("sign-out", "alice", "ok"));
        await Eventually.TrueAsync(async () => (await host.ReadTokensAsync()).Count == 0, "Vault holds no token");
        await Eventually.TrueAsync(() => Task.FromResult(host.GitHub.State.CountTokensOf("alice") == 0), "GitHub knows no token");
    }

    [Fact]
    public async Task The_token_stays_while_another_browser_is_signed_in()
    {
        await using var host = await SignInHost.StartAsync();
        using var laptop = host.OpenBrowser();
        using var phone = host.OpenBrowser();
        var home = await host.SignInAsync(laptop, "alice");
        await host.SignInAsync(phone, "alice");
        host.GitHub.State.CountTokensOf("alice").ShouldBe(1, "the one before is not needed any more");

        await laptop.SubmitAsync(home, "/sign-out");
        await host.Get<SessionSweep>().RunOnceAsync(Cancel);

        (await SignInHost.WhoAsync(phone)).ShouldBe("alice");
        (await host.ReadTokensAsync()).Count.ShouldBe(1);

    }

    [Fact]
    public async Task Another_site_cannot_sign_anybody_out_or_in()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        (await browser.PostAsync("/sign-in/github", ("returnUrl", "/"))).Status.ShouldBe(HttpStatusCode.BadRequest);
        await host.SignInAsync(browser, "alice");

        var page = await browser.PostAsync("/sign-out");

        page.Status.ShouldBe(HttpStatusCode.BadRequest);
        (await SignInHost.WhoAsync(browser)).ShouldBe("alice");
        // The page that says so can do it.
        (await browser.FollowAsync(await browser.SubmitAsync(page, "Sign out"))).Address.AbsolutePath.ShouldBe("/signed-out");
        (await SignInHost.WhoAsync(browser)).ShouldBe("nobody");
    }

    [Fact]
    public async Task Signing_out_twice_is_no_trouble()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        var home = await host.SignInAsync(browser, "alice");
        await browser.SubmitAsync(home, "/sign-out");

        (await browser.FollowAsync(await browser.SubmitAsync(home, "/sign-out"))).Words.ShouldContain("You are signed out");
    }

    [Fact]
    public async Task The_second_of_two_tabs_with_the_sign_in_page_just_goes_on()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        var one = await browser.GetAsync("/sign-in?returnUrl=/databases");
        var other = await browser.GetAsync("/sign-in?returnUrl=/health");
        var challenge = await browser.SubmitAsync(one, "Sign in with GitHub");
        await browser.FollowAsync(await SignInHost.AnswerAtGitHubAsync(browser, challenge.Location!, ("user", "alice")));

        (await browser.SubmitAsync(other, "Sign in with GitHub")).Location!.AbsolutePath.ShouldBe("/health");
        (await browser.GetAsync("/sign-in?returnUrl=/audit")).Location!.AbsolutePath.ShouldBe("/audit");
    }

    [Fact]
    public async Task Two_tabs_at_GitHub_at_once_both_arrive_and_leave_one_session()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        var one = await host.SignInUntilCallbackAsync(browser, "alice", "/databases");
        var other = await host.SignInUntilCallbackAsync(browser, "bob", "/health");

        (await browser.FollowAsync(one)).Address.AbsolutePath.ShouldBe("/databases");
        var firstCookie = browser.CookiesOf(SignInHost.Home)["__Host-portal"];
        (await browser.FollowAsync(other)).Address.AbsolutePath.ShouldBe("/health");

        (await SignInHost.WhoAsync(browser)).ShouldBe("bob");
        (await host.ReadAsync(db => db.Sessions.Include(session => session.User).SingleAsync())).User.Login.ShouldBe("bob");
        using var thief = host.OpenBrowser();
        thief.SetCookie("__Host-portal", firstCookie);
        (await SignInHost.WhoAsync(thief)).ShouldBe("nobody", "a sign-in never takes over the key that the browser came with");
    }

    [Fact]
    public async Task The_database_holds_the_keys_hash_alone_and_a_made_up_cookie_is_nobodys()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        await host.SignInAsync(browser, "alice");

        (await host.ReadAsync(db => db.Sessions.SingleAsync())).KeyHash.Length.ShouldBe(32);
        var cookie = browser.CookiesOf(SignInHost.Home)["__Host-portal"];
        cookie.ShouldNotContain("alice");
        foreach (var forged in (string[])["", "x", cookie[..^2] + "AA", SessionKey.Create().Text])
        {
            using var forger = host.OpenBrowser();
            forger.SetCookie("__Host-portal", forged);
            (await SignInHost.WhoAsync(forger)).ShouldBe("nobody", forged);
        }
    }

    [Fact]
    public async Task What_is_over_is_swept_with_its_token_once_Vault_can()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        await host.SignInAsync(browser, "alice");
        await host.Vault.Control.SealAsync(Cancel);

        host.Time.Advance(61 * s_minute);
        await host.Get<SessionSweep>().RunOnceAsync(Cancel);

        (await host.ReadAsync(db => db.Sessions.CountAsync())).ShouldBe(0);
        var entry = await host.ReadAsync(db => db.AuditEvents.SingleAsync(audited => audited.Action == "session.expire"));
        (entry.ActorLogin, entry.Detail).ShouldBe(("alice", "not used"));
        await host.Vault.Control.UnsealAsync(Cancel);
        (await host.ReadTokensAsync()).Count.ShouldBe(1);

        await host.Get<SessionSweep>().RunOnceAsync(Cancel);

        (await host.ReadTokensAsync()).ShouldBeEmpty();
        host.GitHub.State.CountTokensOf("alice").ShouldBe(0);
        (await host.ReadAsync(db => db.Users.SingleAsync())).TokenKept.ShouldBeFalse();
    }

    [Fact]
    public async Task The_sweep_runs_by_itself()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        await host.SignInAsync(browser, "alice");

        host.Time.Advance(61 * s_minute);

        await Eventually.TrueAsync(async () => (await host.ReadTokensAsync()).Count == 0, "the token of an ended session is deleted");
    }

    [Theory]
    [InlineData("/browser/databases/shop-readonly/credentials")]
    [InlineData("/_blazor/negotiate")]
    public async Task A_script_without_session_is_told_so_in_its_own_language(string path)
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();

        var answer = await browser.PostAsync(path);

        answer.Status.ShouldBe(HttpStatusCode.Unauthorized);
        JsonDocument.Parse(answer.Text).RootElement.GetProperty("type").GetString().ShouldBe("urn:portal:signed-out");
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/databases")]
    [InlineData("/nothing/here")]
    public async Task Pages_send_who_is_not_signed_in_to_the_door(string path)
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();

        var page = await browser.GetAsync(path);

        page.Status.ShouldBe(HttpStatusCode.Found);
        page.Location!.AbsolutePath.ShouldBe("/sign-in");
        (await browser.FollowAsync(page)).Words.ShouldContain("Sign in with GitHub");
    }

    [Fact]
    public async Task The_browsers_address_comes_from_trusted_proxies_alone()
    {
        await using var host = await SignInHost.StartAsync(("Portal:TrustedProxies:0", "10.0.0.0/8"));
        var options = host.Get<Microsoft.Extensions.Options.IOptions<Microsoft.AspNetCore.Builder.ForwardedHeadersOptions>>().Value;

        options.KnownProxies.ShouldBeEmpty();
        options.KnownIPNetworks.ShouldHaveSingleItem().ToString().ShouldBe("10.0.0.0/8");
        options.ForwardedHeaders.ShouldBe(Microsoft.AspNetCore.HttpOverrides.ForwardedHeaders.XForwardedFor);
    }

    [Fact]
    public async Task The_sign_in_form_may_end_at_GitHub_and_nowhere_else()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();

        var policy = (await browser.GetAsync("/sign-in")).Headers["Content-Security-Policy"];

        policy.ShouldEndWith($"form-action 'self' {host.GitHub.Address.GetLeftPart(UriPartial.Authority)}");
    }
}
