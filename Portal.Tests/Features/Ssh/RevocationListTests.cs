using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Portal.Data;
using Portal.Features.Credentials;
using Portal.Features.SignIn;
using Portal.Features.Ssh;
using Portal.Features.Teams;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

public sealed class RevocationListTests(SandboxFixture fixture) : SshTests(fixture)
{
    [Fact]
    public async Task A_revoked_certificate_is_on_the_list_at_once_and_another_is_not()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var (one, other) = (await IssueAsync(bob), await IssueAsync(bob));

        (await bob.DeleteAsync($"/credentials/{one.Id}")).Status.ShouldBe(HttpStatusCode.NoContent);

        Keygen.AreRevoked(await ListAsync(portal), [Certificate(one), Certificate(other)]).ShouldBe([true, false]);
        var described = await DescribedListAsync(portal);
        described.ShouldContain($"serial: {one.Json.GetProperty("serial").GetString()}");
        described.ShouldContain(KeyId(one));
        (await bob.DeleteAsync($"/credentials/{one.Id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await bob.GetAsync($"/credentials/{one.Id}")).Json.GetProperty("state").GetString().ShouldBe("revoked");
    }

    [Fact]
    public async Task Revoking_needs_no_Vault()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var issued = await IssueAsync(bob);
        var actor = await portal.DatabaseAsync(async db => (await db.Credentials.SingleAsync(Cancel)).OwnerId);
        var session = await portal.DatabaseAsync(db => db.Sessions.SingleAsync(row => row.UserId == actor, Cancel));
        await Sandbox.Vault.Control.StopAsync(Cancel);

        var outcome = await portal.Get<SshCertificates>().RevokeAsync(new Actor(actor, session.Id, "bob", "127.0.0.1"), issued.Id, Cancel);

        outcome.ShouldBeOfType<RevokeOutcome.Revoked>();
        (await IsRevokedAsync(portal, Certificate(issued))).ShouldBeTrue();
    }

    [Fact]
    public async Task Suspended_or_out_of_the_team_all_of_ones_certificates_are_on_the_list()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        Answer[] bobs = [await IssueAsync(bob), await IssueAsync(bob)];
        var carols = await IssueAsync(carol, role: "deploy");
        var ids = await portal.DatabaseAsync(db => db.Users.ToDictionaryAsync(user => user.Login, user => user.Id, Cancel));

        await portal.Get<MembershipLedger>().SuspendAsync(ids["bob"], "GitHub refuses the token", Cancel);
        await Eventually.TrueAsync(async () => Keygen.AreRevoked(await ListAsync(portal), [.. bobs.Select(Certificate)]).All(isIn => isIn), "bob's are on the list");
        (await IsRevokedAsync(portal, Certificate(carols))).ShouldBeFalse();

