using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Features.AccessTokens;
using Portal.Features.SignIn;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Features.AccessTokens;

/// <summary>From the wish to the end: what is issued, listed, used, revoked, and what happens when the owner goes.</summary>
public sealed class TokenLifeTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private TestPortal _portal = null!;
    private ApiCaller _api = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _portal = await TestPortal.StartAsync(Sandbox, services: services => services.AddSingleton<TimeProvider>(_clock));
        _api = new ApiCaller(_portal.Address);
    }

    public override async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _portal.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_token_makes_no_token_with_more_scopes_or_life_than_its_own()
    {
        using var alice = await _portal.SignInAsync("alice");
        var parent = await Token.MakeAsync(alice, "tokens", 3600);

        var more = await MakeAsync(parent.Text, ["tokens", "databases"], 600);
        (more.Status, more.Slug).ShouldBe((HttpStatusCode.UnprocessableEntity, "invalid"));
        more.Json.GetProperty("errors").GetProperty("scopes")[0].GetString()!.ShouldContain("databases");
        var longer = await MakeAsync(parent.Text, ["tokens"], 3700);
        longer.Json.GetProperty("errors").GetProperty("expiresInSeconds")[0].GetString()!.ShouldContain("no longer a life than its own");

        var child = await MakeAsync(parent.Text, ["tokens"], 1800);
        child.Status.ShouldBe(HttpStatusCode.Created, child.Text);
        (await _api.StatusAsync(child.Json.GetProperty("token").GetString())).ShouldBe(HttpStatusCode.OK);
        (await _api.StatusAsync(parent.Text)).ShouldBe(HttpStatusCode.OK);
        (await _api.SendAsync(HttpMethod.Get, "/api/v1/databases", parent.Text)).Slug.ShouldBe("scope-missing");

        // Whoever had the parent may have made the child: both end together.
        var actor = await alice.ActorAsync(_portal);
        (await _portal.Get<OwnAccessTokens>().RevokeAsync(actor, parent.Id, Cancel)).ShouldBeTrue();
        (await _api.StatusAsync(child.Json.GetProperty("token").GetString())).ShouldBe(HttpStatusCode.Unauthorized);
        (await _portal.Get<Whitelist>().ListAsync(actor.UserId, Cancel)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", "databases", 3600, "name")]
    [InlineData("two\nlines", "databases", 3600, "name")]
    [InlineData("ci", "", 3600, "scopes")]
    [InlineData("ci", "databases everything", 3600, "scopes")]
    [InlineData("ci", "databases", 59, "expiresInSeconds")]
    [InlineData("ci", "databases", 7776001, "expiresInSeconds")]
    [InlineData("ci", "databases", -1, "expiresInSeconds")]
    public async Task A_wish_that_breaks_a_rule_is_told_which(string name, string scopes, int seconds, string field)
    {
        using var alice = await _portal.SignInAsync("alice");
        var answer = await alice.PostAsync(
            "/browser/access-tokens", new { name, scopes = scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), expiresInSeconds = seconds, requestKey = "k" });

        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Json.GetProperty("errors").EnumerateObject().Select(error => error.Name).ShouldBe([field]);
        (await _portal.DatabaseAsync(db => db.AccessTokens.CountAsync(Cancel))).ShouldBe(0);
    }

    [Fact]
    public async Task A_repeated_wish_makes_one_token_and_tells_its_text_once()
    {
        using var alice = await _portal.SignInAsync("alice");
        var wish = new { name = "ci", scopes = new[] { "databases" }, expiresInSeconds = 3600, requestKey = "the-same" };
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => alice.PostAsync("/browser/access-tokens", wish)));

        var made = answers.Single(answer => answer.Status == HttpStatusCode.Created);
        answers.Where(answer => answer != made).ShouldAllBe(answer => answer.Status == HttpStatusCode.Conflict && answer.Slug == "already-issued" && answer.Id == made.Id && !answer.Text.Contains("eyJ"));
        (await alice.PostAsync("/browser/access-tokens", wish with { name = "another" })).Slug.ShouldBe("idempotency-key-reused");
    }

    [Fact]
    public async Task When_and_whence_a_token_was_last_used_is_known_by_day_and_network()
    {
        using var alice = await _portal.SignInAsync("alice");
        var token = await Token.MakeAsync(alice);
        var actor = await alice.ActorAsync(_portal);
        (await ListAsync(actor)).Single().LastUsedOn.ShouldBeNull();

        await _api.StatusAsync(token.Text);
        await _portal.Get<AccessTokenUse>().WriteAsync(Cancel);

        var used = (await ListAsync(actor)).Single();
        (used.LastUsedOn, used.LastUsedFrom).ShouldBe((DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime), "127.0.0.0/24"));
        AccessTokenUse.Network(IPAddress.Parse("2001:db8:1:2::3")).ShouldBe("2001:db8:1::/48");
        AccessTokenUse.Network(IPAddress.Parse("::ffff:192.0.2.77")).ShouldBe("192.0.2.0/24");
    }

    [Fact]
    public async Task A_thousand_tokens_are_listed_with_a_handful_of_calls_to_vault()
    {
        using var alice = await _portal.SignInAsync("alice");
        var actor = await alice.ActorAsync(_portal);
        var whitelist = _portal.Get<Whitelist>();
        AccessToken[] tokens = [.. Enumerable.Range(0, 1000).Select(number => NewToken(actor, $"ci {number}"))];
        await Parallel.ForEachAsync(tokens, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (token, _) => (await whitelist.AddAsync(token, Cancel)).ShouldBeTrue());
        await _portal.DatabaseAsync(db =>
        {
            db.AddRange(tokens);
            return db.SaveChangesAsync(Cancel);
        });
        await Sandbox.Vault.Control.ResetAsync(Cancel);

        var listed = await ListAsync(actor);

        listed.Count.ShouldBe(1000);
        (await Sandbox.Vault.Control.RequestsAsync(Cancel)).Count.ShouldBeLessThan(5);
        // One more is one too many.
        var refused = await alice.PostAsync("/browser/access-tokens", new { name = "more", scopes = new[] { "databases" }, expiresInSeconds = 3600, requestKey = "k" });
        refused.Json.GetProperty("errors").GetProperty("name")[0].GetString()!.ShouldContain("1000");
    }

    [Fact]
    public async Task Tokens_whose_time_is_over_leave_the_whitelist()
    {
        using var alice = await _portal.SignInAsync("alice");
        var actor = await alice.ActorAsync(_portal);
        var (brief, lasting) = (await Token.MakeAsync(alice, seconds: 60), await Token.MakeAsync(alice));
        (await _api.StatusAsync(brief.Text)).ShouldBe(HttpStatusCode.OK);

        _clock.Advance(TimeSpan.FromSeconds(60));
        (await _api.StatusAsync(brief.Text)).ShouldBe(HttpStatusCode.Unauthorized);
        await _portal.Get<AccessTokenWorker>().RoundAsync(Cancel);

        (await _portal.Get<Whitelist>().ListAsync(actor.UserId, Cancel)).ShouldBe([lasting.Id]);
        (await StateAsync(brief)).ShouldBe(AccessTokenState.Expired);
        (await _api.SendAsync(HttpMethod.Delete, $"/api/v1/access-tokens/{brief.Id}", lasting.Text)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_token_that_was_never_handed_over_is_taken_back()
    {
        using var alice = await _portal.SignInAsync("alice");
        var actor = await alice.ActorAsync(_portal);
        // As a crash leaves it between the whitelist and the answer.
        var token = NewToken(actor, "ci", activate: false);
        await _portal.DatabaseAsync(db =>
        {
            db.Add(token);
            return db.SaveChangesAsync(Cancel);
        });
        await _portal.Get<Whitelist>().AddAsync(token, Cancel);

        await _portal.Get<AccessTokenWorker>().RoundAsync(Cancel);
        (await _portal.Get<Whitelist>().HasAsync(actor.UserId, token.Id, Cancel)).ShouldBeTrue("it may still be on its way");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await _portal.Get<AccessTokenWorker>().RoundAsync(Cancel);

        (await _portal.Get<Whitelist>().HasAsync(actor.UserId, token.Id, Cancel)).ShouldBeFalse();
        (await StateAsync(new Token(token.Id, ""))).ShouldBe(AccessTokenState.Revoked);
    }

    [Theory]
    [InlineData("sign/access-tokens/sha2-256")]
    [InlineData("data/access-tokens/*")]
    public async Task A_step_that_vault_refuses_hands_out_nothing_and_leaves_nothing(string step)
    {
        using var alice = await _portal.SignInAsync("alice");
        var actor = await alice.ActorAsync(_portal);
        await Sandbox.Vault.Control.DenyAsync($"*/{step}", Cancel);
        var answer = await alice.PostAsync("/browser/access-tokens", new { name = "ci", scopes = new[] { "databases" }, expiresInSeconds = 3600, requestKey = "k" });
        await Sandbox.Vault.Control.ResetAsync(Cancel);

        (answer.Status, answer.Slug).ShouldBe((HttpStatusCode.BadGateway, "vault-denied"));
        _clock.Advance(TimeSpan.FromMinutes(2));
        await _portal.Get<AccessTokenWorker>().RoundAsync(Cancel);
        (await _portal.Get<Whitelist>().ListAsync(actor.UserId, Cancel)).ShouldBeEmpty();
        (await ListAsync(actor)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_row_that_a_restored_database_lost_comes_back_from_the_whitelist()
    {
        using var alice = await _portal.SignInAsync("alice");
        var actor = await alice.ActorAsync(_portal);
        var token = await Token.MakeAsync(alice, "databases", name: "nightly");
        await _portal.DatabaseAsync(db => db.AccessTokens.ExecuteDeleteAsync(Cancel));
        (await _api.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.OK);

        var listed = (await ListAsync(actor)).Single();

        (listed.Id, listed.Name, listed.NeverShown).ShouldBe((token.Id, "nightly", false));
        listed.Scopes.ShouldBe(["databases"]);
        (await _portal.Get<OwnAccessTokens>().RevokeAsync(actor, token.Id, Cancel)).ShouldBeTrue();
        (await _api.StatusAsync(token.Text)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Anothers_token_is_not_there()
    {
        using var alice = await _portal.SignInAsync("alice");
        using var carol = await _portal.SignInAsync("carol");
        var (hers, other) = (await Token.MakeAsync(alice), await Token.MakeAsync(carol));

        (await _api.SendAsync(HttpMethod.Delete, $"/api/v1/access-tokens/{hers.Id}", other.Text)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await carol.PostAsync($"/browser/access-tokens/{hers.Id}/shown")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _api.SendAsync(HttpMethod.Get, "/api/v1/access-tokens", other.Text)).Text.ShouldNotContain(hers.Id.ToString());
        (await _api.StatusAsync(hers.Text)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_text_of_a_token_is_kept_nowhere()
    {
        using var alice = await _portal.SignInAsync("alice");
        var token = await Token.MakeAsync(alice);
        await _api.StatusAsync(token.Text);
        await _api.StatusAsync(token.Text[..^4]);

        _portal.Log.Text.ShouldNotContain(token.Signature);
        _portal.Log.Text.ShouldNotContain(token.Text.Split('.')[1]);
        await using var file = new FileStream(_portal.DatabaseFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var memory = new MemoryStream();
        await file.CopyToAsync(memory, Cancel);
        System.Text.Encoding.Latin1.GetString(memory.ToArray()).ShouldNotContain(token.Signature);
        var kv = await Operator(_portal).ReadAsync($"{_portal.Get<VaultNames>().Kv}/data/access-tokens/{(await alice.ActorAsync(_portal)).UserId}/{token.Id}", Cancel);
        kv!.ToJsonString().ShouldNotContain(token.Signature);
    }

    private Task<IReadOnlyList<AccessTokenView>> ListAsync(Actor actor) => _portal.Get<OwnAccessTokens>().ListAsync(actor, Cancel);

    private Task<Answer> MakeAsync(string token, string[] scopes, int seconds) =>
        _api.SendAsync(HttpMethod.Post, "/api/v1/access-tokens", token, new { name = "made by a token", scopes, expiresInSeconds = seconds });

    private Task<AccessTokenState> StateAsync(Token token) =>
        _portal.DatabaseAsync(db => db.AccessTokens.Where(row => row.Id == token.Id).Select(row => row.State).SingleAsync(Cancel));

    private AccessToken NewToken(Actor actor, string name, bool activate = true)
    {
        var token = new AccessToken
        {
            Id = Guid.CreateVersion7(_clock.GetUtcNow()), OwnerId = actor.UserId, OwnerLogin = actor.Login, Name = name, Scopes = "databases",
            RequestKey = $"{Guid.CreateVersion7():N}", CreatedAt = _clock.GetUtcNow(), ExpiresAt = _clock.GetUtcNow().AddDays(1),
        };
        if (activate)
            token.Activate();
        return token;
    }
}
