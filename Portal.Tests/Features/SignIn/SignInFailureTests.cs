using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Audit;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Sandbox;
using Portal.Sandbox.GitHub;

namespace Portal.Tests.Features.SignIn;

public class SignInFailureTests
{
    [Fact]
    public async Task Who_says_no_at_GitHub_is_told_what_that_means()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        var challenge = await browser.SubmitAsync(await browser.GetAsync("/sign-in?returnUrl=/databases"), "Sign in with GitHub");

        var page = await browser.FollowAsync(await SignInHost.AnswerAtGitHubAsync(browser, challenge.Location!, ("cancel", "1")));

        ShouldBe(page, HttpStatusCode.Forbidden, "You said no at GitHub");
        var again = await browser.SubmitAsync(page, "Sign in with GitHub");
        (await browser.FollowAsync(await SignInHost.AnswerAtGitHubAsync(browser, again.Location!, ("user", "alice")))).Address.AbsolutePath.ShouldBe("/databases");
    }

    [Fact]
    public async Task Eve_is_refused_by_name_and_may_choose_another_account()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();

        var page = await host.SignInAsync(browser, "eve", "/databases");

        ShouldBe(page, HttpStatusCode.Forbidden, "You signed in as eve, who is in no organisation that this portal admits.");
        page.Words.ShouldContain("Ask an owner of your organisation");
        page.Text.ShouldContain($"/settings/connections/applications/{new GitHubServerOptions().ClientId}");
        Regex.IsMatch(page.Words, "say this: [0-9a-f]{32}").ShouldBeTrue(page.Words);
        (await host.ReadAsync(db => db.Users.CountAsync())).ShouldBe(0);
        (await host.ReadTokensAsync()).ShouldBeEmpty();
        var entry = await host.ReadAsync(db => db.AuditEvents.SingleAsync());
        (entry.Action, entry.ActorLogin, entry.Object, entry.Outcome, entry.Detail).ShouldBe(("sign-in", "eve", "github 105", "refused", "NotAdmitted"));

        var other = await browser.SubmitAsync(page, "Use another account");
        QueryHelpers.ParseQuery(other.Location!.Query)["prompt"].ToString().ShouldBe("select_account");
        (await browser.FollowAsync(await SignInHost.AnswerAtGitHubAsync(browser, other.Location, ("user", "alice")))).Address.AbsolutePath.ShouldBe("/databases");
    }

    [Fact]
    public async Task The_token_of_somebody_refused_ends_at_GitHub()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        using var later = host.OpenBrowser();

        await host.SignInAsync(browser, "eve");

        await host.SignInAsync(later, "alice");
        var token = (await host.ReadTokensAsync()).Single().Value;
        await Should.NotThrowAsync(() => host.Get<GitHubClient>().GetUserAsync(token, TestContext.Current.CancellationToken));
        host.GitHub.State.CountTokensOf("eve").ShouldBe(0);
        host.GitHub.State.CountTokensOf("alice").ShouldBe(1);
    }

    [Fact]
    public async Task Without_configured_organisations_nobody_enters()
    {
        await using var host = await SignInHost.StartAsync(("SignIn:GitHub:Organizations:0", null));
        using var browser = host.OpenBrowser();

        ShouldBe(await host.SignInAsync(browser, "dave"), HttpStatusCode.Forbidden, "You signed in as dave, who is in no organisation");
    }

    [Theory]
    [InlineData("ACME", true)]
    [InlineData("1001", true)]
    [InlineData("1002", false)]
    [InlineData("acm", false)]
    public async Task An_organisation_is_named_by_login_or_by_number(string organization, bool admits)
    {
        await using var host = await SignInHost.StartAsync(("SignIn:GitHub:Organizations:0", organization));
        using var browser = host.OpenBrowser();

        (await host.SignInAsync(browser, "alice")).Status.ShouldBe(admits ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_invitation_that_nobody_took_is_no_membership()
    {
        await using var host = await SignInHost.StartAsync();
        host.GitHub.State.AddToOrganization("acme", "eve", active: false);
        using var browser = host.OpenBrowser();

        ShouldBe(await host.SignInAsync(browser, "eve"), HttpStatusCode.Forbidden, "who is in no organisation");
    }

    [Theory]
    [InlineData("acme", true)]
    [InlineData("1001", false)]
    public async Task An_organisation_behind_SAML_shows_the_way_to_authorise(string organization, bool withLink)
    {
        await using var host = await SignInHost.StartAsync(("SignIn:GitHub:Organizations:0", organization));
        host.GitHub.State.EnforceSaml("acme");
        using var browser = host.OpenBrowser();

        var page = await host.SignInAsync(browser, "alice");

        ShouldBe(page, HttpStatusCode.Forbidden, "One more step at GitHub");
        page.Words.ShouldContain("You signed in as alice");
        page.Text.ShouldContain(withLink ? new Uri(host.GitHub.Address, "orgs/acme/sso").AbsoluteUri : "/settings/connections/applications/");

        host.GitHub.State.AuthorizeSaml("acme", "alice");
        var again = await browser.SubmitAsync(page, "Sign in again");
        (await browser.FollowAsync(await SignInHost.AnswerAtGitHubAsync(browser, again.Location!, ("user", "alice")))).Status.ShouldBe(HttpStatusCode.OK);
        (await SignInHost.WhoAsync(browser)).ShouldBe("alice");
    }

    [Fact]
    public async Task SAML_of_an_organisation_that_nobody_asks_for_is_not_the_reason()
    {
        await using var host = await SignInHost.StartAsync();
        host.GitHub.State.EnforceSaml("elsewhere");
        using var browser = host.OpenBrowser();

        ShouldBe(await host.SignInAsync(browser, "eve"), HttpStatusCode.Forbidden, "who is in no organisation");
    }

    [Fact]
    public async Task Taking_read_org_away_is_explained()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        var challenge = await browser.SubmitAsync(await browser.GetAsync("/sign-in"), "Sign in with GitHub");

        var page = await browser.FollowAsync(
            await SignInHost.AnswerAtGitHubAsync(browser, challenge.Location!, ("user", "alice"), ("narrowed", "1"), ("granted", "read:user")));

        ShouldBe(page, HttpStatusCode.Forbidden, "The portal cannot see your teams");
        host.GitHub.State.CountTokensOf("alice").ShouldBe(0);
    }

    [Theory]
    [InlineData("bad_verification_code", HttpStatusCode.BadRequest, "This sign-in is out of date")]
    [InlineData("incorrect_client_credentials", HttpStatusCode.BadGateway, "The portal is not set up right")]
    [InlineData("redirect_uri_mismatch", HttpStatusCode.BadGateway, "The portal is not set up right")]
    [InlineData("unverified_user_email", HttpStatusCode.Forbidden, "Verify your email address")]
    [InlineData("something_new", HttpStatusCode.BadGateway, "That did not work")]
    public async Task Errors_of_the_token_endpoint_arrive_with_status_200_and_are_told_apart(string error, HttpStatusCode status, string words)
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        host.GitHub.State.Troubles.NextTokenError = error;

        ShouldBe(await host.SignInAsync(browser, "alice"), status, words);
        (await SignInHost.WhoAsync(browser)).ShouldBe("nobody");
    }

    [Fact]
    public async Task A_suspended_application_is_said_to_be_suspended()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        host.GitHub.State.Troubles.ApplicationSuspended = true;

        var challenge = await browser.SubmitAsync(await browser.GetAsync("/sign-in"), "Sign in with GitHub");

        ShouldBe(await browser.FollowAsync(challenge), HttpStatusCode.BadGateway, "The portal is suspended at GitHub");
    }

    [Fact]
    public async Task A_wrong_client_secret_is_no_riddle()
    {
        await using var host = await SignInHost.StartAsync(("SignIn:GitHub:ClientSecret", "canary-secret"));
        using var browser = host.OpenBrowser();

        var page = await host.SignInAsync(browser, "alice");

        ShouldBe(page, HttpStatusCode.BadGateway, "client id, client secret and callback address");
        page.Text.ShouldNotContain("canary-secret");
        host.Log.Text.ShouldNotContain("canary-secret");
    }

    [Fact]
    public async Task GitHub_that_fails_after_the_person_agreed_is_away_and_then_well_again()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        var callback = await host.SignInUntilCallbackAsync(browser, "alice");
        host.GitHub.State.Troubles.Unavailable = true;

        var page = await browser.FollowAsync(callback);

        ShouldBe(page, HttpStatusCode.BadGateway, "Try again");
        host.GitHub.State.Troubles.Clear();
        var again = await browser.SubmitAsync(page, "Try again");
        (await browser.FollowAsync(await SignInHost.AnswerAtGitHubAsync(browser, again.Location!, ("user", "alice")))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task GitHub_that_refuses_connections_is_away()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        var callback = await host.SignInUntilCallbackAsync(browser, "alice");
        await host.GitHub.StopAsync();

        ShouldBe(await browser.FollowAsync(callback), HttpStatusCode.BadGateway, "GitHub does not answer");
    }

    [Theory]
    [InlineData(RateLimitTrouble.Forbidden)]
    [InlineData(RateLimitTrouble.TooManyRequests)]
    [InlineData(RateLimitTrouble.Secondary)]
    public async Task A_rate_limit_is_no_refusal(RateLimitTrouble trouble)
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        host.GitHub.State.Troubles.RateLimit = trouble;

        ShouldBe(await host.SignInAsync(browser, "alice"), HttpStatusCode.BadGateway, "GitHub does not answer");
    }

    [Fact]
    public async Task Vault_away_leaves_nothing_half_done()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        await host.Vault.Control.SealAsync(TestContext.Current.CancellationToken);

        var page = await host.SignInAsync(browser, "alice", "/databases");

        ShouldBe(page, HttpStatusCode.ServiceUnavailable, "You are alice, and may enter.");
        (await SignInHost.WhoAsync(browser)).ShouldBe("nobody");
        (await host.ReadAsync(db => db.Sessions.CountAsync())).ShouldBe(0);
        (await host.ReadAsync(db => db.Memberships.CountAsync())).ShouldBe(0);
        host.GitHub.State.CountTokensOf("alice").ShouldBe(0);

        await host.Vault.Control.UnsealAsync(TestContext.Current.CancellationToken);
        var again = await browser.SubmitAsync(page, "Try again");
        (await browser.FollowAsync(await SignInHost.AnswerAtGitHubAsync(browser, again.Location!, ("user", "alice")))).Address.AbsolutePath.ShouldBe("/databases");
    }

    [Fact]
    public async Task Vault_away_at_a_second_sign_in_leaves_the_first_session_alone()
    {
        await using var host = await SignInHost.StartAsync();
        using var first = host.OpenBrowser();
        using var second = host.OpenBrowser();
        await host.SignInAsync(first, "alice");
        await host.Vault.Control.SealAsync(TestContext.Current.CancellationToken);
        ShouldBe(await host.SignInAsync(second, "alice"), HttpStatusCode.ServiceUnavailable, "Vault does not answer");
        await host.Vault.Control.UnsealAsync(TestContext.Current.CancellationToken);

        (await SignInHost.WhoAsync(first)).ShouldBe("alice");
        host.GitHub.State.CountTokensOf("alice").ShouldBe(2, "Vault could have written the second one");
    }

    private static void ShouldBe(Page page, HttpStatusCode status, string words)
    {
        page.Words.ShouldContain(words);
        page.Status.ShouldBe(status);
        page.Headers["Cache-Control"].ShouldContain("no-store");
        page.Text.ShouldNotContain("   at ");
    }
}
