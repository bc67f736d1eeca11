using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Features.AccessTokens;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Sandbox.GitHub;
using Portal.Tests.Support;

namespace Portal.Tests.Features.AccessTokens;

/// <summary>A token never outlives its owner's standing at GitHub, and works without a session of theirs.</summary>
public sealed class TokenOwnerTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly string _login = $"mallory-{Guid.CreateVersion7():N}"[..20];
    private TestPortal _portal = null!;
    private ApiCaller _api = null!;

    private GitHubState GitHub => Sandbox.GitHub.State;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _portal = await TestPortal.StartAsync(Sandbox, services: services => services.AddSingleton<TimeProvider>(_clock));
        _api = new ApiCaller(_portal.Address);
        GitHub.AddUser(_login);
        GitHub.AddToOrganization("acme", _login);
        GitHub.AddToTeam("acme", "payments", _login);
    }

    public override async ValueTask DisposeAsync()
    {
        GitHub.Troubles.Clear();
        GitHub.RemoveFromOrganization("acme", _login);
        _api.Dispose();
        await _portal.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Tokens_of_somebody_who_left_the_organisation_die()
    {
        using var person = await _portal.SignInAsync(_login);
        var token = await Token.MakeAsync(person);
        (await _api.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.OK);

        GitHub.RemoveFromOrganization("acme", _login);
        _clock.Advance(TimeSpan.FromMinutes(5));

        (await _api.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.Unauthorized);
        await DeadForGoodAsync(token);
    }

    [Fact]
    public async Task Tokens_of_somebody_whom_github_refuses_die_and_a_fresh_sign_in_does_not_raise_them()
    {
        using var person = await _portal.SignInAsync(_login);
        var token = await Token.MakeAsync(person);
        (await _api.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.OK);

        GitHub.RevokeTokensOf(_login);
        _clock.Advance(TimeSpan.FromMinutes(5));
        (await _api.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.Unauthorized);

        using var again = await _portal.SignInAsync(_login);
        (await _api.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.Unauthorized);
        await DeadForGoodAsync(token);
        _clock.Advance(TimeSpan.FromSeconds(2));
        (await _api.StatusAsync((await Token.MakeAsync(again)).Text)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_owner_of_a_token_that_nobody_uses_is_watched_without_a_session()
    {
        using var person = await _portal.SignInAsync(_login);
        var token = await Token.MakeAsync(person);
        await person.SignOutAsync();
        await _portal.Get<SessionSweep>().RunOnceAsync(Cancel);
        GitHub.RemoveFromOrganization("acme", _login);

        await _portal.Get<MembershipWatch>().RunOnceAsync(Cancel);

        await DeadForGoodAsync(token);
    }

    [Fact]
    public async Task Tokens_whose_rows_a_restored_database_lost_keep_the_means_to_ask_github()
    {
        using var person = await _portal.SignInAsync(_login);
        var token = await Token.MakeAsync(person);
        var actor = await person.ActorAsync(_portal);
        await _portal.DatabaseAsync(db => db.AccessTokens.ExecuteDeleteAsync(Cancel));
        await person.SignOutAsync();
        await _portal.Get<SessionSweep>().RunOnceAsync(Cancel);

        (await _portal.Get<GitHubTokens>().ReadAsync(actor.UserId, Cancel)).ShouldNotBeNull();
        (await _api.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Who_was_renamed_goes_by_the_new_name()
    {
        using var person = await _portal.SignInAsync(_login);
        var token = await Token.MakeAsync(person);
        await _portal.DatabaseAsync(db => db.Users.Where(user => user.Login == _login).ExecuteUpdateAsync(set => set.SetProperty(user => user.Login, "renamed"), Cancel));

        (await _api.MeAsync(token.Text)).Json.GetProperty("login").GetString().ShouldBe("renamed");
    }

    [Fact]
    public async Task Who_lost_one_team_keeps_tokens_without_its_grants()
    {
        using var person = await _portal.SignInAsync(_login);
        var token = await Token.MakeAsync(person);
        (await _api.SendAsync(HttpMethod.Get, "/api/v1/databases", token.Text)).Text.ShouldContain("shop-readonly");

        GitHub.RemoveFromTeam("acme", "payments", _login);
        _clock.Advance(TimeSpan.FromMinutes(5));

        (await _api.SendAsync(HttpMethod.Get, "/api/v1/databases", token.Text)).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        (await _api.SendAsync(HttpMethod.Post, "/api/v1/databases/shop-readonly/credentials", token.Text, new { durationSeconds = 600, reason = "x" })).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_token_works_without_a_session_and_the_portal_can_still_ask_github_until_the_last_token_is_gone()
    {
        using var person = await _portal.SignInAsync(_login);
        var token = await Token.MakeAsync(person);
        var actor = await person.ActorAsync(_portal);
        await person.SignOutAsync();
        await _portal.Get<SessionSweep>().RunOnceAsync(Cancel);

        _clock.Advance(TimeSpan.FromMinutes(10));
        (await _api.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.OK);
        (await _portal.DatabaseAsync(db => db.Users.SingleAsync(user => user.Id == actor.UserId, Cancel))).ConfirmedAt.ShouldBe(_clock.GetUtcNow());
        (await _portal.Get<GitHubTokens>().ReadAsync(actor.UserId, Cancel)).ShouldNotBeNull();
        // It lapses alone, or with its last token.
        (await _api.SendAsync(HttpMethod.Delete, $"/api/v1/access-tokens/{token.Id}", token.Text)).Status.ShouldBe(HttpStatusCode.NoContent);
        await _portal.Get<SessionSweep>().RunOnceAsync(Cancel);
        (await _portal.Get<GitHubTokens>().ReadAsync(actor.UserId, Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task GitHub_away_the_last_answer_counts_for_a_while()
    {
        using var person = await _portal.SignInAsync(_login);
        var token = await Token.MakeAsync(person, seconds: 86400);
        GitHub.Troubles.Unavailable = true;

        _clock.Advance(TimeSpan.FromHours(3));
        (await _api.SendAsync(HttpMethod.Get, "/api/v1/databases", token.Text)).Text.ShouldContain("shop-readonly");
        _clock.Advance(TimeSpan.FromHours(2));
        (await _api.SendAsync(HttpMethod.Get, "/api/v1/databases", token.Text)).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
    }

    private async Task DeadForGoodAsync(Token token)
    {
        var row = await _portal.DatabaseAsync(db => db.AccessTokens.AsNoTracking().SingleAsync(row => row.Id == token.Id, Cancel));
        row.State.ShouldBeOneOf(AccessTokenState.Revoking, AccessTokenState.Revoked);
        await _portal.Get<AccessTokenWorker>().RoundAsync(Cancel);
        (await _portal.Get<Whitelist>().HasAsync(row.OwnerId, token.Id, Cancel)).ShouldBeFalse();
    }
}
