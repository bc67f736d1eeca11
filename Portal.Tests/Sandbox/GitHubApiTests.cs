using System.Net;
using System.Text.Json.Nodes;
using Portal.Sandbox.GitHub;

namespace Portal.Tests.Sandbox;

public sealed class GitHubApiTests : GitHubTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_person_is_told_with_the_immutable_id()
    {
        var token = await Visitor.SignInAsync("alice");
        State.RenameUser("alice", "alice-adams");
        State.AddUser("alice", "Another Alice");

        var user = await Visitor.ReadAsync("/api/v3/user", token);

        user["id"]!.GetValue<long>().ShouldBe(101);
        user["login"]!.ToString().ShouldBe("alice-adams");
        user["name"]!.ToString().ShouldBe("Alice Adams");
        user["email"].ShouldBeNull();
    }

    [Fact]
    public async Task Addresses_need_their_scope()
    {
        State.ChangeUser("alice", user => user with { Emails = user.Emails.Add(new GitHubEmail("alice@home.example", Verified: false)) });

        var emails = (await Visitor.ReadAsync("/api/v3/user/emails", await Visitor.SignInAsync("alice"))).AsArray();
        using var refused = await Visitor.GetAsync("/api/v3/user/emails", await Visitor.SignInAsync("alice", "read:user"));

        emails.Count.ShouldBe(2);
        emails[0]!.ToJsonString().ShouldBe("""{"email":"alice@acme.example","primary":true,"verified":true,"visibility":"private"}""");
        emails[1]!.ToJsonString().ShouldBe("""{"email":"alice@home.example","primary":false,"verified":false,"visibility":null}""");
        refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        refused.Headers.GetValues("X-Accepted-OAuth-Scopes").Single().ShouldBe("user:email");
    }

    [Fact]
    public async Task Organisations_are_told_by_state()
    {
        State.AddToOrganization("elsewhere", "alice", active: false);
        var token = await Visitor.SignInAsync("alice");

        Logins(await Visitor.ReadAsync("/api/v3/user/memberships/orgs?state=active", token)).ShouldBe(["acme"]);
        Logins(await Visitor.ReadAsync("/api/v3/user/memberships/orgs?state=pending", token)).ShouldBe(["elsewhere"]);
        Logins(await Visitor.ReadAsync("/api/v3/user/memberships/orgs", token)).ShouldBe(["acme", "elsewhere"]);
        (await Visitor.GetAsync("/api/v3/user/memberships/orgs", await Visitor.SignInAsync("alice", "read:user"))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Lists_come_in_pages_that_link_to_the_next()
    {
        for (var number = 1; number <= 205; number++)
        {
            State.AddTeam("acme", $"team-{number:000}");
            State.AddToTeam("acme", $"team-{number:000}", "bob");
        }
        var token = await Visitor.SignInAsync("bob");

        var sizes = new List<int>();
        var slugs = new HashSet<string>();
        for (var address = "/api/v3/user/teams?per_page=1000"; address is not null;)
        {
            using var answer = await Visitor.GetAsync(address, token);
            var page = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!.AsArray();
            sizes.Add(page.Count);
            slugs.UnionWith(page.Select(team => team!["slug"]!.ToString()));
            address = NextLink(answer);
        }

        sizes.ShouldBe([100, 100, 6]);
        slugs.Count.ShouldBe(206);
        (await Visitor.ReadAsync("/api/v3/user/teams", token)).AsArray().Count.ShouldBe(30);
        (await Visitor.ReadAsync("/api/v3/user/teams?page=99&per_page=x", token)).AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Teams_of_all_organisations_are_told_with_theirs()
    {
        State.AddToOrganization("elsewhere", "carol");
        State.AddToTeam("elsewhere", "payments", "carol");

        var teams = (await Visitor.ReadAsync("/api/v3/user/teams", await Visitor.SignInAsync("carol"))).AsArray();

        teams.Select(t => (t!["id"]!.GetValue<long>(), t["organization"]!["login"]!.ToString()))
            .ShouldBe([(2001, "acme"), (2003, "acme"), (2101, "elsewhere")]);
    }

    [Fact]
    public async Task A_team_made_anew_under_its_slug_has_another_id_and_nobody_in_it()
    {
        var token = await Visitor.SignInAsync("alice");
        State.DeleteTeam("acme", "payments");
        var stranger = State.AddTeam("acme", "payments");

        stranger.Id.ShouldNotBe(2001);
        (await Visitor.ReadAsync("/api/v3/user/teams", token)).AsArray().ShouldBeEmpty();
        (await Visitor.GetAsync("/api/v3/orgs/acme/teams/payments/memberships/alice", token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("payments", "alice", "member")]
    [InlineData("payments", "carol", "maintainer")]
    [InlineData("payments", "bob", null)]
    [InlineData("payments", "eve", null)]
    [InlineData("payments", "nobody", null)]
    [InlineData("none", "alice", null)]
    public async Task A_team_membership_has_a_role_or_is_not_found(string team, string login, string? role)
    {
        using var answer = await Visitor.GetAsync($"/api/v3/orgs/acme/teams/{team}/memberships/{login}", await Visitor.SignInAsync("bob"));

        answer.StatusCode.ShouldBe(role is null ? HttpStatusCode.NotFound : HttpStatusCode.OK);
        if (role is not null)
            JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!["role"]!.ToString().ShouldBe(role);
    }

    [Fact]
    public async Task Owners_are_maintainers_and_members_of_a_team_below_are_members()
    {
        State.AddToOrganization("acme", "alice", OrganizationRole.Admin);
        State.AddTeam("acme", "refunds", parent: "payments");
        State.AddToTeam("acme", "refunds", "bob", TeamRole.Maintainer);
        var token = await Visitor.SignInAsync("carol");

        (await Visitor.ReadAsync("/api/v3/orgs/acme/teams/payments/memberships/alice", token))["role"]!.ToString().ShouldBe("maintainer");
        (await Visitor.ReadAsync("/api/v3/orgs/acme/teams/payments/memberships/bob", token))["role"]!.ToString().ShouldBe("member");
    }

    [Fact]
    public async Task Strangers_see_no_team_of_an_organisation() => (await Visitor.GetAsync(
        "/api/v3/orgs/acme/teams/payments/memberships/alice", await Visitor.SignInAsync("eve"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);

    [Fact]
    public async Task Who_leaves_is_gone_from_lists_at_once()
    {
        var alice = await Visitor.SignInAsync("alice");
        var carol = await Visitor.SignInAsync("carol");
        State.RemoveFromTeam("acme", "payments", "alice");
        State.RemoveFromOrganization("acme", "carol");

        (await Visitor.ReadAsync("/api/v3/user/teams", alice)).AsArray().ShouldBeEmpty();
        (await Visitor.ReadAsync("/api/v3/user/memberships/orgs", alice)).AsArray().Count.ShouldBe(1);
        (await Visitor.ReadAsync("/api/v3/user/teams", carol)).AsArray().ShouldBeEmpty();
        (await Visitor.ReadAsync("/api/v3/user/memberships/orgs", carol)).AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Revoked_and_made_up_tokens_are_bad_credentials()
    {
        var token = await Visitor.SignInAsync("alice");
        State.RevokeTokensOf("alice");

        foreach (var bad in new[] { token, "gho_nonsense" })
        {
            using var answer = await Visitor.GetAsync("/api/v3/user", bad);
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            (await answer.Content.ReadAsStringAsync(Cancelled)).ShouldContain("Bad credentials");
        }
        (await Visitor.GetAsync("/api/v3/user", null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_call_without_user_agent_is_forbidden() => (await Visitor.GetAsync(
        "/api/v3/user", await Visitor.SignInAsync("alice"), withUserAgent: false)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

    [Fact]
    public async Task Keys_are_public()
    {
        State.ChangeUser("alice", user => user with { Keys = ["ssh-ed25519 AAAAC3one", "ssh-rsa AAAAB3two"] });

        using var text = await Visitor.GetAsync("/alice.keys", null);
        using var none = await Visitor.GetAsync("/nobody.keys", null);

        (await text.Content.ReadAsStringAsync(Cancelled)).ShouldBe("ssh-ed25519 AAAAC3one\nssh-rsa AAAAB3two\n");
        (await Visitor.ReadAsync("/api/v3/users/alice/keys", null)).AsArray().Select(k => k!["key"]!.ToString())
            .ShouldBe(["ssh-ed25519 AAAAC3one", "ssh-rsa AAAAB3two"]);
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_application_checks_and_ends_a_token()
    {
        var token = await Visitor.SignInAsync("alice");
        var body = $$"""{"access_token":"{{token}}"}""";

        (await Visitor.SendAsApplicationAsync(HttpMethod.Post, body, "wrong")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var check = await Visitor.SendAsApplicationAsync(HttpMethod.Post, body);
        JsonNode.Parse(await check.Content.ReadAsStringAsync(Cancelled))!["user"]!["id"]!.GetValue<long>().ShouldBe(101);

        (await Visitor.SendAsApplicationAsync(HttpMethod.Delete, body)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Visitor.SendAsApplicationAsync(HttpMethod.Post, body)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Visitor.GetAsync("/api/v3/user", token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Visitor.SendAsApplicationAsync(HttpMethod.Delete, "[")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Visitor.SendAsApplicationAsync(HttpMethod.Delete, "{}")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private static IEnumerable<string> Logins(JsonNode memberships) => memberships.AsArray().Select(m => m!["organization"]!["login"]!.ToString());

    private static string? NextLink(HttpResponseMessage answer) => answer.Headers.TryGetValues("Link", out var links)
        ? links.Single().Split(", ").FirstOrDefault(l => l.EndsWith("rel=\"next\"", StringComparison.Ordinal))?.Split('<', '>')[1]
        : null;
}
