using System.Net;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.Databases;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Databases;

public sealed class IssueTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    // Vault lets VALID UNTIL outlast the lease by five seconds, so that the password never ends first.
    private static readonly TimeSpan s_slack = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task An_issued_login_works_names_its_person_and_is_on_record()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");

        var issued = await alice.IssueAsync(reason: "fix order 42");

        issued.Status.ShouldBe(HttpStatusCode.Created, issued.Text);
        issued.NoStore.ShouldBeTrue();
        issued.Username.ShouldStartWith("v-alice-shop-readonl-");
        await using (var connection = await Sandbox.Postgres.OpenAsync(issued.Username, issued.Password))
        {
            await using var command = new NpgsqlCommand("SELECT count(*) FROM orders", connection);
            ((long)(await command.ExecuteScalarAsync(Cancel))!).ShouldBeGreaterThan(0);
        }

        var credential = await portal.DatabaseAsync(db => db.Credentials.SingleAsync(row => row.Id == issued.Id, Cancel));
        (credential.State, credential.OwnerLogin, credential.Role, credential.TeamName, credential.Reason, credential.Username).ShouldBe(
            (CredentialState.Active, "alice", "shop-readonly", "payments", "fix order 42", issued.Username));
        var actions = await portal.DatabaseAsync(db => db.AuditEvents.Where(audited => audited.Object == $"credential {issued.Id}").OrderBy(audited => audited.Id).Select(audited => audited.Action).ToListAsync(Cancel));
        actions.ShouldBe(["credential.request", "credential.issue"]);
        (await portal.Get<AuditTrail>().FindBreakAsync(Cancel)).ShouldBeNull();
    }

    [Theory]
    [InlineData(60)]
    [InlineData(3600)]
    [InlineData(8 * 3600)]
    public async Task The_promised_end_is_the_real_one(int seconds)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");

        var issued = await alice.IssueAsync(seconds: seconds);

        var asked = issued.Json.GetProperty("issuedAt").GetDateTimeOffset().AddSeconds(seconds);
        var close = TimeSpan.FromSeconds(5);
        issued.ExpiresAt.ShouldBe(asked, close);
        var credential = await portal.DatabaseAsync(db => db.Credentials.SingleAsync(row => row.Id == issued.Id, Cancel));
        var (leaseEnd, tokenEnd) = await EndsAsync(portal, credential);
        var validUntil = await Sandbox.Postgres.QueryAsync<DateTime>($"SELECT rolvaliduntil FROM pg_roles WHERE rolname = '{issued.Username}'");
        leaseEnd.ShouldBe(issued.ExpiresAt, close);
        tokenEnd.ShouldBe(issued.ExpiresAt, close);
        new DateTimeOffset(validUntil).ShouldBe(issued.ExpiresAt, s_slack);
        // What is shown is a promise: the true end never comes earlier than a second before it (VALID UNTIL knows whole seconds).
        new[] { leaseEnd, tokenEnd, validUntil.AddSeconds(1) }.Min().ShouldBeGreaterThanOrEqualTo(issued.ExpiresAt);
    }

    [Fact]
    public async Task The_end_moves_with_an_extension_and_never_past_the_grant()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        var actor = await alice.ActorAsync(portal);
        var issued = await alice.IssueAsync(seconds: 60);
        var credentials = portal.Get<DatabaseCredentials>();

        var extended = (await credentials.ExtendAsync(actor, issued.Id, TimeSpan.FromHours(2), Cancel)).ShouldBeOfType<ExtendOutcome.Extended>();

        extended.ExpiresAt.ShouldBe(issued.ExpiresAt + TimeSpan.FromHours(2) - TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));
        var credential = await portal.DatabaseAsync(db => db.Credentials.SingleAsync(row => row.Id == issued.Id, Cancel));
        var (leaseEnd, tokenEnd) = await EndsAsync(portal, credential);
        leaseEnd.ShouldBe(extended.ExpiresAt, TimeSpan.FromSeconds(3));
        tokenEnd.ShouldBe(extended.ExpiresAt, TimeSpan.FromSeconds(3));
        (await Sandbox.Postgres.QueryAsync<DateTime>($"SELECT rolvaliduntil FROM pg_roles WHERE rolname = '{issued.Username}'"))
            .ShouldBe(extended.ExpiresAt.UtcDateTime, s_slack);

        var tooLong = (await credentials.ExtendAsync(actor, issued.Id, TimeSpan.FromHours(9), Cancel)).ShouldBeOfType<ExtendOutcome.Rejected>();
        tooLong.Field.ShouldBe("durationSeconds");
        tooLong.Message.ShouldStartWith("The duration must be between 1 min and 7 h 59 min");
        (await credentials.ExtendAsync(actor, issued.Id, TimeSpan.FromMinutes(5), Cancel)).ShouldBeOfType<ExtendOutcome.Rejected>()
            .Message.ShouldStartWith("It already lasts until");
    }

    [Theory]
    [InlineData(0, "why", "durationSeconds", "The duration must be between 1 min and 8 h.")]
    [InlineData(-5, "why", "durationSeconds", "The duration must be between 1 min and 8 h.")]
    [InlineData((8 * 3600) + 1, "why", "durationSeconds", "The duration must be between 1 min and 8 h.")]
    [InlineData(3600, "", "reason", "Say why you need it")]
    public async Task Bad_input_is_named_and_nothing_is_issued(int seconds, string reason, string field, string message)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");

        var answer = await alice.IssueAsync(seconds: seconds, reason: reason);

        answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        answer.Json.GetProperty("errors").GetProperty(field)[0].GetString().ShouldNotBeNull().ShouldStartWith(message);
        (await portal.DatabaseAsync(db => db.Credentials.CountAsync(Cancel))).ShouldBe(0);
    }

    [Fact]
    public async Task A_grant_shorter_than_the_role_is_the_limit()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        await portal.DatabaseAsync(db => db.DatabaseGrants.ExecuteUpdateAsync(grant => grant.SetProperty(row => row.MaxDurationSeconds, 600), Cancel));
        using var alice = await portal.SignInAsync("alice");

        var answer = await alice.IssueAsync(seconds: 601);

        answer.Json.GetProperty("detail").GetString().ShouldBe("The duration must be between 1 min and 10 min.");
    }

    [Fact]
    public async Task A_role_that_needs_approval_issues_nothing()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");

        var answer = await alice.IssueAsync("shop-readwrite");

        (answer.Status, answer.Slug).ShouldBe((HttpStatusCode.Forbidden, "approval-needed"));
        (await portal.DatabaseAsync(db => db.Credentials.CountAsync(Cancel))).ShouldBe(0);
    }

    [Theory]
    [InlineData("shop-readonly")]
    [InlineData("no-such-role")]
    [InlineData("..%2f..%2fsys")]
    public async Task Without_a_grant_a_role_is_not_there(string role)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var bob = await portal.SignInAsync("bob");

        var answer = await bob.IssueAsync(role);

        answer.Status.ShouldBe(HttpStatusCode.NotFound);
        (await portal.Get<GrantedRoles>().ListAsync(await bob.ActorAsync(portal), Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_clicks_make_one_credential_and_its_secret_is_told_once()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        var before = await Sandbox.Postgres.VaultUsersAsync();

        var answers = await Task.WhenAll(alice.IssueAsync(requestKey: "one-form"), alice.IssueAsync(requestKey: "one-form"));

        answers.Select(answer => answer.Status).ShouldBe([HttpStatusCode.Created, HttpStatusCode.Conflict], ignoreOrder: true);
        var (first, second) = (answers.Single(answer => answer.Status == HttpStatusCode.Created), answers.Single(answer => answer.Status == HttpStatusCode.Conflict));
        second.Slug.ShouldBe("already-issued");
        second.Id.ShouldBe(first.Id);
        second.Text.ShouldNotContain(first.Password);
        (await Sandbox.Postgres.VaultUsersAsync()).Except(before).ShouldBe([first.Username]);
    }

    [Fact]
    public async Task What_another_holds_is_not_there()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        using var bob = await portal.SignInAsync("bob");
        var issued = await alice.IssueAsync();
        var stranger = await bob.ActorAsync(portal);
        var credentials = portal.Get<DatabaseCredentials>();

        (await credentials.ExtendAsync(stranger, issued.Id, TimeSpan.FromHours(2), Cancel)).ShouldBeOfType<ExtendOutcome.NotFound>();
        (await credentials.RevokeAsync(stranger, issued.Id, Cancel)).ShouldBeOfType<RevokeOutcome.NotFound>();
        (await bob.PostAsync($"/browser/credentials/{issued.Id}/shown")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await portal.Get<CredentialInventory>().ListMineAsync(stranger, Cancel)).ShouldBeEmpty();
        (await Sandbox.Postgres.RefusalAsync(issued.Username, issued.Password)).ShouldBeNull();
    }

    [Fact]
    public async Task Nothing_is_issued_without_session_or_antiforgery_header()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");

        (await alice.PostAsync("/browser/databases/shop-readonly/credentials", new { durationSeconds = 60, reason = "x", requestKey = "k" }, withAntiforgery: false))
            .Slug.ShouldBe("stale-page");
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var anonymous = await http.PostAsync(new Uri(portal.Address, "/browser/databases/shop-readonly/credentials"), null, Cancel);
        anonymous.StatusCode.ShouldBeOneOf(HttpStatusCode.Unauthorized, HttpStatusCode.Redirect);
        (await portal.DatabaseAsync(db => db.Credentials.CountAsync(Cancel))).ShouldBe(0);
    }

    [Fact]
    public async Task An_unconfirmed_secret_is_listed_as_never_shown_until_it_is_confirmed()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        var actor = await alice.ActorAsync(portal);
        var issued = await alice.IssueAsync();
        var inventory = portal.Get<CredentialInventory>();
        await portal.DatabaseAsync(db => db.Credentials.Where(row => row.Id == issued.Id)
            .ExecuteUpdateAsync(row => row.SetProperty(credential => credential.IssuedAt, DateTimeOffset.UtcNow.AddMinutes(-2)), Cancel));

        (await inventory.ListMineAsync(actor, Cancel)).Single().NeverShown.ShouldBeTrue();
        (await alice.PostAsync($"/browser/credentials/{issued.Id}/shown")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await inventory.ListMineAsync(actor, Cancel)).Single().NeverShown.ShouldBeFalse();
    }

    [Theory]
    [InlineData("a", "v-a-")]
    [InlineData("token-Token-9", "v-Token-9-")]
    [InlineData("Octo-cat-0123456789-abcdefghijklmnopqrs", "v-Octo-cat-012345678")]
    [InlineData("company-user_acme", "v-company-user-acme-")]
    public async Task Any_login_and_any_display_name_stay_harmless_in_page_SQL_and_log(string login, string readable)
    {
        const string Name = "<script>alert(1)</script>'; DROP TABLE orders; --\r\nfake log line";
        Sandbox.GitHub.State.AddUser(login, Name);
        Sandbox.GitHub.State.AddToOrganization("acme", login);
        Sandbox.GitHub.State.AddToTeam("acme", "payments", login);
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var person = await portal.SignInAsync(login);

        var (shop, billing) = (await person.IssueAsync(), await person.IssueAsync("billing-readonly"));

        (shop.Status, billing.Status).ShouldBe((HttpStatusCode.Created, HttpStatusCode.Created), shop.Text + billing.Text);
        (shop.Username.Length <= 63, billing.Username.Length <= 32).ShouldBe((true, true), $"{shop.Username} {billing.Username}");
        shop.Username.ShouldStartWith(readable);
        billing.Username.ShouldStartWith(readable);
        (await Sandbox.Postgres.RefusalAsync(shop.Username, shop.Password)).ShouldBeNull();
        (await Sandbox.MariaDb.RefusalAsync(billing.Username, billing.Password)).ShouldBeNull();
        foreach (var issued in (Answer[])[shop, billing])
            (await portal.Get<DatabaseCredentials>().RevokeAsync(await person.ActorAsync(portal), issued.Id, Cancel)).ShouldBeOfType<RevokeOutcome.Revoked>();
        (await Sandbox.Postgres.HasUserAsync(shop.Username)).ShouldBeFalse();
        (await Sandbox.MariaDb.HasUserAsync(billing.Username)).ShouldBeFalse();
        (await Sandbox.Postgres.QueryAsync<long>("SELECT count(*) FROM orders")).ShouldBeGreaterThan(0);
        (await person.GetAsync("/databases")).Text.ShouldNotContain("<script>alert");
        portal.Log.Text.ShouldNotContain("\nfake log line");
        Sandbox.GitHub.State.RemoveUser(login);
    }

    // PostgreSQL refuses one of two transactions that change the rights on the same table at the same moment.
    [Fact]
    public async Task Issues_succeed_while_others_are_being_revoked()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        var actor = await alice.ActorAsync(portal);
        var credentials = portal.Get<DatabaseCredentials>();
        for (var round = 0; round < 3; round++)
        {
            var ending = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => alice.IssueAsync()));
            ending.ShouldAllBe(issued => issued.Status == HttpStatusCode.Created);
            var revocations = ending.Select(issued => credentials.RevokeAsync(actor, issued.Id, Cancel)).ToList();
            var issues = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => alice.IssueAsync()));

            issues.Where(issued => issued.Status != HttpStatusCode.Created).Select(issued => issued.Text).ShouldBeEmpty();
            await Task.WhenAll(revocations);
        }
    }

    private async Task<(DateTimeOffset Lease, DateTimeOffset Token)> EndsAsync(TestPortal portal, Credential credential)
    {
        using var http = new HttpClient { BaseAddress = Sandbox.Vault.Address };
        http.DefaultRequestHeaders.Add("X-Vault-Token", Sandbox.Vault.RootToken);
        var lease = await VaultLookup.ExpiryAsync(http, "sys/leases/lookup", new { lease_id = credential.LeaseId });
        var token = await VaultLookup.ExpiryAsync(http, "auth/token/lookup-accessor", new { accessor = credential.Accessor });
        return (lease, token);
    }
}
