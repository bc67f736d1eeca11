using Microsoft.EntityFrameworkCore;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Sandbox.GitHub;
using Portal.Tests.Features.SignIn;
using Portal.Tests.Support;
using Browser = Portal.Sandbox.Browser;
using TeamRole = Portal.Features.Teams.TeamRole;

namespace Portal.Tests.Features.Teams;

public class MembershipTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("alice", "payments:Member", false)]
    [InlineData("carol", "payments:Maintainer platform:Maintainer", false)]
    [InlineData("dave", "platform-admins:Member", true)]
    public async Task Access_is_what_GitHubs_adopted_teams_say(string login, string teams, bool isPortalAdmin)
    {
        await using var host = await SignInHost.StartAsync();
        var actor = await ActorAsync(host, login);

        var access = await CheckAsync(host, actor);

        string.Join(' ', access.Teams.Select(team => $"{team.Name}:{team.Role}")).ShouldBe(teams);
        access.IsPortalAdmin.ShouldBe(isPortalAdmin);
        access.IsStale.ShouldBeFalse();
        access.ConfirmedAt.ShouldBe(host.Time.GetUtcNow());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Platform-Admins")]
    [InlineData("payments")]
    public async Task Without_the_right_admin_team_dave_is_no_admin(string? team)
    {
        await using var host = await SignInHost.StartAsync(("Portal:AdminTeam", team));

        (await CheckAsync(host, await ActorAsync(host, "dave"))).IsPortalAdmin.ShouldBeFalse();
    }

    [Fact]
    public async Task A_team_made_anew_under_an_old_slug_gives_nothing()
    {
        await using var host = await SignInHost.StartAsync();
        host.GitHub.State.DeleteTeam("acme", "platform-admins");
        host.GitHub.State.AddTeam("acme", "platform-admins");
        host.GitHub.State.AddToTeam("acme", "platform-admins", "alice", Portal.Sandbox.GitHub.TeamRole.Maintainer);
        host.GitHub.State.AddToTeam("acme", "platform-admins", "dave");

        (await CheckAsync(host, await ActorAsync(host, "dave"))).Teams.ShouldBeEmpty();
        var alice = await CheckAsync(host, await ActorAsync(host, "alice"));
        alice.Teams.Select(team => team.Name).ShouldBe(["payments"]);
        alice.IsPortalAdmin.ShouldBeFalse();
    }

    [Fact]
    public async Task A_team_that_was_made_anew_takes_the_access_of_who_is_signed_in()
    {
        await using var host = await SignInHost.StartAsync();
        var actor = await ActorAsync(host, "alice");
        host.GitHub.State.DeleteTeam("acme", "payments");
        host.GitHub.State.AddTeam("acme", "payments");
        host.GitHub.State.AddToTeam("acme", "payments", "alice");

        (await CheckAsync(host, actor, now: true)).Teams.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_adopted_team_of_an_organisation_that_is_not_admitted_gives_nothing()
    {
        await using var host = await SignInHost.StartAsync();
        await host.AdoptAsync(("elsewhere-payments", "2101"));
        host.GitHub.State.AddToOrganization("elsewhere", "alice");
        host.GitHub.State.AddToTeam("elsewhere", "payments", "alice");

        (await CheckAsync(host, await ActorAsync(host, "alice"))).Teams.Select(team => team.Name).ShouldBe(["payments"]);
    }

    [Fact]
    public async Task Within_the_interval_the_last_answer_counts_but_not_for_an_issue()
    {
        await using var host = await SignInHost.StartAsync();
        var actor = await ActorAsync(host, "alice");
        host.GitHub.State.RemoveFromTeam("acme", "payments", "alice");
        host.Time.Advance(4 * s_minute);

        (await CheckAsync(host, actor)).Teams.Count.ShouldBe(1);
        (await CheckAsync(host, actor, now: true)).Teams.ShouldBeEmpty();
        (await CheckAsync(host, actor)).Teams.ShouldBeEmpty();
    }

    [Fact]
    public async Task After_the_interval_a_page_asks_again()
    {
        await using var host = await SignInHost.StartAsync();
        var actor = await ActorAsync(host, "alice");
        host.GitHub.State.AddToTeam("acme", "payments", "alice", Portal.Sandbox.GitHub.TeamRole.Maintainer);
        host.GitHub.State.AddToTeam("acme", "on-call", "alice");
        host.Time.Advance(TimeSpan.FromSeconds(299));
        (await CheckAsync(host, actor)).Teams.Count.ShouldBe(1);

        host.Time.Advance(TimeSpan.FromSeconds(1));

        (await CheckAsync(host, actor)).Teams.Select(team => (team.Name, team.Role)).ShouldBe([("on-call", TeamRole.Member), ("payments", TeamRole.Maintainer)]);
    }

    [Fact]
    public async Task Who_leaves_a_team_loses_what_was_issued_under_it_within_the_interval()
    {
        await using var host = await SignInHost.StartAsync();
        var actor = await ActorAsync(host, "carol");
        var payments = await HoldAsync(host, actor, "payments");
        var platform = await HoldAsync(host, actor, "platform");
        host.GitHub.State.RemoveFromTeam("acme", "payments", "carol");

        host.Time.Advance(5 * s_minute);

        await Eventually.TrueAsync(async () => (await FindAsync(host, payments)).EndedBy is not null, "the credential ends");
        (await FindAsync(host, payments)).EndedBy.ShouldBe("lost membership of payments");
        (await FindAsync(host, platform)).State.ShouldBe(CredentialState.Active);
        (await CheckAsync(host, actor)).Teams.Select(team => team.Name).ShouldBe(["platform"]);
        var entry = await host.ReadAsync(db => db.AuditEvents.SingleAsync(audited => audited.Action == "membership.lose"));
        (entry.ActorLogin, entry.Detail).ShouldBe(("carol", "payments; credentials ended: 1"));
    }

    [Fact]
    public async Task Who_left_a_team_while_signed_out_loses_it_when_back()
    {
        await using var host = await SignInHost.StartAsync();
        var actor = await ActorAsync(host, "alice");
        var credential = await HoldAsync(host, actor, "payments");
        host.GitHub.State.RemoveFromTeam("acme", "payments", "alice");

        var back = await ActorAsync(host, "alice");

        (await CheckAsync(host, back)).Teams.ShouldBeEmpty();
        (await FindAsync(host, credential)).EndedBy.ShouldBe("lost membership of payments");
    }

    [Fact]
    public async Task Who_leaves_the_organisation_is_out()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        var actor = await ActorAsync(host, "alice", browser);
        var credential = await HoldAsync(host, actor, "payments");
        host.GitHub.State.RemoveFromOrganization("acme", "alice");

        await host.Get<MembershipWatch>().RunOnceAsync(Cancel);

        (await SignInHost.WhoAsync(browser)).ShouldBe("nobody");
        await Should.ThrowAsync<SignedOutException>(() => CheckAsync(host, actor));
        (await FindAsync(host, credential)).EndedBy.ShouldBe("lost membership of payments");
        (await host.ReadTokensAsync()).ShouldBeEmpty();
        host.GitHub.State.CountTokensOf("alice").ShouldBe(0);
        (await host.ReadAsync(db => db.Users.SingleAsync())).SuspendedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_token_that_GitHub_refuses_suspends_at_once_until_a_fresh_sign_in()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        using var other = host.OpenBrowser();
        var actor = await ActorAsync(host, "alice", browser);
        await host.SignInAsync(other, "alice");
        var credential = await HoldAsync(host, actor, "payments");
        host.GitHub.State.RevokeTokensOf("alice");

        await Should.ThrowAsync<SignedOutException>(() => CheckAsync(host, actor, now: true));

        (await SignInHost.WhoAsync(browser)).ShouldBe("nobody");
        (await SignInHost.WhoAsync(other)).ShouldBe("nobody");
        (await host.ReadAsync(db => db.Users.SingleAsync())).SuspendedAt.ShouldBe(host.Time.GetUtcNow());
        (await FindAsync(host, credential)).EndedBy.ShouldBe("GitHub refuses the token");
        (await host.ReadTokensAsync()).ShouldBeEmpty();
        (await host.ReadAsync(db => db.AuditEvents.CountAsync(audited => audited.Action == "user.suspend" && audited.ActorLogin == "alice"))).ShouldBe(1);

        var back = await ActorAsync(host, "alice");
        (await CheckAsync(host, back, now: true)).Teams.Count.ShouldBe(1);
        (await host.ReadAsync(db => db.Users.SingleAsync())).SuspendedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_token_that_was_just_replaced_is_no_reason_to_suspend()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        var actor = await ActorAsync(host, "alice", browser);
        var path = $"users/{actor.UserId}/github";
        var good = (await host.ReadTokensAsync())[path];
        var vault = host.Get<Portal.Vault.KeyValueEngine>();
        // The check has read the old token when another process writes the new one.
        await vault.ReplaceAsync(Portal.Vault.VaultRole.SignIn, path, new Dictionary<string, string> { ["access_token"] = "gho_old" }, null, Cancel);
        await host.Vault.Control.HoldAsync("GET", $"{host.Vault.Prefix}-kv/data/*", Cancel);
        var check = CheckAsync(host, actor, now: true);
        await host.Vault.Control.WaitUntilHeldAsync(Cancel);
        await vault.ReplaceAsync(Portal.Vault.VaultRole.SignIn, path, new Dictionary<string, string> { ["access_token"] = good }, null, Cancel);

        await host.Vault.Control.ReleaseAsync(Cancel);

        (await check).IsStale.ShouldBeFalse();
        (await SignInHost.WhoAsync(browser)).ShouldBe("alice");
    }

    [Fact]
    public async Task A_token_that_is_gone_from_Vault_ends_the_sessions()
    {
        await using var host = await SignInHost.StartAsync();
        using var browser = host.OpenBrowser();
        var actor = await ActorAsync(host, "alice", browser);
        await host.Get<Portal.Vault.KeyValueEngine>().DeleteAsync(Portal.Vault.VaultRole.SignIn, $"users/{actor.UserId}/github", null, Cancel);

        await Should.ThrowAsync<SignedOutException>(() => CheckAsync(host, actor, now: true));

        (await SignInHost.WhoAsync(browser)).ShouldBe("nobody");
    }

    [Theory]
    [InlineData("unavailable")]
    [InlineData("refused")]
    [InlineData("rate limit")]
    [InlineData("vault")]
    public async Task While_nobody_answers_the_last_answer_counts_for_four_hours_and_never_for_admins(string trouble)
    {
        await using var host = await SignInHost.StartAsync(("SignIn:IdleTimeout", "12:00:00"));
        var actor = await ActorAsync(host, "dave");
        var since = host.Time.GetUtcNow();
        var credential = await HoldAsync(host, actor, "platform-admins");
        await BreakAsync(host, trouble);

        var access = await CheckAsync(host, actor, now: true);
        (access.IsStale, access.IsPortalAdmin, access.Teams.Count, access.ConfirmedAt).ShouldBe((true, false, 1, since));
        host.Time.Advance(TimeSpan.FromHours(4));
        (await CheckAsync(host, actor)).Teams.Count.ShouldBe(1);
        host.Time.Advance(s_minute);
        access = await CheckAsync(host, actor);
        (access.IsStale, access.IsPortalAdmin, access.Teams.Count).ShouldBe((true, false, 0));
        (await FindAsync(host, credential)).State.ShouldBe(CredentialState.Active, "GitHub being away ends nothing");
        (await host.ReadAsync(db => db.AuditEvents.CountAsync(audited => audited.Action == "membership.check" && audited.Outcome == "failed"))).ShouldBe(1, "once an outage");

        await MendAsync(host);
        access = await CheckAsync(host, actor, now: true);
        (access.IsStale, access.IsPortalAdmin, access.Teams.Count).ShouldBe((false, true, 1));
    }

    [Fact]
    public async Task After_a_failure_pages_do_not_wait_for_GitHub_again_at_once()
    {
        await using var host = await SignInHost.StartAsync();
        var actor = await ActorAsync(host, "alice");
        host.GitHub.State.Troubles.Unavailable = true;
        (await CheckAsync(host, actor, now: true)).IsStale.ShouldBeTrue();
        host.Time.Advance(5 * s_minute);
        await Eventually.TrueAsync(() => Task.FromResult(host.Get<MembershipRefresh>().FailedJustNow(actor.UserId)), "the watch has failed, too");
        var before = Questions(host);

        (await CheckAsync(host, actor)).IsStale.ShouldBeTrue();
        Questions(host).ShouldBe(before);

        host.Time.Advance(TimeSpan.FromSeconds(31));
        (await CheckAsync(host, actor)).IsStale.ShouldBeTrue();
        Questions(host).ShouldBe(before + 1);
    }

    [Fact]
    public async Task Many_who_ask_at_once_are_one_question()
    {
        await using var host = await SignInHost.StartAsync();
        var actor = await ActorAsync(host, "alice");
        var before = Questions(host);
        // The first one is held up long enough for all others to come.
        await host.Vault.Control.HoldAsync("GET", $"{host.Vault.Prefix}-kv/data/*", Cancel);

        var checks = Enumerable.Range(0, 20).Select(_ => CheckAsync(host, actor, now: true)).ToList();
        await host.Vault.Control.WaitUntilHeldAsync(Cancel);
        checks.AddRange(Enumerable.Range(0, 20).Select(_ => CheckAsync(host, actor, now: true)));
        await host.Vault.Control.ReleaseAsync(Cancel);
        var answers = await Task.WhenAll(checks);

        answers.ShouldAllBe(access => access.Teams.Count == 1 && !access.IsStale);
        // Those that were late to join may have made a second one.
        (Questions(host) - before).ShouldBeInRange(1, 2);
    }

    [Fact]
    public async Task Somebody_elses_session_or_none_is_no_access()
    {
        await using var host = await SignInHost.StartAsync();
        var alice = await ActorAsync(host, "alice");
        var dave = await ActorAsync(host, "dave");

        await Should.ThrowAsync<SignedOutException>(() => CheckAsync(host, alice with { UserId = dave.UserId }));
        await Should.ThrowAsync<SignedOutException>(() => CheckAsync(host, alice with { SessionId = Guid.CreateVersion7() }));
        host.Time.Advance(61 * s_minute);
        await Should.ThrowAsync<SignedOutException>(() => CheckAsync(host, alice, now: true));
    }

    [Fact]
    public async Task The_watch_asks_about_everybody_with_a_session_and_nobody_else()
    {
        await using var host = await SignInHost.StartAsync();
        foreach (var login in (string[])["alice", "bob", "carol", "dave"])
            await ActorAsync(host, login);
        await host.WriteAsync(db => db.RemoveRange(db.Sessions.Where(session => session.User.Login == "bob")));
        var before = Questions(host);

        await host.Get<MembershipWatch>().RunOnceAsync(Cancel);

        (Questions(host) - before).ShouldBe(3);
    }

    private static int Questions(SignInHost host) =>
        host.Log.Text.Split('\n').Count(line => line.Contains("Sending HTTP request GET", StringComparison.Ordinal) && line.Contains("/api/v3/user ", StringComparison.Ordinal));

    private static Task<TeamAccess> CheckAsync(SignInHost host, Actor actor, bool now = false) => host.Get<MembershipCheck>().GetAsync(actor, now, Cancel);

    private static async Task<Actor> ActorAsync(SignInHost host, string login, Browser? browser = null)
    {
        using var another = host.OpenBrowser();
        await host.SignInAsync(browser ?? another, login);
        var session = await host.ReadAsync(db => db.Sessions.Include(session => session.User)
            .Where(session => session.User.Login == login).OrderByDescending(session => session.Id).FirstAsync());
        return new Actor(session.UserId, session.Id, login, "");
    }

    private static async Task<Guid> HoldAsync(SignInHost host, Actor actor, string team)
    {
        var now = host.Time.GetUtcNow();
        var teamId = await host.ReadAsync(db => db.Teams.Where(row => row.Name == team).Select(row => row.Id).SingleAsync());
        var credential = new Credential
        {
            Id = Guid.CreateVersion7(), OwnerId = actor.UserId, OwnerLogin = actor.Login, TeamId = teamId, TeamName = team, Role = "shop-readonly",
            Target = "PostgreSQL shop", Reason = "test", RequestKey = $"{Guid.CreateVersion7()}", IssuedAt = now, ExpiresAt = now.AddHours(8), LatestEnd = now.AddHours(8),
        };
        credential.Activate($"v-{actor.Login}", $"{host.Vault.Prefix}-db/creds/shop-readonly/{credential.Id}", credential.ExpiresAt);
        await host.WriteAsync(db => db.Add(credential));
        return credential.Id;
    }

    private static Task<Credential> FindAsync(SignInHost host, Guid id) => host.ReadAsync(db => db.Credentials.AsNoTracking().SingleAsync(row => row.Id == id));

    private static async Task BreakAsync(SignInHost host, string trouble)
    {
        if (trouble == "unavailable")
            host.GitHub.State.Troubles.Unavailable = true;
        else if (trouble == "refused")
            await host.GitHub.StopAsync();
        else if (trouble == "rate limit")
            host.GitHub.State.Troubles.RateLimit = RateLimitTrouble.Forbidden;
        else
            await host.Vault.Control.SealAsync(Cancel);
    }

    private static async Task MendAsync(SignInHost host)
    {
        host.GitHub.State.Troubles.Clear();
        await host.GitHub.StartAgainAsync();
        await host.Vault.Control.UnsealAsync(Cancel);
    }
}
