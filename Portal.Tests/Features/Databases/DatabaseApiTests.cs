using System.Diagnostics;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Credentials;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Databases;

public sealed class DatabaseApiTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    [Fact]
    public async Task A_program_gets_a_login_that_psql_takes_and_ends_it()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var issued = await alice.IssueAsync(seconds: 600);

        issued.Status.ShouldBe(HttpStatusCode.Created, issued.Text);
        issued.NoStore.ShouldBeTrue();
        issued.Headers.Location!.OriginalString.ShouldBe($"/api/v1/credentials/{issued.Id}");
        (await alice.GetAsync($"/credentials/{issued.Id}")).Json.GetProperty("username").GetString().ShouldBe(issued.Username);
        var url = issued.Json.GetProperty("connectionString").GetString()!;
        (await PsqlAsync(url)).ShouldBe((0, issued.Username));

        (await alice.DeleteAsync($"/credentials/{issued.Id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await PsqlAsync(url)).Exit.ShouldBe(2);
    }

    [Fact]
    public async Task Times_are_in_UTC_and_a_secret_is_in_the_first_answer_alone()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var issued = await alice.IssueAsync(seconds: 600);
        var listed = await alice.GetAsync("/credentials");

        foreach (var time in new[] { issued.Json.GetProperty("issuedAt"), issued.Json.GetProperty("expiresAt"), listed.Items[0].GetProperty("expiresAt"), listed.Items[0].GetProperty("latestEnd") })
            time.GetString().ShouldNotBeNull().ShouldMatch(@"(\+00:00|Z)$");
        issued.ExpiresAt.ShouldBe(DateTimeOffset.UtcNow.AddMinutes(10), TimeSpan.FromMinutes(1));
        listed.Text.ShouldNotContain(issued.Password);
        (await alice.GetAsync($"/credentials/{issued.Id}")).Text.ShouldNotContain(issued.Password);
        portal.Log.Text.ShouldNotContain(issued.Password);
        // No browser has to confirm what a program got.
        (await portal.DatabaseAsync(db => db.Credentials.SingleAsync(Cancel))).ShownAt.ShouldNotBeNull();
    }

    [Fact]
    public async Task Roles_are_those_of_the_owners_teams()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var bob = await ApiClient.SignInAsync(portal, "bob");

        var roles = await alice.GetAsync("/databases");

        roles.Items.Select(role => (role.GetProperty("role").GetString(), role.GetProperty("requiresApproval").GetBoolean(), role.GetProperty("maxDurationSeconds").GetInt32()))
            .ShouldBe([("billing-readonly", false, 8 * 3600), ("shop-readonly", false, 8 * 3600), ("shop-readwrite", true, 3600)]);
        (await bob.GetAsync("/databases")).Items.ShouldBeEmpty();
        (await bob.IssueAsync()).Slug.ShouldBe("not-found");
    }

    [Fact]
    public async Task A_token_is_no_way_around_approval()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var refused = await alice.IssueAsync("shop-readwrite");

        (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.Forbidden, "approval-needed"));
        refused.Headers.WwwAuthenticate.ShouldBeEmpty();
        (await alice.GetAsync("/credentials")).Items.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0, "why", "durationSeconds")]
    [InlineData(-5, "why", "durationSeconds")]
    [InlineData(int.MinValue, "why", "durationSeconds")]
    [InlineData(int.MaxValue, "why", "durationSeconds")]
    [InlineData(600, "", "reason")]
    [InlineData(600, "two\nlines", "reason")]
    public async Task What_breaks_a_rule_is_named_with_what_would_be_right(int seconds, string reason, string field)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var answer = await alice.IssueAsync(seconds: seconds, reason: reason);

        (answer.Status, answer.Slug).ShouldBe((HttpStatusCode.UnprocessableEntity, "invalid"));
        answer.ErrorOf(field).ShouldBe(answer.Detail);
        (await alice.GetAsync("/credentials")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_repeated_call_names_what_the_first_made_and_makes_nothing()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var first = await alice.IssueAsync(idempotencyKey: "0193-one");

        var again = await alice.IssueAsync(idempotencyKey: "0193-one");
        var another = await alice.IssueAsync(reason: "fix order 43", idempotencyKey: "0193-one");

        (again.Status, again.Slug, again.Id).ShouldBe((HttpStatusCode.Conflict, "already-issued", first.Id));
        again.Text.ShouldNotContain(first.Password);
        (another.Status, another.Slug).ShouldBe((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"));
        (await alice.GetAsync("/credentials")).Items.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Two_calls_at_once_with_one_key_make_one_credential()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => alice.IssueAsync(idempotencyKey: "one")));

        answers.Select(answer => answer.Status).Order().ShouldBe([HttpStatusCode.Created, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict]);
        answers.Select(answer => answer.Id).Distinct().Count().ShouldBe(1);
        (await alice.GetAsync("/credentials")).Items.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_is_its_callers_own_and_without_one_each_call_is_a_wish()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var carol = await ApiClient.SignInAsync(portal, "carol");

        (await alice.IssueAsync(idempotencyKey: "same")).Status.ShouldBe(HttpStatusCode.Created);
        (await carol.IssueAsync(idempotencyKey: "same")).Status.ShouldBe(HttpStatusCode.Created);
        (await carol.IssueAsync()).Status.ShouldBe(HttpStatusCode.Created);
        (await carol.IssueAsync()).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var answer = await alice.IssueAsync(idempotencyKey: key);

        (answer.Status, answer.Slug).ShouldBe((HttpStatusCode.BadRequest, "idempotency-key"));
        (await alice.GetAsync("/credentials")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task After_a_failure_the_same_key_may_be_used_again()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        await Sandbox.Vault.Control.DenyAsync("*-db/creds/*", Cancel);
        (await alice.IssueAsync(idempotencyKey: "tried")).Status.ShouldBe(HttpStatusCode.BadGateway);
        await Sandbox.Vault.Control.DenyAsync(null, Cancel);

        var again = await alice.IssueAsync(idempotencyKey: "tried");

        again.Status.ShouldBe(HttpStatusCode.Created, again.Text);
        (await alice.IssueAsync(idempotencyKey: "tried")).Id.ShouldBe(again.Id);
        (await alice.GetAsync("/credentials?state=active")).Items.Count.ShouldBe(1);
    }

    private static async Task<(int Exit, string Said)> PsqlAsync(string url)
    {
        using var psql = Process.Start(new ProcessStartInfo("psql", [url, "-w", "-tAc", "SELECT current_user FROM orders LIMIT 1"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var said = await psql.StandardOutput.ReadToEndAsync(Cancel);
        await psql.WaitForExitAsync(Cancel);
        return (psql.ExitCode, said.Trim());
    }
}
