using System.Net;
using Microsoft.AspNetCore.WebUtilities;
using Portal.Sandbox.GitHub;

namespace Portal.Tests.Sandbox;

public sealed class GitHubOAuthTests : GitHubTests
{
    [Fact]
    public async Task The_page_offers_everyone_and_escapes_what_they_call_themselves()
    {
        State.AddUser("mallory--_9", "<script>alert(1)</script>");

        using var page = await Visitor.OpenAsync(GitHubVisitor.Request(("state", "\"><img src=x>")));

        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        html.ShouldContain("value=\"alice\"");
        html.ShouldContain("value=\"mallory--_9\"");
        html.ShouldNotContain("<script");
        html.ShouldNotContain("<img");
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("form-action 'self' http://127.0.0.1:5080");
    }

    [Fact]
    public async Task A_choice_comes_back_as_code_with_the_state_and_the_code_is_worth_a_token_of_that_person()
    {
        var callback = await Visitor.ChooseAsync("alice");
        var answer = await Visitor.ExchangeAsync(callback["code"]);

        callback["state"].ShouldBe("a state");
        answer["token_type"]!.ToString().ShouldBe("bearer");
        answer["scope"]!.ToString().ShouldBe("read:org,read:user,user:email");
        var token = answer["access_token"]!.ToString();
        token.ShouldStartWith("gho_");
        (await Visitor.ReadAsync("/api/v3/user", token))["login"]!.ToString().ShouldBe("alice");
    }

    [Fact]
    public async Task A_cancel_comes_back_as_access_denied()
    {
        var callback = await Visitor.ChooseAsync(null);

        callback["error"].ShouldBe("access_denied");
        callback["state"].ShouldBe("a state");
        callback.Keys.ShouldNotContain("code");
    }

    [Theory]
    [InlineData("http://127.0.0.1:5080/elsewhere")]
    [InlineData("http://127.0.0.1:5080/sign-in/github/callback-of-another")]
    [InlineData("http://127.0.0.1:5080/sign-in/github/callback/../../../x")]
    [InlineData("https://127.0.0.1:5080/sign-in/github/callback")]
    [InlineData("http://example.com/sign-in/github/callback")]
    [InlineData("http://user@127.0.0.1/sign-in/github/callback")]
    [InlineData("javascript:alert(1)")]
    [InlineData("nonsense")]
    public async Task A_callback_that_is_not_registered_is_told_to_the_registered_one(string callback)
    {
        using var answer = await Visitor.OpenAsync(GitHubVisitor.Request(("redirect_uri", callback)));

        answer.Headers.Location!.GetLeftPart(UriPartial.Path).ShouldBe("http://127.0.0.1/sign-in/github/callback");
        GitHubVisitor.Parameters(answer)["error"].ShouldBe("redirect_uri_mismatch");
    }

    [Fact]
    public async Task The_port_counts_but_for_loopback_addresses()
    {
        await using var server = await GitHubServer.StartAsync(new GitHubServerOptions { CallbackUrls = [new("https://portal.example/callback")] });
        using var visitor = new GitHubVisitor(server);

        using var same = await visitor.OpenAsync(GitHubVisitor.Request(("redirect_uri", "https://portal.example/callback/below")));
        using var other = await visitor.OpenAsync(GitHubVisitor.Request(("redirect_uri", "https://portal.example:444/callback")));

        same.StatusCode.ShouldBe(HttpStatusCode.OK);
        GitHubVisitor.Parameters(other)["error"].ShouldBe("redirect_uri_mismatch");
    }

