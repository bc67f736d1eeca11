using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Audit;
using Portal.Features.SignIn;
using Portal.Features.Teams;

namespace Portal.Tests.Features.SignIn;

public class SignInTests
{
    [Fact]
    public async Task Alice_signs_in_and_comes_back_to_the_page_she_wanted()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();

        var first = await browser.GetAsync("/databases?filter=shop");
        first.Location!.PathAndQuery.ShouldBe("/sign-in?returnUrl=%2Fdatabases%3Ffilter%3Dshop");
        var page = await host.SignInAsync(browser, "alice", "/databases?filter=shop");

        page.Text.ShouldBe("https://portal.example/databases?filter=shop");
        (await SignInHost.WhoAsync(browser)).ShouldBe("alice");
        var user = await host.ReadAsync(db => db.Users.SingleAsync());
        (user.Provider, user.Subject, user.Login, user.Name).ShouldBe(("github", "101", "alice", "Alice Adams"));
        var memberships = await host.ReadAsync(db => db.Memberships.Select(membership => new { membership.Team.Name, membership.Role }).ToListAsync());
        memberships.ShouldHaveSingleItem().ShouldBe(new { Name = "payments", Role = TeamRole.Member });
        var entry = await host.ReadAsync(db => db.AuditEvents.SingleAsync());
        (entry.Action, entry.ActorLogin, entry.Outcome).ShouldBe(("sign-in", "alice", "ok"));
    }

    [Fact]
    public async Task The_question_to_GitHub_carries_PKCE_state_scopes_and_the_public_callback()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();

        var challenge = await browser.SubmitAsync(await browser.GetAsync("/sign-in"), "Sign in with GitHub");

        challenge.Location!.GetLeftPart(UriPartial.Path).ShouldBe(new Uri(host.GitHub.Address, "/login/oauth/authorize").AbsoluteUri);
        var asked = QueryHelpers.ParseQuery(challenge.Location.Query).ToDictionary(field => field.Key, field => field.Value.ToString());
        asked["code_challenge_method"].ShouldBe("S256");
        asked["code_challenge"].Length.ShouldBe(43);
        asked["scope"].ShouldBe("read:user user:email read:org");
        asked["redirect_uri"].ShouldBe("https://portal.example/sign-in/github/callback");
        asked.ShouldNotContainKey("prompt");
        challenge.Location.Query.ShouldNotContain("secret");
    }

    [Fact]
    public async Task GitHub_would_refuse_another_verifier_than_the_one_the_portal_sends()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        var challenge = await browser.SubmitAsync(await browser.GetAsync("/sign-in"), "Sign in with GitHub");
        // Somebody who stands between puts a challenge of their own in the place of the portal's.
        var forged = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes("a verifier that the portal never made, 43 characters")));
        var fields = QueryHelpers.ParseQuery(challenge.Location!.Query).ToDictionary(field => field.Key, string? (field) => field.Value.ToString());
        fields["code_challenge"] = forged;

        var callback = await SignInHost.AnswerAtGitHubAsync(
            browser, new Uri(QueryHelpers.AddQueryString(challenge.Location.GetLeftPart(UriPartial.Path), fields)), ("user", "alice"));
        var page = await browser.FollowAsync(callback);

        page.Status.ShouldBe(HttpStatusCode.BadRequest);
        (await SignInHost.WhoAsync(browser)).ShouldBe("nobody");
    }

    [Fact]
    public async Task The_callback_of_one_browser_signs_no_other_browser_in()
    {
        await using var host = await SignInHost.StartAsync();
        using var attacker = host.OpenBrowser();
        using var victim = host.OpenBrowser();
        var callback = await host.SignInUntilCallbackAsync(attacker, "bob");

        var page = await victim.FollowAsync(callback);

        page.Status.ShouldBe(HttpStatusCode.BadRequest);
        page.Words.ShouldContain("began in another browser");
        page.Words.ShouldContain("Start again");
        (await SignInHost.WhoAsync(victim)).ShouldBe("nobody");
        (await host.ReadAsync(db => db.Sessions.CountAsync())).ShouldBe(0);
    }

    [Fact]
    public async Task A_callback_works_once()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        var callback = await host.SignInUntilCallbackAsync(browser, "alice", "/health");
        (await browser.FollowAsync(callback)).Address.AbsolutePath.ShouldBe("/health");

        // The browser that is signed in goes on to its page; nobody is signed in a second time.
        (await browser.FollowAsync(callback)).Address.AbsolutePath.ShouldBe("/health");
        using var other = host.OpenBrowser();
        (await other.FollowAsync(callback)).Status.ShouldBe(HttpStatusCode.BadRequest);

        (await host.ReadAsync(db => db.Sessions.CountAsync())).ShouldBe(1);
    }

    [Theory]
    [InlineData("/sign-in/github/callback")]
    [InlineData("/sign-in/github/callback?code=abc")]
    [InlineData("/sign-in/github/callback?code=abc&state=xyz")]
    [InlineData("/sign-in/github/callback?error=access_denied&state=xyz")]
    public async Task A_callback_that_nobody_asked_for_is_out_of_date(string address)
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();

        var page = await browser.GetAsync(address);

        page.Status.ShouldBe(HttpStatusCode.BadRequest);
        page.Words.ShouldContain("This sign-in is out of date");
        page.Headers["Cache-Control"].ShouldContain("no-store");
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("portal.example:8443")]
    public async Task A_forged_Host_header_is_believed_nowhere(string hostHeader)
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        browser.HostHeader = hostHeader;

        var door = await browser.GetAsync("/sign-in");
        var challenge = await browser.SubmitAsync(door, "Sign in with GitHub");

        door.Text.ShouldNotContain(hostHeader);
        QueryHelpers.ParseQuery(challenge.Location!.Query)["redirect_uri"].ToString().ShouldBe("https://portal.example/sign-in/github/callback");
        (await host.SignInAsync(browser, "alice")).Text.ShouldBe("https://portal.example/");
    }

    [Fact]
    public async Task The_cookie_is_bound_to_the_host_hidden_from_scripts_and_names_nobody()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();

        await host.SignInAsync(browser, "alice");

        var cookie = browser.SetCookies.Single(line => line.StartsWith("__Host-portal=", StringComparison.Ordinal));
        var attributes = cookie.Split("; ")[1..].Select(attribute => attribute.ToLowerInvariant()).Order();
        attributes.ShouldBe(["httponly", "path=/", "samesite=lax", "secure"]);
        browser.SetCookies.ShouldAllBe(line => line.StartsWith("__Host-", StringComparison.Ordinal) && line.Contains("; secure", StringComparison.OrdinalIgnoreCase)
            && line.Contains("; httponly", StringComparison.OrdinalIgnoreCase) && line.Contains("path=/;", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_GitHub_token_is_in_Vault_and_nowhere_else()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();

        await host.SignInAsync(browser, "alice");

        var user = await host.ReadAsync(db => db.Users.SingleAsync());
        var (path, secret) = host.Vault.Secrets.ShouldHaveSingleItem();
        path.ShouldBe($"users/{user.Id}/github");
        var token = secret["access_token"]!.GetValue<string>();
        token.ShouldStartWith("gho_");
        host.Log.ToString().ShouldNotContain(token);
        (await host.ReadDatabaseFileAsync()).ShouldNotContain(token);
        string.Join('\n', browser.SetCookies).ShouldNotContain(token);
    }

    [Fact]
    public async Task A_new_login_at_GitHub_is_the_same_person_and_the_old_login_a_stranger()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        await host.SignInAsync(browser, "alice");
        var before = await host.ReadAsync(db => db.Users.SingleAsync());

        host.GitHub.State.RenameUser("alice", "alice-cooper");
        host.GitHub.State.AddUser("alice", "Another Alice", 666);
        host.GitHub.State.AddToOrganization("acme", "alice");
        using var later = host.OpenBrowser();
        await host.SignInAsync(later, "alice-cooper");
        using var stranger = host.OpenBrowser();
        await host.SignInAsync(stranger, "alice");

        (await SignInHost.WhoAsync(later)).ShouldBe("alice-cooper");
        (await SignInHost.WhoAsync(browser)).ShouldBe("alice-cooper", "the login is a label of the user, not of the session");
        var users = await host.ReadAsync(db => db.Users.OrderBy(user => user.CreatedAt).ThenBy(user => user.Subject).ToListAsync());
        users.Select(user => (user.Subject, user.Login)).ShouldBe([("101", "alice-cooper"), ("666", "alice")]);
        users[0].Id.ShouldBe(before.Id);
        (await host.ReadAsync(db => db.Memberships.SingleAsync())).UserId.ShouldBe(before.Id);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>", "<script>alert(1)</script>")]
    [InlineData("\" onmouseover=\"alert(1)", "\" onmouseover=\"alert(1)")]
    [InlineData("Robert'); DROP TABLE Users;--", "Robert'); DROP TABLE Users;--")]
    [InlineData(" \u202egnp.exe\0\r\nSet-Cookie: a=b", "gnp.exeSet-Cookie: a=b")]
    [InlineData("\u202e\n", null)]
    public async Task A_hostile_display_name_does_no_harm(string name, string? kept)
    {
        await using var host = await SignInHost.StartAsync();
        host.GitHub.State.ChangeUser("eve", user => user with { Name = name });
        host.GitHub.State.AddUser("a-_b", name, 700);
        host.GitHub.State.AddToOrganization("acme", "a-_b");
        using var browser = host.OpenBrowser();
        using var refused = host.OpenBrowser();

        await host.SignInAsync(browser, "a-_b");
        var refusal = await host.SignInAsync(refused, "eve");

        (await SignInHost.WhoAsync(browser)).ShouldBe("a-_b");
        refusal.Text.ShouldNotContain("<script>alert");
        (await host.ReadAsync(db => db.Users.SingleAsync())).Name.ShouldBe(kept);
    }

    [Fact]
    public async Task A_long_name_is_cut_to_what_the_database_holds()
    {
        await using var host = await SignInHost.StartAsync();
        host.GitHub.State.ChangeUser("alice", user => user with { Name = new string('x', 300) });
        using var browser = host.OpenBrowser();

        await host.SignInAsync(browser, "alice");

        (await host.ReadAsync(db => db.Users.SingleAsync())).Name.ShouldBe(new string('x', 200));
    }

    [Fact]
    public async Task Organisations_and_teams_on_many_pages_are_all_read()
    {
        await using var host = await SignInHost.StartAsync();
        for (var i = 0; i < 120; i++)
        {
            var (organization, team) = ($"aaa-{i:000}", $"aaa-{i:000}");
            host.GitHub.State.AddOrganization(organization);
            host.GitHub.State.AddToOrganization(organization, "carol");
            host.GitHub.State.AddTeam(organization, team);
            host.GitHub.State.AddToTeam(organization, team, "carol");
        }

        host.GitHub.State.AddTeam("acme", "zzz", 2999);
        host.GitHub.State.AddToTeam("acme", "zzz", "carol");
        await host.AdoptAsync(("last", "2999"));
        using var browser = host.OpenBrowser();

        await host.SignInAsync(browser, "carol");

        var teams = await host.ReadAsync(db => db.Memberships.OrderBy(membership => membership.Team.Name)
            .Select(membership => new { membership.Team.Name, membership.Role }).ToListAsync());
        teams.ShouldBe([
            new { Name = "last", Role = TeamRole.Member },
            new { Name = "payments", Role = TeamRole.Maintainer },
            new { Name = "platform", Role = TeamRole.Maintainer }]);
    }

    [Fact]
    public async Task Owners_of_the_organisation_maintain_their_teams()
    {
        await using var host = await SignInHost.StartAsync();
        host.GitHub.State.AddToOrganization("acme", "alice", Sandbox.GitHub.OrganizationRole.Admin);
        using var browser = host.OpenBrowser();

        await host.SignInAsync(browser, "alice");

        (await host.ReadAsync(db => db.Memberships.SingleAsync())).Role.ShouldBe(TeamRole.Maintainer);
    }
}
