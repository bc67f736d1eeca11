using System.Net;
using Portal.Tests.Support;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>What somebody who left the team still knows, for the team's admins.</summary>
public sealed class CloudLeaversTests(SandboxFixture fixture) : CloudTests(fixture)
{
    [Fact]
    public async Task What_a_leaver_saw_or_set_is_listed_until_it_is_rotated_and_again_when_it_is_restored()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        var (seen, set, untouched) = (Name("seen"), Name("set"), Name("untouched"));
        // Hers, but the admin's values since.
        await RegisteredAsync(alice, seen, new Dictionary<string, string> { ["one"] = Canary(), ["two"] = Canary() });
        var rotated = await ChangeAsync(carol, seen, ETag(await GetAsync(carol, seen)), new { values = new Dictionary<string, string> { ["one"] = Canary(), ["two"] = Canary() } });
        await RevealAsync(alice, seen, "one");
        await RegisteredAsync(alice, set, One("key", Canary()));
        await RegisteredAsync(carol, untouched);
        Sandbox.GitHub.State.RemoveFromTeam("acme", Team, "alice");
        try
        {
            // She never comes back, so the portal alone would not learn of it.
            var list = await carol.GetAsync($"/teams/{Team}/known-to-leavers");

            list.Json.GetProperty("isAsked").GetBoolean().ShouldBeTrue();
            Mine(list, seen, set, untouched).ShouldBe([("alice", seen, "one", false), ("alice", set, "key", true)]);
            var again = await ChangeAsync(carol, seen, ETag(rotated), new { values = One("one", Canary()) });
            Mine(await carol.GetAsync($"/teams/{Team}/known-to-leavers"), seen, set, untouched).ShouldBe([("alice", set, "key", true)]);
            (await RestoreAsync(carol, seen, 2, ETag(again))).Status.ShouldBe(HttpStatusCode.OK);
            Mine(await carol.GetAsync($"/teams/{Team}/known-to-leavers"), seen, set, untouched).ShouldBe([("alice", seen, "one", false), ("alice", set, "key", true)]);

            Sandbox.GitHub.State.Troubles.Unavailable = true;
            (await carol.GetAsync($"/teams/{Team}/known-to-leavers")).Status.ShouldBe(HttpStatusCode.NotFound);
        }
        finally
        {
            Sandbox.GitHub.State.Troubles.Clear();
            Sandbox.GitHub.State.AddToTeam("acme", Team, "alice");
        }

        Mine(await carol.GetAsync($"/teams/{Team}/known-to-leavers"), seen, set, untouched).ShouldBeEmpty();
    }

    [Fact]
    public async Task It_is_for_the_teams_admins_alone()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var dave = await ApiClient.SignInAsync(portal, "dave");

        (await alice.GetAsync($"/teams/{Team}/known-to-leavers")).Status.ShouldBe(HttpStatusCode.NotFound);
        // In no such team at GitHub, he is told what the portal knew last.
        (await dave.GetAsync($"/teams/{Team}/known-to-leavers")).Json.GetProperty("isAsked").GetBoolean().ShouldBeFalse();
    }

    private static IReadOnlyList<(string?, string?, string?, bool)> Mine(Answer list, params string[] names) =>
    [
        .. list.Items.Where(item => names.Contains(item.GetProperty("credential").GetString()))
            .Select(item => (item.GetProperty("login").GetString(), item.GetProperty("credential").GetString(), item.GetProperty("field").GetString(), item.GetProperty("hasSet").GetBoolean())),
    ];
}