    [Fact]
    public async Task An_unknown_application_is_not_found()
    {
        using var answer = await Visitor.OpenAsync(GitHubVisitor.Request(("client_id", "another")));

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_plain_challenge_is_refused()
    {
        using var answer = await Visitor.OpenAsync(GitHubVisitor.Request(("code_challenge_method", "plain")));

        GitHubVisitor.Parameters(answer)["error"].ShouldBe("invalid_request");
    }

    [Theory]
    [InlineData("another-verifier-of-forty-three-characters-or-so")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_wrong_or_missing_verifier_gets_nothing_and_uses_the_code_up(string? verifier)
    {
        var code = (await Visitor.ChooseAsync("alice"))["code"];

        (await Visitor.ExchangeAsync(code, ("code_verifier", verifier)))["error"]!.ToString().ShouldBe("bad_verification_code");
        (await Visitor.ExchangeAsync(code))["error"]!.ToString().ShouldBe("bad_verification_code");
    }

    [Fact]
    public async Task Without_a_challenge_no_verifier_is_asked_for()
    {
        var code = (await Visitor.ChooseAsync("alice", ("code_challenge", null), ("code_challenge_method", null)))["code"];

        (await Visitor.ExchangeAsync(code, ("code_verifier", null))).ShouldContainKey("access_token");
    }

    [Fact]
    public async Task A_code_works_once()
    {
        var code = (await Visitor.ChooseAsync("alice"))["code"];
        await Visitor.ExchangeAsync(code);

        var again = await Visitor.ExchangeAsync(code);

        again["error"]!.ToString().ShouldBe("bad_verification_code");
        again["error_description"]!.ToString().ShouldBe("The code passed is incorrect or expired.");
        again.ShouldContainKey("error_uri");
    }

    [Fact]
    public async Task A_code_lives_ten_minutes()
    {
        var early = (await Visitor.ChooseAsync("alice"))["code"];
        var late = (await Visitor.ChooseAsync("alice"))["code"];

        Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        (await Visitor.ExchangeAsync(early)).ShouldContainKey("access_token");
        Clock.Advance(TimeSpan.FromSeconds(1));
        (await Visitor.ExchangeAsync(late))["error"]!.ToString().ShouldBe("bad_verification_code");
    }

    [Fact]
    public async Task A_wrong_secret_does_not_use_the_code_up()
    {
        var code = (await Visitor.ChooseAsync("alice"))["code"];

        (await Visitor.ExchangeAsync(code, ("client_secret", "wrong")))["error"]!.ToString().ShouldBe("incorrect_client_credentials");
        (await Visitor.ExchangeAsync(code)).ShouldContainKey("access_token");
    }

    [Fact]
    public async Task The_callback_must_be_the_one_of_the_code()
    {
        var code = (await Visitor.ChooseAsync("alice"))["code"];

        var answer = await Visitor.ExchangeAsync(code, ("redirect_uri", GitHubVisitor.Callback + "/other"));

        answer["error"]!.ToString().ShouldBe("redirect_uri_mismatch");
    }

    [Fact]
    public async Task Without_a_verified_address_there_is_no_token()
    {
        State.ChangeUser("alice", user => user with { Emails = [new GitHubEmail("alice@acme.example", Verified: false)] });

        var answer = await Visitor.ExchangeAsync((await Visitor.ChooseAsync("alice"))["code"]);

        answer["error"]!.ToString().ShouldBe("unverified_user_email");
    }

    [Fact]
    public async Task An_ordered_error_is_answered_once_with_status_200()
    {
        State.Troubles.NextTokenError = "bad_verification_code";
        var code = (await Visitor.ChooseAsync("alice"))["code"];

        (await Visitor.ExchangeAsync(code))["error"]!.ToString().ShouldBe("bad_verification_code");
        (await Visitor.ExchangeAsync(code)).ShouldContainKey("access_token");
    }

    [Fact]
    public async Task A_suspended_application_is_refused_at_both_ends()
    {
        var code = (await Visitor.ChooseAsync("alice"))["code"];
        State.Troubles.ApplicationSuspended = true;

        (await Visitor.ChooseAsync("alice"))["error"].ShouldBe("application_suspended");
        (await Visitor.ExchangeAsync(code))["error"]!.ToString().ShouldBe("application_suspended");
    }

    [Fact]
    public async Task Scopes_can_be_narrowed_but_not_widened()
    {
        var callback = await Visitor.ChooseAsync("alice", ("scope", "read:user read:org"), ("narrowed", "true"), ("granted", "read:org"));
        var widened = await Visitor.ChooseAsync("alice", ("scope", "read:user read:org"), ("narrowed", "true"), ("granted", "admin:org"));

        (await Visitor.ExchangeAsync(callback["code"]))["scope"]!.ToString().ShouldBe("read:org");
        (await Visitor.ExchangeAsync(widened["code"]))["scope"]!.ToString().ShouldBe("");
    }

    [Fact]
    public async Task The_answer_is_a_form_unless_JSON_is_asked_for()
    {
        using var answer = await Visitor.PostTokenAsync("*/*", new() { ["client_id"] = new GitHubServerOptions().ClientId });

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/x-www-form-urlencoded");
        var form = QueryHelpers.ParseQuery(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        form["error"].ToString().ShouldBe("incorrect_client_credentials");
    }

    [Fact]
    public async Task The_eleventh_token_of_a_person_and_scope_ends_the_first()
    {
        var other = await Visitor.SignInAsync("alice", "read:user");
        var first = await Visitor.SignInAsync("alice");
        var second = await Visitor.SignInAsync("alice");
        for (var number = 3; number <= 11; number++)
            await Visitor.SignInAsync("alice");

        (await Visitor.GetAsync("/api/v3/user", first)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Visitor.GetAsync("/api/v3/user", second)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Visitor.GetAsync("/api/v3/user", other)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_token_unused_for_a_year_ends()
    {
        var token = await Visitor.SignInAsync("alice");

        Clock.Advance(TimeSpan.FromDays(365));
        (await Visitor.GetAsync("/api/v3/user", token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        Clock.Advance(TimeSpan.FromDays(366));
        (await Visitor.GetAsync("/api/v3/user", token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("application/json", "[1, 2]")]
    [InlineData("application/json", "{")]
    [InlineData("application/json", "{\"client_id\":{},\"client_id\":1}")]
    [InlineData("multipart/form-data", "no boundary")]
    [InlineData("text/plain", "what")]
    public async Task Bodies_that_make_no_sense_are_refused(string type, string body)
    {
        foreach (var path in new[] { "/login/oauth/access_token", "/login/oauth/authorize", "/orgs/acme/sso" })
        {
            using var content = new StringContent(body);
            content.Headers.ContentType = new(type);
            using var answer = await Visitor.PostAsync(path, content);
            ((int)answer.StatusCode).ShouldBeInRange(400, 499);
        }
    }
}
