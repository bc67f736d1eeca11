using System.Net;
using Microsoft.Extensions.Time.Testing;
using Portal.Sandbox.GitHub;

namespace Portal.Tests.Sandbox;

public sealed class GitHubTroubleTests : GitHubTests
{
    [Fact]
    public async Task The_limit_is_counted_down_and_comes_back_after_the_hour()
    {
        var token = await Visitor.SignInAsync("alice");
        using var first = await Visitor.GetAsync("/api/v3/user", token);
        using var second = await Visitor.GetAsync("/api/v3/user", token);

        Header(first, "x-ratelimit-remaining").ShouldBe("4999");
        Header(second, "x-ratelimit-remaining").ShouldBe("4998");
        Header(second, "x-ratelimit-reset").ShouldBe($"{Clock.GetUtcNow().AddHours(1).ToUnixTimeSeconds()}");
        Clock.Advance(TimeSpan.FromHours(1));
        using var later = await Visitor.GetAsync("/api/v3/user", token);
        Header(later, "x-ratelimit-remaining").ShouldBe("4999");
    }

    [Fact]
    public async Task Nobody_in_particular_has_sixty_calls()
    {
        for (var call = 1; call <= 60; call++)
            (await Visitor.GetAsync("/api/v3/users/alice/keys", null)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await Visitor.GetAsync("/api/v3/users/alice/keys", null)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData(RateLimitTrouble.Forbidden, 403)]
    [InlineData(RateLimitTrouble.TooManyRequests, 429)]
    public async Task A_reached_limit_says_when_it_ends(RateLimitTrouble trouble, int status)
    {
        var token = await Visitor.SignInAsync("alice");
        State.Troubles.RateLimit = trouble;

        using var answer = await Visitor.GetAsync("/api/v3/user", token);

        ((int)answer.StatusCode).ShouldBe(status);
        Header(answer, "x-ratelimit-remaining").ShouldBe("0");
        Header(answer, "x-ratelimit-reset").ShouldNotBeNull();
    }

    [Fact]
    public async Task The_secondary_limit_says_how_long_to_wait()
    {
        var token = await Visitor.SignInAsync("alice");
        State.Troubles.RateLimit = RateLimitTrouble.Secondary;

        using var answer = await Visitor.GetAsync("/api/v3/user", token);

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        Header(answer, "retry-after").ShouldBe("60");
    }

    [Fact]
    public async Task Saml_hides_the_organisation_until_the_token_is_authorised()
    {
        var token = await Visitor.SignInAsync("alice");
        State.EnforceSaml("acme");

        using var list = await Visitor.GetAsync("/api/v3/user/memberships/orgs", token);
        using var team = await Visitor.GetAsync("/api/v3/orgs/acme/teams/payments/memberships/alice", token);

        (await list.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldBe("[]");
        Header(list, "X-GitHub-SSO").ShouldBe("partial-results; organizations=1001");
        team.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var required = Header(team, "X-GitHub-SSO")!;
        required.ShouldStartWith($"required; url={Server.Address}orgs/acme/sso");

        using var page = await Visitor.GetAsync(required.Split("url=", 2)[1], null);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["user"] = "alice" });
        (await Visitor.PostAsync("/orgs/acme/sso", form)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Visitor.ReadAsync("/api/v3/user/memberships/orgs", token)).AsArray().Count.ShouldBe(1);
        (await Visitor.GetAsync("/api/v3/orgs/acme/teams/payments/memberships/alice", token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Strangers_cannot_sign_in_to_an_organisation()
    {
        State.EnforceSaml("acme");
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["user"] = "eve" });

        (await Visitor.PostAsync("/orgs/acme/sso", form)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Restricted_applications_see_the_membership_and_no_team()
    {
        var token = await Visitor.SignInAsync("alice");
        State.RestrictApplications("acme");

        (await Visitor.ReadAsync("/api/v3/user/memberships/orgs", token)).AsArray().Count.ShouldBe(1);
        (await Visitor.ReadAsync("/api/v3/user/teams", token)).AsArray().ShouldBeEmpty();
        (await Visitor.GetAsync("/api/v3/orgs/acme/teams/payments/memberships/alice", token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_outage_is_503_everywhere_and_passes()
    {
        var token = await Visitor.SignInAsync("alice");
        State.Troubles.Unavailable = true;

        (await Visitor.GetAsync("/api/v3/user", token)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await Visitor.OpenAsync(GitHubVisitor.Request())).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        State.Troubles.Clear();
        (await Visitor.GetAsync("/api/v3/user", token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Stopped_it_refuses_connections_and_knows_everything_when_it_is_back()
    {
        var address = Server.Address;
        var token = await Visitor.SignInAsync("alice");
        await Server.StopAsync();
        await Should.ThrowAsync<HttpRequestException>(() => Visitor.GetAsync("/api/v3/user", token));

        await Server.StartAgainAsync();

        Server.Address.ShouldBe(address);
        (await Visitor.GetAsync("/api/v3/user", token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Slow_answers_wait_for_the_clock()
    {
        var clock = new TimerClock();
        await using var server = await GitHubServer.StartAsync(new GitHubServerOptions { TimeProvider = clock });
        using var visitor = new GitHubVisitor(server);
        server.State.Troubles.Delay = TimeSpan.FromSeconds(5);

        var answer = visitor.OpenAsync(GitHubVisitor.Request());

        (await clock.Timer).ShouldBe(TimeSpan.FromSeconds(5));
        answer.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(5));
        (await answer).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("a/b")]
    [InlineData("a-login-of-forty-characters-is-too-long-x")]
    public void Logins_that_GitHub_would_not_have_are_refused(string login) =>
        Should.Throw<ArgumentException>(() => State.AddUser(login));

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    /// <summary>Tells of the first timer that anyone waits for.</summary>
    private sealed class TimerClock : FakeTimeProvider
    {
        private readonly TaskCompletionSource<TimeSpan> _timer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TimeSpan> Timer => _timer.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _timer.TrySetResult(dueTime);
            return timer;
        }
    }
}
