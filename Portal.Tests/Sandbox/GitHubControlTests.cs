using System.Net;
using Portal.Sandbox.GitHub;

namespace Portal.Tests.Sandbox;

public sealed class GitHubControlTests : IAsyncLifetime
{
    private GitHubServer? _server;
    private HttpClient? _http;

    private GitHubServer Server => _server!;

    private GitHubControl Control => new(_http!);

    public async ValueTask InitializeAsync()
    {
        _server = await GitHubServer.StartAsync(new GitHubServerOptions { ControlPort = 0 });
        _http = new HttpClient { BaseAddress = _server.ControlAddress };
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        await Server.DisposeAsync();
    }

    [Fact]
    public async Task People_and_teams_are_changed_from_outside()
    {
        var id = await Control.AddUserAsync("frank", "<b>Frank</b> & co");
        await Control.AddToOrganizationAsync("acme", "frank", OrganizationRole.Admin);
        await Control.DeleteTeamAsync("acme", "payments");
        var team = await Control.AddTeamAsync("acme", "payments");
        await Control.AddToTeamAsync("acme", "payments", "frank", TeamRole.Maintainer);
        await Control.RenameUserAsync("frank", "francis");
        await Control.RemoveFromTeamAsync("acme", "on-call", "bob");
        await Control.RemoveFromOrganizationAsync("acme", "dave");
        await Control.EnforceSamlAsync("acme");
        await Control.RestrictApplicationsAsync("elsewhere");

        var acme = Server.State.FindOrganization("acme")!;
        Server.State.FindUser(id)!.ShouldSatisfyAllConditions(u => u.Login.ShouldBe("francis"), u => u.Name.ShouldBe("<b>Frank</b> & co"));
        acme.Members[id].Role.ShouldBe(OrganizationRole.Admin);
        acme.Teams["payments"].Id.ShouldBe(team);
        acme.Teams["payments"].Members.ShouldBe([KeyValuePair.Create(id, TeamRole.Maintainer)]);
        acme.Teams["on-call"].Members.ShouldBeEmpty();
        acme.Members.Keys.ShouldNotContain(104);
        acme.EnforcesSaml.ShouldBeTrue();
        Server.State.FindOrganization("elsewhere")!.RestrictsApplications.ShouldBeTrue();
    }

    [Fact]
    public async Task Troubles_are_ordered_and_cleared_from_outside()
    {
        using var visitor = new GitHubVisitor(Server);
        var token = await visitor.SignInAsync("alice");
        await Control.RevokeTokensAsync("alice");
        (await visitor.GetAsync("/api/v3/user", token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        await Control.MakeUnavailableAsync();
        await Control.SlowAsync(TimeSpan.FromSeconds(0.5));
        await Control.LimitRateAsync(RateLimitTrouble.Secondary);
        await Control.SuspendApplicationAsync();
        await Control.FailNextTokenAsync("bad_verification_code");

        var troubles = Server.State.Troubles;
        (troubles.Unavailable, troubles.Delay, troubles.RateLimit, troubles.ApplicationSuspended, troubles.NextTokenError)
            .ShouldBe((true, TimeSpan.FromSeconds(0.5), RateLimitTrouble.Secondary, true, "bad_verification_code"));
        await Control.ClearTroublesAsync();
        (troubles.Unavailable, troubles.Delay, troubles.RateLimit, troubles.ApplicationSuspended, troubles.NextTokenError)
            .ShouldBe((false, TimeSpan.Zero, RateLimitTrouble.None, false, null));
    }

    [Fact]
    public async Task It_is_stopped_and_started_from_outside()
    {
        using var visitor = new GitHubVisitor(Server);
        await Control.StopAsync();
        await Should.ThrowAsync<HttpRequestException>(() => visitor.OpenAsync(GitHubVisitor.Request()));

        await Control.StartAsync();

        (await visitor.OpenAsync(GitHubVisitor.Request())).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Orders_that_name_nothing_are_refused() =>
        (await Should.ThrowAsync<ArgumentException>(() => Control.RenameUserAsync("nobody", "anybody"))).Message.ShouldContain("There is no user nobody.");

    [Fact]
    public async Task Pages_in_a_browser_cannot_order()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/unavailable");
        request.Headers.Add("Origin", "http://example.com");

        using var answer = await _http!.SendAsync(request, TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        Server.State.Troubles.Unavailable.ShouldBeFalse();
    }
}
