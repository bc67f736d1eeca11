using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Features.CloudCredentials;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>What happens between a look and an act.</summary>
public sealed class CloudRaceTests(SandboxFixture fixture) : CloudTests(fixture)
{
    public override ValueTask DisposeAsync()
    {
        Sandbox.Clouds.Control("digitalocean").Clear();
        return base.DisposeAsync();
    }

    [Fact]
    public async Task A_change_that_waited_for_its_cloud_never_lands_on_the_next_of_that_name()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["CloudCredentials:VerifyTimeout"] = "00:02:00" });
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        var (name, token) = (Name(), Sandbox.Clouds.Seed.Values("digitalocean")["DO_TOKEN"]);
        var before = await RegisterAsync(alice, name, One("DO_TOKEN", $"dop_v1_{new string('1', 64)}"), "digitalocean");
        // The cloud is asked, and the answer of Vault before it held.
        await Sandbox.Vault.Control.HoldAsync("GET", $"*/data/*/{name}", Cancel);
        var changing = ChangeAsync(alice, name, ETag(before), new { values = One("DO_TOKEN", token) }, verify: true);
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);
        (await DeleteAsync(carol, name)).Status.ShouldBe(HttpStatusCode.NoContent);
        await RegisteredAsync(carol, name, One("token", "hers"));
        await Sandbox.Vault.Control.ReleaseAsync(Cancel);

        (await changing).Status.ShouldBe(HttpStatusCode.NotFound);

        (await RevealAsync(carol, name, "token")).Json.GetProperty("value").GetString().ShouldBe("hers");
        (await VersionsAtVaultAsync(portal, name)).ShouldBe([1]);
    }

    [Fact]
    public async Task A_reveal_that_waited_for_Vault_shows_nothing_of_what_was_revoked_meanwhile()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        var (name, secret) = (Name(), Canary());
        await RegisteredAsync(alice, name, One("token", secret));
        await Sandbox.Vault.Control.HoldAsync("GET", $"*/data/*/{name}", Cancel);
        var revealing = RevealAsync(alice, name, "token");
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);
        await DeleteAsync(carol, name);
        await Sandbox.Vault.Control.ReleaseAsync(Cancel);

        var refused = await revealing;

        refused.Status.ShouldBe(HttpStatusCode.NotFound);
        refused.Text.ShouldNotContain(secret);
    }

    [Fact]
    public async Task Past_its_end_it_is_not_shown_and_not_changed_also_while_Vault_keeps_it()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var portal = await TestPortal.StartAsync(Sandbox, services: services => services.AddSingleton<TimeProvider>(time));
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        var registered = await RegisteredAsync(alice, name, endsAt: time.GetUtcNow().AddMinutes(5));
        await Sandbox.Vault.Control.DenyAsync($"*/metadata/*/{name}", Cancel);
        time.Advance(TimeSpan.FromMinutes(6));

        (await RevealAsync(alice, name, "token")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await ChangeAsync(alice, name, ETag(registered), new { neverEnds = true })).Status.ShouldBe(HttpStatusCode.NotFound);

        await Sandbox.Vault.Control.DenyAsync(null, Cancel);
        time.Advance(TimeSpan.FromMinutes(6));
        await RoundAsync(portal);
        (await VersionsAtVaultAsync(portal, name)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_revoked_and_came_back_at_Vault_is_revoked_again()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        await RegisteredAsync(alice, name);
        var place = new CloudPlace(await TeamIdAsync(portal), name);
        var kept = (await portal.Get<KeyValueDocuments>().ReadAsync(VaultRole.CloudCredentials, place.Path, null, null, Cancel))!.Data;
        await DeleteAsync(alice, name);
        await portal.Get<KeyValueDocuments>().WriteAsync(VaultRole.CloudCredentials, place.Path, kept, 0, null, Cancel);

        await portal.Get<CloudIndex>().SettleAsync(place, Cancel);
        await RoundAsync(portal);

        (await RowAsync(portal, name))!.State.ShouldBe(CloudState.Revoked);
        (await VersionsAtVaultAsync(portal, name)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_ended_at_Vault_and_came_back_there_lives_on()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, secret) = (Name(), Canary());
        var registered = await RegisteredAsync(alice, name, One("token", secret));
        var place = new CloudPlace(await TeamIdAsync(portal), name);
        var kept = (await portal.Get<KeyValueDocuments>().ReadAsync(VaultRole.CloudCredentials, place.Path, null, null, Cancel))!.Data;
        await portal.Get<CloudVault>().DeleteAsync(place, new OnBehalfOf("operator"), Cancel);
        await portal.Get<CloudIndex>().SettleAsync(place, Cancel);
        (await GetAsync(alice, name)).Status.ShouldBe(HttpStatusCode.NotFound);
        await portal.Get<KeyValueDocuments>().WriteAsync(VaultRole.CloudCredentials, place.Path, kept, 0, null, Cancel);

        await portal.Get<CloudIndex>().SettleAsync(place, Cancel);

        ETag(await GetAsync(alice, name)).ShouldBe(ETag(registered));
        (await RevealAsync(alice, name, "token")).Json.GetProperty("value").GetString().ShouldBe(secret);
    }

    [Fact]
    public async Task A_document_that_was_copied_to_another_place_takes_nothing_over()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, copy) = (Name(), Name());
        var registered = await RegisteredAsync(alice, name);
        var place = new CloudPlace(await TeamIdAsync(portal), name);
        var kept = (await portal.Get<KeyValueDocuments>().ReadAsync(VaultRole.CloudCredentials, place.Path, null, null, Cancel))!.Data;
        var other = new CloudPlace(await TeamIdAsync(portal, "platform"), copy);
        await portal.Get<KeyValueDocuments>().WriteAsync(VaultRole.CloudCredentials, other.Path, kept, 0, null, Cancel);

        (await portal.Get<CloudIndex>().SettleAsync(other, Cancel)).ShouldBeFalse();

        (await GetAsync(alice, name)).Text.ShouldBe(registered.Text);
        (await RowAsync(portal, copy)).ShouldBeNull();
        await portal.Get<CloudVault>().DeleteAsync(other, new OnBehalfOf("operator"), Cancel);
    }

    [Fact]
    public async Task A_restore_over_what_another_hand_wrote_brings_back_no_earlier_end()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        var first = await RegisteredAsync(alice, name, endsAt: DateTimeOffset.UtcNow.AddMinutes(1));
        var second = await ChangeAsync(alice, name, ETag(first), new { neverEnds = true, tags = new[] { "kept" } });
        var place = new CloudPlace(await TeamIdAsync(portal), name);
        await portal.Get<KeyValueDocuments>().WriteAsync(VaultRole.CloudCredentials, place.Path, JsonSerializer.SerializeToElement(new { token = "by hand" }), 2, null, Cancel);
        await ChangeAsync(alice, name, ETag(second), new { tags = new[] { "x" } });
        var seen = await GetAsync(alice, name);

        var restored = await RestoreAsync(alice, name, 1, ETag(seen));

        restored.Json.GetProperty("endsAt").ValueKind.ShouldBe(JsonValueKind.Null, restored.Text);
        restored.Json.GetProperty("tags")[0].GetString().ShouldBe("kept");
    }

    [Fact]
    public async Task A_revoke_may_name_the_one_that_it_means()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        var first = await RegisteredAsync(alice, name);
        await DeleteAsync(alice, name);
        await RegisteredAsync(alice, name);
        using var request = new HttpRequestMessage(HttpMethod.Delete, alice.AddressOf($"/teams/{Team}/cloud-credentials/{name}"));
        request.Headers.TryAddWithoutValidation("If-Match", ETag(first));

        (await alice.SendAsync(request)).Status.ShouldBe(HttpStatusCode.NotFound);

        (await VersionsAtVaultAsync(portal, name)).ShouldBe([1]);
    }

    [Fact]
    public async Task Who_asks_a_cloud_while_it_is_asked_gets_the_same_answer()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        var name = Name();
        await RegisterAsync(alice, name, Sandbox.Clouds.Seed.Values("digitalocean"), "digitalocean");
        await Sandbox.Vault.Control.HoldAsync("GET", $"*/data/*/{name}", Cancel);
        var first = VerifyAsync(alice, name);
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);
        var second = VerifyAsync(carol, name);
        await Sandbox.Vault.Control.ReleaseAsync(Cancel);

        foreach (var answer in await Task.WhenAll(first, second))
            answer.Json.GetProperty("verification").GetProperty("standing").GetString().ShouldBe("verified", answer.Text);
    }

    [Fact]
    public async Task Who_asks_a_cloud_and_goes_away_takes_the_answer_from_nobody()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        await RegisterAsync(alice, name, Sandbox.Clouds.Seed.Values("digitalocean"), "digitalocean");
        var id = (await RowAsync(portal, name))!.Id;
        await Sandbox.Vault.Control.HoldAsync("GET", $"*/data/*/{name}", Cancel);
        using var gone = new CancellationTokenSource();
        var first = portal.Get<CloudVerification>().CheckAsync(id, null, gone.Token);
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);
        var second = portal.Get<CloudVerification>().CheckAsync(id, null, Cancel);
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        await Sandbox.Vault.Control.ReleaseAsync(Cancel);

        (await second).ShouldBeOfType<CloudVerdict.Good>();
    }

    [Fact]
    public async Task Fields_without_number_are_refused_in_one_sentence()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var refused = await RegisterAsync(alice, Name(), Enumerable.Range(0, 100_000).ToDictionary(number => $"f{number}", _ => ""), "amazon");

        refused.ErrorOf("values").ShouldContain("100000 fields");
        refused.Text.Length.ShouldBeLessThan(2000);
    }
}
