using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Credentials;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Databases;

public sealed class VaultTroubleTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    [Fact]
    public async Task A_sealed_Vault_is_named_and_works_again_once_unsealed()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        await Sandbox.Vault.Control.SealAsync(Cancel);

        var refused = await alice.IssueAsync();

        (refused.Status, refused.Slug, refused.RetryAfter).ShouldBe((HttpStatusCode.ServiceUnavailable, "vault-sealed", "5"));
        await Sandbox.Vault.Control.UnsealAsync(Cancel);
        (await alice.IssueAsync()).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_stopped_Vault_is_named_and_works_again_once_it_answers()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        await Sandbox.Vault.Control.StopAsync(Cancel);

        var refused = await alice.IssueAsync();

        (refused.Status, refused.Slug, refused.RetryAfter).ShouldBe((HttpStatusCode.ServiceUnavailable, "vault-unreachable", "5"));
        await Sandbox.Vault.Control.StartAsync(Cancel);
        (await alice.IssueAsync()).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_Vault_that_denies_a_step_is_named_and_nothing_stays_behind()
    {
        var before = await Sandbox.Postgres.VaultUsersAsync();
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        await Sandbox.Vault.Control.DenyAsync("sys/leases/renew", Cancel);

        var refused = await alice.IssueAsync();

        (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.BadGateway, "vault-denied"));
        await Eventually.TrueAsync(async () => !(await Sandbox.Postgres.VaultUsersAsync()).Except(before).Any(), "the user is gone");
        (await portal.DatabaseAsync(db => db.Credentials.SingleAsync(Cancel))).State.ShouldBe(CredentialState.Revoked);
    }

    [Fact]
    public async Task A_Vault_that_forgot_all_tokens_costs_one_login_and_no_credential()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        (await alice.IssueAsync()).Status.ShouldBe(HttpStatusCode.Created);
        await Sandbox.Vault.Control.ForgetTokensAsync(Cancel);

        (await alice.IssueAsync()).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_slow_Vault_issues_late()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        await Sandbox.Vault.Control.SlowAsync(TimeSpan.FromSeconds(5), $"{Sandbox.Vault.Prefix}-db/creds/*", Cancel);

        var issued = await alice.IssueAsync();

        issued.Status.ShouldBe(HttpStatusCode.Created);
        issued.ExpiresAt.ShouldBeLessThanOrEqualTo(issued.Json.GetProperty("issuedAt").GetDateTimeOffset().AddSeconds(3601));
    }

    [Fact]
    public async Task Started_while_Vault_is_away_one_page_says_so_and_the_portal_goes_on_by_itself()
    {
        await Sandbox.Vault.Control.StopAsync(Cancel);
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var http = new HttpClient { BaseAddress = portal.Address };

        using (var away = await http.GetAsync("/sign-in", Cancel))
        {
            away.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await away.Content.ReadAsStringAsync(Cancel)).ShouldContain("Vault");
        }

        using (var alive = await http.GetAsync("/livez", Cancel))
            alive.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Sandbox.Vault.Control.StartAsync(Cancel);
        await Eventually.TrueAsync(
            async () =>
            {
                using var back = await http.GetAsync("/sign-in", Cancel);
                return back.StatusCode == HttpStatusCode.OK;
            },
            "the portal opens");
        using var alice = await portal.SignInAsync("alice");
        (await alice.IssueAsync()).Status.ShouldBe(HttpStatusCode.Created);
    }
}
