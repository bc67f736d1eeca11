using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Features.Audit;
using Portal.Features.CloudCredentials;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>Vault has the say: whatever happens between it and the index, the index comes to say the same.</summary>
public sealed class CloudIndexTests(SandboxFixture fixture) : CloudTests(fixture)
{
    private readonly SandboxFixture _fixture = fixture;

    [Fact]
    public async Task A_lost_index_is_made_again_with_all_that_was_in_it()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        var (name, end) = (Name(), DateTimeOffset.UtcNow.AddDays(3));
        var registered = await RegisterAsync(alice, name, CloudSamples.Of("amazon"), "amazon", tags: ["env:prod"], endsAt: end);
        var changed = await ChangeAsync(carol, name, ETag(registered), new { values = One("AWS_REGION", "eu-west-1") });
        await DeleteAsync(alice, name, "/versions/1");
        var (versions, gone) = (await GetAsync(alice, name, "/versions"), Name());
        await RegisteredAsync(alice, gone);
        await DeleteAsync(alice, gone);

        var lost = await LoseAsync(portal);
        var printed = await Sandbox.Program.RunAsync(Settings(lost), ["rebuild-index"], Cancel);

        printed.ShouldContain("in the index");
        await using var again = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["Database:ConnectionString"] = $"Data Source={lost}" });
        using var alicia = await ApiClient.SignInAsync(again, "alice");
        var found = await GetAsync(alicia, name);
        Without(found, "verification").ShouldBe(Without(changed, "verification"));
        // What was removed is known no more, but that it was.
        (await GetAsync(alicia, name, "/versions")).Items[0].GetRawText().ShouldBe(versions.Items[0].GetRawText());
        (await RevealAsync(alicia, name, "AWS_SECRET_ACCESS_KEY")).Json.GetProperty("value").GetString().ShouldBe(CloudSamples.Of("amazon")["AWS_SECRET_ACCESS_KEY"]);
        (await GetAsync(alicia, gone)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Rebuilding_before_the_teams_are_adopted_again_does_as_well()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        await RegisteredAsync(alice, name);
        var file = Path.Combine(Path.GetDirectoryName(portal.DatabaseFile)!, "empty.db");

        var printed = await Sandbox.Program.RunAsync(Settings(file), ["rebuild-index"], Cancel);
        await Sandbox.ApplyAsync(Sandbox.Folder.Access, file, Cancel);

        printed.ShouldContain("not adopted now");
        await using var again = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["Database:ConnectionString"] = $"Data Source={file}" });
        using var alicia = await ApiClient.SignInAsync(again, "alice");
        (await GetAsync(alicia, name)).Json.GetProperty("mayManage").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_crash_between_Vault_and_index_heals_itself_at_the_next_start()
    {
        await using var portal = await _fixture.StartPortalAsync();
        using var person = await Person.SignInAsync(portal.Address, "alice");
        var (name, changed) = (Name(), Name());
        await person.PostAsync($"/browser/teams/{Team}/cloud-credentials", new { name = changed, type = "generic", values = One("token", "before") });
        var issued = await person.IssueTokenAsync();
        using var alice = new ApiClient(portal.Address, issued.Token);
        var before = await GetAsync(alice, changed);

        await Sandbox.Vault.Control.HoldAsync("POST", $"*/data/*/{name}", Cancel);
        var registering = person.PostAsync($"/browser/teams/{Team}/cloud-credentials", new { name, type = "generic", values = One("token", "kept") });
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);
        await portal.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(registering);
        await Sandbox.Vault.Control.DropAsync(Cancel);
        await portal.RestartAsync(Cancel);
        await Eventually.TrueAsync(async () => (await GetAsync(alice, name)).Status == HttpStatusCode.OK, "the registration is in the index");

        await Sandbox.Vault.Control.HoldAsync("POST", $"*/data/*/{changed}", Cancel);
        var changing = person.PostAsync(
            $"/browser/teams/{Team}/cloud-credentials/{changed}/change", new { tag = ETag(before).Trim('"'), values = One("token", "after") });
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);
        await portal.KillAsync();
        await Should.ThrowAsync<HttpRequestException>(changing);
        await Sandbox.Vault.Control.DropAsync(Cancel);
        await portal.RestartAsync(Cancel);

        await Eventually.TrueAsync(async () => (await GetAsync(alice, changed)).Json.GetProperty("version").GetInt32() == 2, "the change is in the index");
        (await RevealAsync(alice, changed, "token")).Json.GetProperty("value").GetString().ShouldBe("after");
        (await RevealAsync(alice, name, "token")).Json.GetProperty("value").GetString().ShouldBe("kept");
    }

    [Fact]
    public async Task A_revoke_that_Vault_did_not_carry_out_is_carried_out_later()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        await RegisteredAsync(alice, name);
        await Sandbox.Vault.Control.DenyAsync($"*/metadata/*/{name}", Cancel);

        var revoking = await DeleteAsync(alice, name);

        (revoking.Status, revoking.Json.GetProperty("state").GetString()).ShouldBe((HttpStatusCode.Accepted, "revoking"));
        (await RevealAsync(alice, name, "token")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await RegisterAsync(alice, name)).Slug.ShouldBe("name-taken");
        await Sandbox.Vault.Control.DenyAsync(null, Cancel);
        await Eventually.TrueAsync(async () => (await RowAsync(portal, name))!.State == CloudState.Revoked, "it is gone");
        (await VersionsAtVaultAsync(portal, name)).ShouldBeEmpty();
        (await RegisterAsync(alice, name)).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task What_ends_ends_on_its_day_and_not_before()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var portal = await TestPortal.StartAsync(Sandbox, services: services => services.AddSingleton<TimeProvider>(time));
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, later) = (Name(), Name());
        await RegisteredAsync(alice, name, endsAt: time.GetUtcNow().AddMinutes(30));
        await RegisteredAsync(alice, later, endsAt: time.GetUtcNow().AddMinutes(90));

        time.Advance(TimeSpan.FromMinutes(29));
        await RoundAsync(portal);
        (await GetAsync(alice, name)).Status.ShouldBe(HttpStatusCode.OK);
        time.Advance(TimeSpan.FromMinutes(2));
        await RoundAsync(portal);

        var row = (await RowAsync(portal, name))!;
        (row.State, row.EndedBy).ShouldBe((CloudState.Revoked, "its end date"));
        (await VersionsAtVaultAsync(portal, name)).ShouldBeEmpty();
        (await VersionsAtVaultAsync(portal, later)).ShouldBe([1]);
    }

    [Fact]
    public async Task An_index_out_of_a_backup_ends_nothing_that_lives_on()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var portal = await TestPortal.StartAsync(Sandbox, services: services => services.AddSingleton<TimeProvider>(time));
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (extended, reused) = (Name(), Name());
        var registered = await RegisteredAsync(alice, extended, endsAt: time.GetUtcNow().AddMinutes(30));
        await RegisteredAsync(alice, reused, endsAt: time.GetUtcNow().AddMinutes(30));
        var backup = Path.Combine(Path.GetDirectoryName(portal.DatabaseFile)!, "backup.db");
        await SqliteFile.CopyAsync(portal.DatabaseFile, backup);
        await ChangeAsync(alice, extended, ETag(registered), new { neverEnds = true });
        await DeleteAsync(alice, reused);
        time.Advance(TimeSpan.FromMinutes(1));
        await RegisteredAsync(alice, reused);
        await portal.StopAsync();
        time.Advance(TimeSpan.FromMinutes(40));

        await using var old = await TestPortal.StartAsync(
            Sandbox, new Dictionary<string, string?> { ["Database:ConnectionString"] = $"Data Source={backup}" }, services => services.AddSingleton<TimeProvider>(time));
        await RoundAsync(old);

        (await VersionsAtVaultAsync(old, extended)).ShouldBe([1, 2]);
        (await VersionsAtVaultAsync(old, reused)).ShouldBe([1]);
        (await RowAsync(old, extended))!.EndsAt.ShouldBeNull();
        (await RowAsync(old, reused))!.State.ShouldBe(CloudState.Active);
    }

    [Fact]
    public async Task What_somebody_deletes_at_Vault_ends_here_when_it_is_looked_at()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        var registered = await RegisteredAsync(alice, name);
        await portal.Get<CloudVault>().DeleteAsync(new(await TeamIdAsync(portal), name), new OnBehalfOf("operator"), Cancel);

        (await ChangeAsync(alice, name, ETag(registered), new { values = One("token", Canary()) })).Status.ShouldBe(HttpStatusCode.NotFound);

        (await GetAsync(alice, name)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await RowAsync(portal, name))!.EndedBy.ShouldBe(CloudVersion.Outside);
    }

    [Fact]
    public async Task What_somebody_writes_at_Vault_is_named_and_an_earlier_version_restored_over_it()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, secret) = (Name(), Canary());
        var registered = await RegisteredAsync(alice, name, One("token", secret));
        var place = new CloudPlace(await TeamIdAsync(portal), name);
        await portal.Get<KeyValueDocuments>().WriteAsync(VaultRole.CloudCredentials, place.Path, JsonSerializer.SerializeToElement(new { token = "by hand" }), 1, null, Cancel);

        (await ChangeAsync(alice, name, ETag(registered), new { values = One("token", Canary()) })).Slug.ShouldBe("changed-meanwhile");
        var seen = await GetAsync(alice, name);
        seen.Json.GetProperty("changedBy").GetString().ShouldBe(CloudVersion.Outside);
        (await ChangeAsync(alice, name, ETag(seen), new { values = One("token", Canary()) })).ErrorOf("version").ShouldContain("outside of the portal");
        var restored = await RestoreAsync(alice, name, 1, ETag(seen));

        restored.Status.ShouldBe(HttpStatusCode.OK, restored.Text);
        (await RevealAsync(alice, name, "token")).Json.GetProperty("value").GetString().ShouldBe(secret);
        (await VersionsAtVaultAsync(portal, name)).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_name_that_only_Vault_knew_is_taken_and_listed_from_then_on()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        await RegisteredAsync(alice, name);
        await portal.DatabaseAsync(db => db.CloudCredentials.Where(row => row.Name == name).ExecuteDeleteAsync(Cancel));

        (await RegisterAsync(alice, name)).Slug.ShouldBe("name-taken");

        (await GetAsync(alice, name)).Status.ShouldBe(HttpStatusCode.OK);
        (await portal.DatabaseAsync(db => db.AuditEvents.AnyAsync(audited => audited.Action == "cloud.settle" && audited.Detail!.Contains(name), Cancel))).ShouldBeTrue();
    }

    [Fact]
    public async Task Vault_away_is_named_and_nothing_is_half_done()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["AccessTokens:CacheTime"] = "00:05:00" });
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        var registered = await RegisteredAsync(alice, name);
        await Sandbox.Vault.Control.SealAsync(Cancel);

        (await GetAsync(alice, name)).Status.ShouldBe(HttpStatusCode.OK);
        foreach (var refused in new[] { await RevealAsync(alice, name, "token"), await ChangeAsync(alice, name, ETag(registered), new { values = One("token", "x") }), await RegisterAsync(alice, Name()) })
            (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.ServiceUnavailable, "vault-sealed"));

        await Sandbox.Vault.Control.UnsealAsync(Cancel);
        (await ChangeAsync(alice, name, ETag(registered), new { values = One("token", Canary()) })).Status.ShouldBe(HttpStatusCode.OK);
    }

    private static string Without(Answer answer, string field)
    {
        var json = System.Text.Json.Nodes.JsonNode.Parse(answer.Text)!.AsObject();
        json.Remove(field);
        return json.ToJsonString();
    }

    // The file is gone; `apply` made a new one.
    private async Task<string> LoseAsync(TestPortal portal)
    {
        var file = Path.Combine(Path.GetDirectoryName(portal.DatabaseFile)!, "lost.db");
        await Sandbox.ApplyAsync(Sandbox.Folder.Access, file, Cancel);
        return file;
    }

    private IReadOnlyDictionary<string, string?> Settings(string database) => Sandbox.PortalSettings(new Uri("http://127.0.0.1"), database);
}
