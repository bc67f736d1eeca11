using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Credentials;
using Portal.Features.Databases;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Databases;

/// <summary>The second engine from end to end: billing-readonly on MariaDB. What the portal decides by itself is tested with shop alone.</summary>
public sealed class BillingTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    private const string Role = "billing-readonly";

    [Fact]
    public async Task An_issued_login_works_in_every_form_and_names_its_person()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");

        var issued = await alice.IssueAsync(Role);

        issued.Status.ShouldBe(HttpStatusCode.Created, issued.Text);
        issued.Username.ShouldMatch("^v-alice-[A-Za-z0-9]{10}$");
        (issued.Json.GetProperty("engine").GetString(), issued.Json.GetProperty("port").GetInt32()).ShouldBe(("mariadb", Sandbox.MariaDb.Port));
        var forms = issued.Json.GetProperty("connections").EnumerateArray().ToDictionary(form => form.GetProperty("name").GetString()!, form => form.GetProperty("text").GetString()!);
        forms.Keys.ShouldBe(["mariadb", "URL", "ADO.NET", "JDBC", ".env"]);
        Shell($"{forms["mariadb"]} -N -e 'SELECT count(*) FROM invoices'").ShouldBe("90\n");
        Shell($"set -a; {forms[".env"]}\nmariadb --user=\"$MYSQL_USER\" --database=\"$MYSQL_DATABASE\" -N -e 'SELECT count(*) FROM invoices'").ShouldBe("90\n");
        await using var connection = new MySqlConnector.MySqlConnection(forms["ADO.NET"] + ";Pooling=false");
        await connection.OpenAsync(Cancel);
        (await connection.QueryAsync<long>("SELECT count(*) FROM outstanding")).ShouldBeGreaterThan(0);
        await Should.ThrowAsync<MySqlConnector.MySqlException>(() => connection.ExecuteAsync("DELETE FROM invoices"));
        var credential = await CredentialAsync(portal, issued.Id);
        (credential.State, credential.Role, credential.Target, credential.Username).ShouldBe((CredentialState.Active, Role, "MariaDB billing", issued.Username));
    }

    [Fact]
    public async Task Each_role_says_its_engine()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");

        var roles = await portal.Get<GrantedRoles>().ListAsync(await alice.ActorAsync(portal), Cancel);

        roles.Select(role => $"{role.Role} {DatabaseEngines.Title(role.Engine)}").ShouldBe(["billing-readonly MariaDB", "shop-readonly PostgreSQL", "shop-readwrite PostgreSQL"]);
    }

    [Fact]
    public async Task A_revoke_cuts_the_running_query_and_refuses_the_login()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        var issued = await alice.IssueAsync(Role);
        await using var session = await Sandbox.MariaDb.OpenAsync(issued.Username, issued.Password);
        var running = session.QueryAsync<int>("SELECT SLEEP(60)");

        var outcome = await portal.Get<DatabaseCredentials>().RevokeAsync(await alice.ActorAsync(portal), issued.Id, Cancel);

        outcome.ShouldBeOfType<RevokeOutcome.Revoked>();
        await Should.ThrowAsync<MySqlConnector.MySqlException>(() => running);
        (await Sandbox.MariaDb.RefusalAsync(issued.Username, issued.Password)).ShouldBe(MariaDb.AccessDenied);
        (await Sandbox.MariaDb.HasUserAsync(issued.Username)).ShouldBeFalse();
    }

    [Fact]
    public async Task While_its_server_is_down_a_credential_is_revoking_and_then_gone()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["Databases:EndingInterval"] = "00:00:00.2" });
        using var alice = await portal.SignInAsync("alice");
        var issued = await alice.IssueAsync(Role);
        await Sandbox.MariaDb.StopAsync();

        var outcome = await portal.Get<DatabaseCredentials>().RevokeAsync(await alice.ActorAsync(portal), issued.Id, Cancel);

        outcome.ShouldBeOfType<RevokeOutcome.Revoking>().Why.ShouldNotBeEmpty();
        (await CredentialAsync(portal, issued.Id)).State.ShouldBe(CredentialState.Revoking);
        await Sandbox.MariaDb.StartAgainAsync();
        await Eventually.TrueAsync(async () => (await CredentialAsync(portal, issued.Id)).State == CredentialState.Revoked, "the credential is revoked");
        (await Sandbox.MariaDb.HasUserAsync(issued.Username)).ShouldBeFalse();
    }

    // MariaDB knows no VALID UNTIL: the lease alone ends the user.
    [Fact]
    public async Task It_ends_by_itself_and_an_extension_moves_the_end()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?>
        {
            ["Databases:ShortestDuration"] = "00:00:10",
            ["Databases:EndingInterval"] = "00:00:00.2",
        });
        using var alice = await portal.SignInAsync("alice");
        var (ending, extended) = (await alice.IssueAsync(Role, seconds: 10), await alice.IssueAsync(Role, seconds: 10));

        (await portal.Get<DatabaseCredentials>().ExtendAsync(await alice.ActorAsync(portal), extended.Id, TimeSpan.FromHours(1), Cancel))
            .ShouldBeOfType<ExtendOutcome.Extended>().ExpiresAt.ShouldBe(extended.ExpiresAt.AddSeconds(3590), TimeSpan.FromSeconds(8));

        await Eventually.TrueAsync(async () => (await CredentialAsync(portal, ending.Id)).State == CredentialState.Expired, "the credential is expired");
        (await Sandbox.MariaDb.HasUserAsync(ending.Username)).ShouldBeFalse();
        (await Sandbox.MariaDb.RefusalAsync(extended.Username, extended.Password)).ShouldBeNull();
    }

    [Theory]
    [InlineData(59)]
    [InlineData((8 * 3600) + 1)]
    public async Task The_limits_of_the_grant_hold(int seconds)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");

        var answer = await alice.IssueAsync(Role, seconds);

        answer.Json.GetProperty("detail").GetString().ShouldBe("The duration must be between 1 min and 8 h.");
    }

    [Fact]
    public async Task Issues_succeed_while_others_are_being_revoked()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        var actor = await alice.ActorAsync(portal);
        var ending = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => alice.IssueAsync(Role)));
        var revocations = ending.Select(issued => portal.Get<DatabaseCredentials>().RevokeAsync(actor, issued.Id, Cancel)).ToList();

        var issues = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => alice.IssueAsync(Role)));

        issues.Where(issued => issued.Status != HttpStatusCode.Created).Select(issued => issued.Text).ShouldBeEmpty();
        (await Task.WhenAll(revocations)).ShouldAllBe(outcome => outcome is RevokeOutcome.Revoked);
    }

    private static Task<Credential> CredentialAsync(TestPortal portal, Guid id) =>
        portal.DatabaseAsync(db => db.Credentials.AsNoTracking().SingleAsync(row => row.Id == id, Cancel));

    private static string Shell(string script)
    {
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardOutput = true })!;
        var output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return output;
    }
}
