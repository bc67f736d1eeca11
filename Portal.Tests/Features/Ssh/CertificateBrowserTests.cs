using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Ssh;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

/// <summary>The route that the page's script asks.</summary>
public sealed class CertificateBrowserTests(SandboxFixture fixture) : SshTests(fixture)
{
    [Fact]
    public async Task It_answers_the_certificate_with_what_it_says_and_no_cache_keeps_it()
    {
        await using var portal = await StartAsync();
        using var bob = await portal.SignInAsync("bob");

        var issued = await IssueAsync(bob, TestKeys.Ed25519);

        issued.Status.ShouldBe(HttpStatusCode.Created, issued.Text);
        issued.NoStore.ShouldBeTrue();
        var text = Keygen.Describe(Certificate(issued));
        text.ShouldContain($"Key ID: \"{KeyId(issued)}\"");
        text.ShouldContain($"Serial: {issued.Json.GetProperty("serial").GetString()}");
        text.ShouldContain($"to {Text(issued.ExpiresAt)}");
        // Until the browser says that it showed it.
        var record = await RecordAsync(portal);
        record.Credential.ShownAt.ShouldBeNull();
        (await bob.PostAsync($"/browser/credentials/{issued.Id}/shown")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await RecordAsync(portal)).Credential.ShownAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Without_the_pages_own_token_nothing_is_asked()
    {
        await using var portal = await StartAsync();
        using var bob = await portal.SignInAsync("bob");

        var refused = await bob.PostAsync("/browser/ssh/roles/oncall/certificates", Body(TestKeys.Ed25519), withAntiforgery: false);

        (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.BadRequest, "stale-page"));
        (await portal.DatabaseAsync(db => db.IssuedCertificates.CountAsync(Cancel))).ShouldBe(0);
    }

    [Fact]
    public async Task A_role_of_another_team_and_one_that_is_not_there_look_alike()
    {
        await using var portal = await StartAsync();
        using var alice = await portal.SignInAsync("alice");

        var others = await IssueAsync(alice, TestKeys.Ed25519);
        var none = await IssueAsync(alice, TestKeys.Ed25519, "nothing");

        (others.Status, others.Detail).ShouldBe((HttpStatusCode.NotFound, none.Detail));
        none.Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Nobody_says_that_they_saw_anothers_certificate()
    {
        await using var portal = await StartAsync();
        using var bob = await portal.SignInAsync("bob");
        using var alice = await portal.SignInAsync("alice");
        var issued = await IssueAsync(bob, TestKeys.Ed25519);

        (await alice.PostAsync($"/browser/credentials/{issued.Id}/shown")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_same_request_key_gives_no_second_certificate_and_none_for_another_key()
    {
        await using var portal = await StartAsync();
        using var bob = await portal.SignInAsync("bob");
        var key = TestKeys.Ed25519;
        await IssueAsync(bob, key, requestKey: "once");

        (await IssueAsync(bob, key, requestKey: "once")).Slug.ShouldBe("already-issued");
        (await IssueAsync(bob, TestKeys.Ed25519, requestKey: "once")).Slug.ShouldBe("idempotency-key-reused");
        (await portal.DatabaseAsync(db => db.IssuedCertificates.CountAsync(Cancel))).ShouldBe(1);
    }

    [Fact]
    public async Task An_empty_body_names_every_field()
    {
        await using var portal = await StartAsync();
        using var bob = await portal.SignInAsync("bob");

        var refused = await bob.PostAsync("/browser/ssh/roles/oncall/certificates");

        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        foreach (var field in new[] { "publicKey", "principals", "durationSeconds", "reason", "requestKey" })
            refused.ErrorOf(field).ShouldEndWith(".");
    }

    [Fact]
    public async Task Keys_at_GitHub_are_those_of_the_tokens_owner_and_judged()
    {
        await using var portal = await StartAsync();
        using var bob = await portal.SignInAsync("bob");
        var actor = await bob.ActorAsync(portal);
        var keys = await portal.Get<GitHubKeys>().ListAsync(actor, Cancel);

        keys.ShouldNotBeNull().Select(key => (key.Kind, key.Bits, key.Complaint is null)).ShouldBe([("ED25519", 256, true), ("ssh-rsa", null, false)]);
        // Somebody else took the login that bob had when he signed in.
        Sandbox.GitHub.State.RenameUser("bob", "robert");
        Sandbox.GitHub.State.AddUser("bob", "Another Bob", keys: "ssh-ed25519 AAAAstranger");
        try
        {
            (await portal.Get<GitHubKeys>().ListAsync(actor, Cancel)).ShouldBe(keys);
        }
        finally
        {
            Sandbox.GitHub.State.RemoveUser("bob");
            Sandbox.GitHub.State.RenameUser("robert", "bob");
        }
    }

    [Fact]
    public async Task GitHub_away_is_no_answer_and_not_no_keys()
    {
        await using var portal = await StartAsync();
        using var bob = await portal.SignInAsync("bob");
        using var dave = await portal.SignInAsync("dave");
        (await portal.Get<GitHubKeys>().ListAsync(await dave.ActorAsync(portal), Cancel)).ShouldNotBeNull().ShouldBeEmpty();
        Sandbox.GitHub.State.Troubles.Unavailable = true;
        try
        {
            (await portal.Get<GitHubKeys>().ListAsync(await bob.ActorAsync(portal), Cancel)).ShouldBeNull();
        }
        finally
        {
            Sandbox.GitHub.State.Troubles.Clear();
        }
    }

    [Fact]
    public async Task The_page_sees_ones_own_keys_once_each_and_an_admin_what_others_revoked()
    {
        await using var portal = await StartAsync();
        using var bob = await portal.SignInAsync("bob");
        using var dave = await portal.SignInAsync("dave");
        var (actor, admin) = (await bob.ActorAsync(portal), await dave.ActorAsync(portal));
        var keys = portal.Get<RevokedKeys>();
        var (first, second) = (TestKeys.Ed25519, TestKeys.Ed25519);
        foreach (var key in new[] { first, second, first })
            await IssueAsync(bob, key);
        var before = await keys.LookAsync(actor, Cancel);
        await keys.RevokeAsync(actor, first, Cancel);
        var after = await keys.LookAsync(actor, Cancel);

        before.Own.Select(key => key.Fingerprint).ShouldBe([FingerprintOf(first), FingerprintOf(second)]);
        after.Own.ShouldHaveSingleItem().Fingerprint.ShouldBe(FingerprintOf(second));
        after.Revoked.ShouldHaveSingleItem().Fingerprint.ShouldBe(FingerprintOf(first));
        after.MayLift.ShouldBeFalse();
        var seen = await keys.LookAsync(admin, Cancel);
        (seen.Own.Count, seen.Revoked.Count, seen.MayLift).ShouldBe((0, 1, true));
    }

    private static string FingerprintOf(string line) => SshPublicKey.TryParse(line, out var key, out _) ? key.Fingerprint : "";

    private static object Body(string key, string? requestKey = null) => new
    {
        publicKey = key, principals = new[] { "deploy" }, durationSeconds = 3600, reason = "INC-42", requestKey = requestKey ?? $"{Guid.CreateVersion7():N}",
    };

    private static Task<Answer> IssueAsync(Person person, string key, string role = "oncall", string? requestKey = null) =>
        person.PostAsync($"/browser/ssh/roles/{role}/certificates", Body(key, requestKey));
}
