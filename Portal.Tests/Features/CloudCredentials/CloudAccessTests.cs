using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Audit;
using Portal.Features.CloudCredentials;
using Portal.Features.Teams;
using Portal.Tests.Support;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>Who may do what (design, section 6), and what two at once see.</summary>
public sealed class CloudAccessTests(SandboxFixture fixture) : CloudTests(fixture)
{
    [Fact]
    public async Task A_member_sees_what_another_registered_and_may_do_nothing_with_it()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        var (name, secret) = (Name(), Canary());
        var registered = await RegisteredAsync(carol, name, One("token", secret));
        await ChangeAsync(carol, name, ETag(registered), new { values = One("token", Canary()) });
        var seen = await GetAsync(alice, name);

        seen.Json.GetProperty("mayManage").GetBoolean().ShouldBeFalse();
        foreach (var refused in new[]
        {
            await RevealAsync(alice, name, "token"), await RevealAsync(alice, name, "token", 1), await ChangeAsync(alice, name, ETag(seen), new { values = One("token", "mine-now") }),
            await RestoreAsync(alice, name, 1, ETag(seen)), await DeleteAsync(alice, name), await DeleteAsync(alice, name, "/versions/1"),
        })
        {
            (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.Forbidden, "not-allowed"));
            refused.Detail.ShouldContain("registered by carol");
            refused.Text.ShouldNotContain(secret);
        }

        (await VersionsAtVaultAsync(portal, name)).ShouldBe([1, 2]);
        (await portal.DatabaseAsync(db => db.AuditEvents.CountAsync(audited => audited.Action == "cloud.reveal" && audited.Outcome == "refused" && audited.ActorLogin == "alice", Cancel))).ShouldBe(2);
    }

    [Theory]
    [InlineData("carol")]
    [InlineData("dave")]
    public async Task An_admin_does_with_a_members_what_the_member_does(string login)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var admin = await ApiClient.SignInAsync(portal, login);
        var (name, secret) = (Name(), Canary());
        await RegisteredAsync(alice, name, One("token", secret));

        (await RevealAsync(admin, name, "token")).Json.GetProperty("value").GetString().ShouldBe(secret);
        var changed = await ChangeAsync(admin, name, ETag(await GetAsync(admin, name)), new { values = One("token", Canary()) });
        changed.Json.GetProperty("owner").GetString().ShouldBe("alice");
        (await RestoreAsync(admin, name, 1, ETag(changed))).Status.ShouldBe(HttpStatusCode.OK);
        (await DeleteAsync(admin, name, "/versions/1")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await DeleteAsync(admin, name)).Status.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task For_a_stranger_nothing_of_it_is_there()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var name = Name();
        var registered = await RegisteredAsync(alice, name);

        foreach (var answer in new[]
        {
            await GetAsync(bob, name), await GetAsync(bob, name, "/versions"), await bob.GetAsync($"/teams/{Team}/cloud-credentials"), await RegisterAsync(bob, Name()),
            await RevealAsync(bob, name, "token"), await ChangeAsync(bob, name, ETag(registered), new { values = One("token", "x") }), await VerifyAsync(bob, name),
            await RestoreAsync(bob, name, 1, ETag(registered)), await DeleteAsync(bob, name), await DeleteAsync(bob, name, "/versions/1"), await bob.GetAsync($"/teams/{Team}/known-to-leavers"),
            await bob.GetAsync("/teams/no-such-team/cloud-credentials"),
        })
        {
            answer.Status.ShouldBe(HttpStatusCode.NotFound, answer.Text);
        }
    }

    [Fact]
    public async Task A_scope_allows_its_own_and_no_more()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var reader = await ApiClient.SignInAsync(portal, "alice", CloudCredentialsFeature.ReadScope);
        using var writer = await ApiClient.SignInAsync(portal, "alice", CloudCredentialsFeature.WriteScope);
        using var revealer = await ApiClient.SignInAsync(portal, "alice", CloudCredentialsFeature.RevealScope);
        var (name, secret) = (Name(), Canary());
        await RegisteredAsync(writer, name, One("token", secret));

        (await GetAsync(reader, name)).Status.ShouldBe(HttpStatusCode.OK);
        (await RevealAsync(revealer, name, "token")).Json.GetProperty("value").GetString().ShouldBe(secret);
        foreach (var refused in new[]
        {
            await RevealAsync(reader, name, "token"), await RegisterAsync(reader, Name()), await DeleteAsync(reader, name), await VerifyAsync(reader, name),
            await RevealAsync(writer, name, "token"), await GetAsync(writer, name), await GetAsync(revealer, name), await DeleteAsync(revealer, name),
        })
        {
            (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.Forbidden, "scope-missing"));
        }
    }

    [Fact]
    public async Task Who_left_the_team_loses_what_they_registered_to_it()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        var name = Name();
        await RegisteredAsync(alice, name);
        Sandbox.GitHub.State.RemoveFromTeam("acme", Team, "alice");
        try
        {
            (await RevealAsync(alice, name, "token")).Status.ShouldBe(HttpStatusCode.NotFound);
            (await DeleteAsync(alice, name)).Status.ShouldBe(HttpStatusCode.NotFound);
            (await RevealAsync(carol, name, "token")).Status.ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            Sandbox.GitHub.State.AddToTeam("acme", Team, "alice");
        }
    }

    [Fact]
    public async Task A_membership_that_ends_while_it_is_asked_for_counts_no_more()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, secret) = (Name(), Canary());
        await RegisteredAsync(alice, name, One("token", secret));
        await Sandbox.Vault.Control.HoldAsync("GET", $"*/clouds/{name}", Cancel);
        var revealing = RevealAsync(alice, name, "token");
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);
        await portal.DatabaseAsync(db => db.Set<Membership>().Where(membership => membership.User.Login == "alice").ExecuteDeleteAsync(Cancel));
        await Sandbox.Vault.Control.ReleaseAsync(Cancel);

        var refused = await revealing;

        refused.Status.ShouldBe(HttpStatusCode.NotFound);
        refused.Text.ShouldNotContain(secret);
    }

    [Fact]
    public async Task While_GitHub_is_away_one_uses_ones_own_and_nobody_is_admin()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        var name = Name();
        await RegisteredAsync(alice, name);
        Sandbox.GitHub.State.Troubles.Unavailable = true;
        try
        {
            (await RevealAsync(alice, name, "token")).Status.ShouldBe(HttpStatusCode.OK);
            var refused = await RevealAsync(carol, name, "token");
            (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.Forbidden, "not-allowed"));
            refused.Detail.ShouldContain("GitHub does not answer");
        }
        finally
        {
            Sandbox.GitHub.State.Troubles.Clear();
        }
    }

    [Fact]
    public async Task Of_two_who_save_at_once_one_wins_and_the_other_sees_both()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        using var dave = await ApiClient.SignInAsync(portal, "dave");
        var (name, values) = (Name(), new[] { Canary(), Canary() });
        var before = await RegisteredAsync(carol, name, new Dictionary<string, string> { ["one"] = Canary(), ["two"] = Canary() });

        var answers = await Task.WhenAll(
            ChangeAsync(carol, name, ETag(before), new { values = One("one", values[0]) }),
            ChangeAsync(dave, name, ETag(before), new { values = One("two", values[1]) }));

        var winner = answers[0].Status == HttpStatusCode.OK ? 0 : 1;
        answers[winner].Status.ShouldBe(HttpStatusCode.OK, answers[winner].Text);
        var lost = answers[1 - winner];
        (lost.Status, lost.Slug).ShouldBe((HttpStatusCode.Conflict, "changed-meanwhile"));
        var (by, field) = winner == 0 ? ("carol", "one") : ("dave", "two");
        lost.Detail.ShouldContain($"{by} saved version 2 of {name}");
        lost.Detail.ShouldContain($"({field})");
        var current = lost.Json.GetProperty("current");
        (current.GetProperty("version").GetInt32(), current.GetProperty("changedBy").GetString()).ShouldBe((2, by));
        lost.Json.GetProperty("since")[0].GetProperty("changed")[0].GetString().ShouldBe(field);
        lost.Text.ShouldNotContain(values[0]);
        lost.Text.ShouldNotContain(values[1]);
        (await VersionsAtVaultAsync(portal, name)).ShouldBe([1, 2]);
        // Mine on top of theirs.
        var mine = await ChangeAsync(winner == 0 ? dave : carol, name, lost.Json.GetProperty("etag").GetString(), new { values = One(winner == 0 ? "two" : "one", values[1 - winner]) });
        mine.Status.ShouldBe(HttpStatusCode.OK, mine.Text);
        (await RevealAsync(carol, name, field)).Json.GetProperty("value").GetString().ShouldBe(values[winner]);
    }

    [Fact]
    public async Task A_name_that_is_used_again_is_another_credential()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        var first = await RegisteredAsync(alice, name);
        await DeleteAsync(alice, name);
        var second = await RegisteredAsync(alice, name);

        (await ChangeAsync(alice, name, ETag(first), new { values = One("token", Canary()) })).Slug.ShouldBe("changed-meanwhile");

        ETag(second).ShouldNotBe(ETag(first));
        second.Json.GetProperty("version").GetInt32().ShouldBe(1);
    }
}