        await portal.DatabaseAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
            await portal.Get<CredentialInventory>().EndAsync(db, credential => credential.OwnerId == ids["carol"], "lost membership of platform", Cancel);
            await db.SaveChangesAsync(Cancel);
            await transaction.CommitAsync(Cancel);
            return 0;
        });
        await Eventually.TrueAsync(async () => await IsRevokedAsync(portal, Certificate(carols)), "carol's is on the list");
        (await portal.DatabaseAsync(db => db.Credentials.Select(row => row.State).Distinct().SingleAsync(Cancel))).ShouldBe(CredentialState.Revoked);
    }

    [Fact]
    public async Task A_maintainer_ends_what_the_team_holds_and_a_stranger_nothing()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var dave = await ApiClient.SignInAsync(portal, "dave");
        var issued = await IssueAsync(bob);

        (await alice.DeleteAsync($"/credentials/{issued.Id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await IsRevokedAsync(portal, Certificate(issued))).ShouldBeFalse();
        (await dave.DeleteAsync($"/credentials/{issued.Id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await IsRevokedAsync(portal, Certificate(issued))).ShouldBeTrue();
    }

    [Fact]
    public async Task Version_and_bytes_change_with_the_content_alone_and_a_host_may_ask_by_its_tag()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        using var http = new HttpClient { BaseAddress = portal.Address };
        var issued = await IssueAsync(bob);
        using var first = await http.GetAsync("/api/v1/ssh/krl", Cancel);
        var (before, bytes) = (portal.Get<RevocationList>().Current!, await ListAsync(portal));

        await portal.Get<RevocationList>().RebuildAsync(Cancel);
        (await ListAsync(portal)).ShouldBe(bytes);
        (await GetAsync(http, first.Headers.ETag!.ToString())).ShouldBe(HttpStatusCode.NotModified);
        first.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");

        await bob.DeleteAsync($"/credentials/{issued.Id}");
        portal.Get<RevocationList>().Current!.Version.ShouldBeGreaterThan(before.Version);
        (await GetAsync(http, first.Headers.ETag!.ToString())).ShouldBe(HttpStatusCode.OK);
        (await DescribedListAsync(portal)).ShouldContain($"# KRL version {portal.Get<RevocationList>().Current!.Version}");
    }

    [Fact]
    public async Task Two_portals_on_one_database_serve_the_same_list()
    {
        await using var one = await StartAsync();
        await using var two = await StartAsync(("Database:ConnectionString", $"Data Source={one.DatabaseFile}"));
        using var bob = await ApiClient.SignInAsync(one, "bob");
        var issued = await IssueAsync(bob);

        await bob.DeleteAsync($"/credentials/{issued.Id}");
        await Eventually.TrueAsync(async () => await IsRevokedAsync(two, Certificate(issued)), "the other portal lists it");

        (await ListAsync(two)).ShouldBe(await ListAsync(one));
        await Task.WhenAll(one.Get<RevocationList>().RebuildAsync(Cancel), two.Get<RevocationList>().RebuildAsync(Cancel));
        (await ListAsync(two)).ShouldBe(await ListAsync(one));
    }

    [Fact]
    public async Task A_restored_database_goes_on_above_what_hosts_have_seen()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var issued = await IssueAsync(bob);
        await bob.DeleteAsync($"/credentials/{issued.Id}");
        var seen = portal.Get<RevocationList>().Current!.Version;

        await portal.DatabaseAsync(db => db.RevocationVersions.ExecuteDeleteAsync(Cancel));
        await portal.Get<RevocationList>().RebuildAsync(Cancel);

        portal.Get<RevocationList>().Current!.Version.ShouldBeGreaterThan(seen);
        seen.ShouldBeGreaterThan(1_700_000_000);
    }

    [Fact]
    public async Task What_ended_long_ago_is_no_longer_listed()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var issued = await IssueAsync(bob);
        await bob.DeleteAsync($"/credentials/{issued.Id}");
        await EndAsync(DateTimeOffset.UtcNow.AddMinutes(-50));
        (await DescribedListAsync(portal)).ShouldContain(KeyId(issued));

        await EndAsync(DateTimeOffset.UtcNow.AddMinutes(-70));

        (await DescribedListAsync(portal)).ShouldNotContain(KeyId(issued));

        async Task EndAsync(DateTimeOffset at)
        {
            await portal.DatabaseAsync(db => db.Credentials.ExecuteUpdateAsync(set => set.SetProperty(row => row.ExpiresAt, at), Cancel));
            await portal.Get<RevocationList>().RebuildAsync(Cancel);
        }
    }

    [Fact]
    public async Task A_replica_whose_clock_is_behind_lists_no_more_than_the_others()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var issued = await IssueAsync(bob);
        await bob.DeleteAsync($"/credentials/{issued.Id}");
        await portal.DatabaseAsync(db => db.Credentials.ExecuteUpdateAsync(set => set.SetProperty(row => row.ExpiresAt, DateTimeOffset.UtcNow.AddMinutes(-70)), Cancel));
        await portal.Get<RevocationList>().RebuildAsync(Cancel);
        using var behind = new RevocationList(
            portal.Get<IDbContextFactory<PortalDb>>(), new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(-30)));

        await behind.RebuildAsync(Cancel);

        behind.Current!.Bytes.ShouldBe(portal.Get<RevocationList>().Current!.Bytes);
    }

    [Fact]
    public async Task A_clock_that_was_a_year_ahead_once_hides_no_revocation()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var (before, after) = (await IssueAsync(bob), await IssueAsync(bob));
        await bob.DeleteAsync($"/credentials/{before.Id}");
        using var ahead = new RevocationList(portal.Get<IDbContextFactory<PortalDb>>(), new FakeTimeProvider(DateTimeOffset.UtcNow.AddYears(1)));
        await ahead.RebuildAsync(Cancel);
        await portal.DatabaseAsync(db => db.Credentials.Where(row => row.Id == after.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.State, CredentialState.Expired), Cancel));

        (await bob.DeleteAsync($"/credentials/{after.Id}")).Status.ShouldBe(HttpStatusCode.NoContent);

        Keygen.AreRevoked(await ListAsync(portal), [Certificate(before), Certificate(after)]).ShouldBe([true, true]);
    }

    [Fact]
    public async Task Started_while_Vault_is_away_hosts_still_get_list_and_authority()
    {
        await using var before = await StartAsync();
        using var bob = await ApiClient.SignInAsync(before, "bob");
        var issued = await IssueAsync(bob);
        await bob.DeleteAsync($"/credentials/{issued.Id}");
        await Sandbox.Vault.Control.StopAsync(Cancel);

        await using var portal = await StartAsync(("Database:ConnectionString", $"Data Source={before.DatabaseFile}"));

        using var http = new HttpClient { BaseAddress = portal.Address };
        await Eventually.TrueAsync(async () => (await StatusAsync(http, "/api/v1/ssh/krl"), await StatusAsync(http, "/api/v1/ssh/ca")) == (HttpStatusCode.OK, HttpStatusCode.OK), "both come");
        (await IsRevokedAsync(portal, Certificate(issued))).ShouldBeTrue();
        (await StatusAsync(http, "/api/v1/ssh/roles")).ShouldBe(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task The_authority_is_the_one_that_signs()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        using var http = new HttpClient { BaseAddress = portal.Address };
        var issued = await IssueAsync(bob);

        var text = await http.GetStringAsync("/api/v1/ssh/ca", Cancel);

        text.ShouldEndWith("\n");
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(1);
        var fingerprint = SshPublicKey.FingerprintOf(Convert.FromBase64String(text.Split(' ')[1]));
        Keygen.Describe(Certificate(issued)).ShouldContain(fingerprint);
        (await portal.DatabaseAsync(db => db.SshAuthorities.SingleAsync(Cancel))).Fingerprint.ShouldBe(fingerprint);
    }

    [Fact]
    public async Task Hosts_that_ask_too_often_are_told_when_to_come_again()
    {
        await using var portal = await StartAsync(("Portal:HostCallsPerMinute", "60"));
        using var http = new HttpClient { BaseAddress = portal.Address };
        for (var i = 0; i < 400; i++)
        {
            using var answer = await http.GetAsync("/api/v1/ssh/ca", Cancel);
            if (answer.StatusCode != HttpStatusCode.TooManyRequests)
                continue;
            answer.Headers.RetryAfter.ShouldNotBeNull();
            return;
        }

        Assert.Fail("No call was too much.");
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path, Cancel);
        return answer.StatusCode;
    }

    private static async Task<HttpStatusCode> GetAsync(HttpClient http, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/ssh/krl");
        request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        using var answer = await http.SendAsync(request, Cancel);
        return answer.StatusCode;
    }
}
