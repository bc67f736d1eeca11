using System.Net;
using Portal.Features.Credentials;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Credentials;

public sealed class CredentialApiTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_walk_through_the_pages_meets_each_credential_once_while_new_ones_come()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        // Seven share each moment: the order among them must hold from page to page.
        var held = await AddAsync(portal, alice, Enumerable.Range(0, 120).Select(number => s_start.AddSeconds(number / 7)));

        var (met, next, pages) = (new List<Guid>(), default(string), 0);
        do
        {
            var page = await alice.GetAsync("/credentials?limit=50" + (next is null ? "" : $"&cursor={next}"));
            page.Status.ShouldBe(HttpStatusCode.OK, page.Text);
            met.AddRange(page.Items.Select(item => item.GetProperty("id").GetGuid()));
            next = page.Next;
            pages++;
            await AddAsync(portal, alice, [s_start.AddHours(pages)]);
        }
        while (next is not null);

        pages.ShouldBe(3);
        met.Count.ShouldBe(120);
        met.ShouldBe(held.OrderByDescending(credential => credential.IssuedAt).ThenByDescending(credential => credential.Id).Select(credential => credential.Id));
    }

    [Fact]
    public async Task A_last_page_that_is_full_says_that_it_is_the_last()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        await AddAsync(portal, alice, [s_start, s_start.AddSeconds(1)]);

        var first = await alice.GetAsync("/credentials?limit=1");
        var last = await alice.GetAsync($"/credentials?limit=1&cursor={first.Next}");

        first.Next.ShouldNotBeNull();
        last.Items.Count.ShouldBe(1);
        last.Next.ShouldBeNull();
        (await alice.GetAsync("/credentials?limit=2")).Next.ShouldBeNull();
    }

    [Theory]
    [InlineData("cursor=", "cursor")]
    [InlineData("cursor=hunter2", "cursor")]
    [InlineData("cursor=%F0%9F%94%91%00", "cursor")]
    [InlineData("cursor=________________________________", "cursor")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("state=hunter2", "state")]
    [InlineData("state=Active", "state")]
    [InlineData("state=1", "state")]
    [InlineData("state=", "state")]
    public async Task A_wish_for_a_page_that_breaks_a_rule_is_named(string query, string parameter)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var answer = await alice.GetAsync($"/credentials?{query}");

        (answer.Status, answer.Slug).ShouldBe((HttpStatusCode.UnprocessableEntity, "invalid"), answer.Text);
        answer.ErrorOf(parameter).ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task Another_lists_cursor_is_a_moment_in_this_one()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var again = await ApiClient.SignInAsync(portal, "alice");
        await AddAsync(portal, alice, [s_start]);
        var tokens = await alice.GetAsync("/access-tokens?limit=1");

        var answer = await alice.GetAsync($"/credentials?cursor={tokens.Next}");

        answer.Status.ShouldBe(HttpStatusCode.OK);
        answer.Items.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_state_is_a_filter()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (kept, ended) = (await alice.IssueAsync(), await alice.IssueAsync());
        await alice.DeleteAsync($"/credentials/{ended.Id}");

        Ids(await alice.GetAsync("/credentials?state=active")).ShouldBe([kept.Id]);
        Ids(await alice.GetAsync("/credentials?state=revoked")).ShouldBe([ended.Id]);
        Ids(await alice.GetAsync("/credentials?state=expired")).ShouldBeEmpty();
        Ids(await alice.GetAsync("/credentials")).ShouldBe([ended.Id, kept.Id]);
    }

    [Fact]
    public async Task What_another_holds_is_not_there_but_an_admin_of_its_team_may_end_it()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        var issued = await alice.IssueAsync();

        foreach (var stranger in new[] { bob, carol })
        {
            (await stranger.GetAsync($"/credentials/{issued.Id}")).Slug.ShouldBe("not-found");
            (await stranger.PostAsync($"/credentials/{issued.Id}/renew", new { durationSeconds = 7200 })).Status.ShouldBe(HttpStatusCode.NotFound);
            (await stranger.GetAsync("/credentials")).Items.ShouldBeEmpty();
        }

        var refused = await bob.DeleteAsync($"/credentials/{issued.Id}");
        refused.Status.ShouldBe(HttpStatusCode.NotFound);
        refused.Detail.ShouldBe((await bob.DeleteAsync($"/credentials/{Guid.NewGuid()}")).Detail);
        (await Sandbox.Postgres.HasUserAsync(issued.Username)).ShouldBeTrue();
        (await carol.DeleteAsync($"/credentials/{issued.Id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await Sandbox.Postgres.HasUserAsync(issued.Username)).ShouldBeFalse();
        (await alice.GetAsync($"/credentials/{issued.Id}")).Json.GetProperty("endedBy").GetString().ShouldBe("carol");
    }

    [Fact]
    public async Task What_has_ended_cannot_be_ended_or_renewed_again()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var issued = await alice.IssueAsync();

        (await alice.DeleteAsync($"/credentials/{issued.Id}")).Status.ShouldBe(HttpStatusCode.NoContent);

        (await alice.DeleteAsync($"/credentials/{issued.Id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await alice.PostAsync($"/credentials/{issued.Id}/renew", new { durationSeconds = 7200 })).Status.ShouldBe(HttpStatusCode.NotFound);
        (await alice.GetAsync($"/credentials/{issued.Id}")).Json.GetProperty("state").GetString().ShouldBe("revoked");
    }

    [Fact]
    public async Task A_renewal_moves_the_end_within_the_grant()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var issued = await alice.IssueAsync(seconds: 600);
        Task<Answer> RenewAsync(long seconds) => alice.PostAsync($"/credentials/{issued.Id}/renew", new { durationSeconds = seconds });

        var renewed = await RenewAsync(7200);

        renewed.Status.ShouldBe(HttpStatusCode.OK, renewed.Text);
        renewed.ExpiresAt.ShouldBe(DateTimeOffset.UtcNow.AddHours(2), TimeSpan.FromMinutes(1));
        (await alice.GetAsync($"/credentials/{issued.Id}")).ExpiresAt.ShouldBe(renewed.ExpiresAt);
        foreach (var seconds in new[] { -1, 0, 60, 9 * 3600, int.MaxValue })
        {
            var refused = await RenewAsync(seconds);
            (refused.Status, refused.ErrorOf("durationSeconds").Length > 10).ShouldBe((HttpStatusCode.UnprocessableEntity, true), $"{seconds}");
        }

        (await RenewAsync(long.MaxValue)).Json.GetProperty("field").GetString().ShouldBe("durationSeconds");
    }

    [Fact]
    public async Task While_its_server_is_down_a_credential_is_revoking_and_then_gone()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["Databases:EndingInterval"] = "00:00:00.2" });
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var issued = await alice.IssueAsync();
        await Sandbox.Postgres.StopAsync();

        var answer = await alice.DeleteAsync($"/credentials/{issued.Id}");

        answer.Status.ShouldBe(HttpStatusCode.Accepted, answer.Text);
        (answer.Id, answer.Json.GetProperty("state").GetString()).ShouldBe((issued.Id, "revoking"));
        (await alice.GetAsync($"/credentials/{issued.Id}")).Json.GetProperty("lastError").GetString().ShouldNotBeNullOrEmpty();
        await Sandbox.Postgres.StartAgainAsync();
        await Eventually.TrueAsync(
            async () => (await alice.GetAsync($"/credentials/{issued.Id}")).Json.GetProperty("state").GetString() == "revoked", "the credential is revoked");
    }

    private static IEnumerable<Guid> Ids(Answer list) => list.Items.Select(item => item.GetProperty("id").GetGuid());

    private static async Task<IReadOnlyList<Credential>> AddAsync(TestPortal portal, ApiClient owner, IEnumerable<DateTimeOffset> issued)
    {
        var ownerId = (await owner.GetAsync("/me")).Id;
        return await portal.DatabaseAsync(async db =>
        {
            List<Credential> added =
            [
                .. issued.Select(at => new Credential
                {
                    Id = Guid.NewGuid(), OwnerId = ownerId, OwnerLogin = "alice", TeamName = "payments", Role = "shop-readonly", Target = "PostgreSQL shop",
                    Reason = "fix order 42", RequestKey = $"{Guid.NewGuid()}", IssuedAt = at, ExpiresAt = at.AddHours(1), LatestEnd = at.AddHours(8),
                }),
            ];
            foreach (var credential in added)
                credential.End(CredentialState.Expired, "its time", credential.ExpiresAt);
            db.AddRange(added);
            await db.SaveChangesAsync(Cancel);
            return added;
        });
    }
}
