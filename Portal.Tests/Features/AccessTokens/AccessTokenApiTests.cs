using System.Net;
using Portal.Tests.Support;

namespace Portal.Tests.Features.AccessTokens;

public sealed class AccessTokenApiTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    [Fact]
    public async Task A_repeated_call_names_what_the_first_made_and_makes_nothing()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var first = await IssueAsync(alice, "a job", 600, "one");

        var again = await IssueAsync(alice, "a job", 600, "one");
        var renamed = await IssueAsync(alice, "another job", 600, "one");
        var longer = await IssueAsync(alice, "a job", 601, "one");

        first.Status.ShouldBe(HttpStatusCode.Created, first.Text);
        (again.Status, again.Slug, again.Id).ShouldBe((HttpStatusCode.Conflict, "already-issued", first.Id));
        again.Text.ShouldNotContain(first.Token);
        (renamed.Status, renamed.Slug).ShouldBe((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"));
        (longer.Status, longer.Slug).ShouldBe((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"));
        (await alice.GetAsync("/access-tokens")).Items.Count.ShouldBe(2);
    }

    [Fact]
    public async Task After_a_failure_the_same_key_may_be_used_again()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        await Sandbox.Vault.Control.DenyAsync("*-transit/sign/*", Cancel);
        (await IssueAsync(alice, "a job", 600, "tried")).Status.ShouldBe(HttpStatusCode.BadGateway);
        await Sandbox.Vault.Control.DenyAsync(null, Cancel);

        var again = await IssueAsync(alice, "a job", 600, "tried");

        again.Status.ShouldBe(HttpStatusCode.Created, again.Text);
        (await alice.GetAsync("/access-tokens")).Items.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_walk_through_the_pages_meets_each_token_once()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var made = new List<Guid>();
        for (var number = 0; number < 5; number++)
            made.Add((await IssueAsync(alice, $"job {number}", 600)).Id);

        var (met, next) = (new List<Guid>(), default(string));
        do
        {
            var page = await alice.GetAsync("/access-tokens?limit=2" + (next is null ? "" : $"&cursor={next}"));
            met.AddRange(page.Items.Select(item => item.GetProperty("id").GetGuid()));
            next = page.Next;
        }
        while (next is not null);

        met.Count.ShouldBe(6);
        met.Take(5).ShouldBe(made.AsEnumerable().Reverse());
    }

    [Fact]
    public async Task A_revoked_token_is_not_there_a_second_time_and_lets_nobody_in()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var made = await IssueAsync(alice, "a job", 600);
        using var program = new ApiClient(portal.Address, made.Token);
        (await program.GetAsync("/me")).Status.ShouldBe(HttpStatusCode.OK);

        (await bob.DeleteAsync($"/access-tokens/{made.Id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await program.DeleteAsync($"/access-tokens/{made.Id}")).Status.ShouldBe(HttpStatusCode.NoContent);

        (await alice.DeleteAsync($"/access-tokens/{made.Id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await program.GetAsync("/me")).Slug.ShouldBe("token-refused");
    }

    private static Task<Answer> IssueAsync(ApiClient asker, string name, int seconds, string? key = null) =>
        asker.PostAsync("/access-tokens", new { name, scopes = new[] { "tokens" }, expiresInSeconds = seconds }, key);
}
