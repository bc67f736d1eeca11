using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Features.Audit;
using Portal.Features.CloudCredentials;
using Portal.Sandbox.Clouds;
using Portal.Tests.Support;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>Good, bad and unreachable, at registration, on demand and by and by, against clouds that check what clouds check.</summary>
public sealed class CloudVerificationTests(SandboxFixture fixture) : CloudTests(fixture)
{
    /// <summary>A fact that its cloud tells about a good one, and a change that makes it a bad one.</summary>
    private static readonly Dictionary<string, (string Fact, string Field, Func<string, string> Spoil)> s_clouds = new()
    {
        ["amazon"] = ("Account", "AWS_SECRET_ACCESS_KEY", value => new string([.. value.Reverse()])),
        ["azure"] = ("Subscription", "AZURE_CLIENT_SECRET", value => new string([.. value.Reverse()])),
        ["google"] = ("Project", "private_key", _ => CloudSamples.Of("google")["private_key"]),
        ["kubernetes"] = ("User", "K8Sconfig", value => Edited(value, "token: ", token => new string([.. token.Reverse()]))),
        ["digitalocean"] = ("Account", "DO_TOKEN", value => $"dop_v1_{new string('0', 64)}"),
        ["cloudflare"] = ("User", "CF_API_KEY", value => new string('0', value.Length)),
        ["vault"] = ("Display name", "token", value => value[..^4] + "0000"),
    };

    public static TheoryData<string> Clouds => [.. s_clouds.Keys];

    public override ValueTask DisposeAsync()
    {
        foreach (var cloud in s_clouds.Keys.Except(["kubernetes", "vault"]))
            Sandbox.Clouds.Control(cloud).Clear();
        return base.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task A_good_one_is_kept_with_whom_it_belongs_to(string type)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var registered = await RegisterAsync(alice, Name(), await ValuesAsync(type), type, verify: true);

        registered.Status.ShouldBe(HttpStatusCode.Created, registered.Text);
        var verification = registered.Json.GetProperty("verification");
        verification.GetProperty("standing").GetString().ShouldBe("verified");
        verification.GetProperty("verifiedAt").GetDateTimeOffset().ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        verification.GetProperty("identity").EnumerateArray().Select(fact => fact.GetProperty("name").GetString()).ShouldNotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task A_bad_one_is_refused_unless_it_is_kept_without_asking(string type)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, good) = (Name(), await ValuesAsync(type));
        var (_, field, spoil) = s_clouds[type];
        var bad = good.ToDictionary(value => value.Key, value => value.Key == field ? spoil(value.Value) : value.Value);

        var refused = await RegisterAsync(alice, name, bad, type, verify: true);

        (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.UnprocessableEntity, "verification-failed"), refused.Text);
        refused.Detail.ShouldEndWith("Nothing was stored.");
        (await RowAsync(portal, name)).ShouldBeNull();
        (await VersionsAtVaultAsync(portal, name)).ShouldBeEmpty();

        (await RegisterAsync(alice, name, bad, type)).Status.ShouldBe(HttpStatusCode.Created);
        var verified = await VerifyAsync(alice, name);
        verified.Status.ShouldBe(HttpStatusCode.OK, verified.Text);
        verified.Json.GetProperty("verification").GetProperty("standing").GetString().ShouldBe("failing");
        verified.Text.ShouldNotContain(JsonSerializer.Serialize(bad[field]).Trim('"')[..20]);
    }

    [Theory]
    [InlineData("amazon")]
    [InlineData("azure")]
    [InlineData("google")]
    [InlineData("digitalocean")]
    [InlineData("cloudflare")]
    public async Task A_cloud_that_is_away_is_named_and_nothing_stored(string type)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, values) = (Name(), await ValuesAsync(type));
        Sandbox.Clouds.Control(type).Trouble = new CloudTrouble.Status(503);

        var refused = await RegisterAsync(alice, name, values, type, verify: true);

        (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.BadGateway, "cloud-unreachable"), refused.Text);
        (await RowAsync(portal, name)).ShouldBeNull();
        (await RegisterAsync(alice, name, values, type)).Status.ShouldBe(HttpStatusCode.Created);
        (await VerifyAsync(alice, name)).Json.GetProperty("verification").GetProperty("standing").GetString().ShouldBe("unreachable");
        Sandbox.Clouds.Control(type).Clear();
        (await VerifyAsync(alice, name)).Json.GetProperty("verification").GetProperty("standing").GetString().ShouldBe("verified");
    }

    [Fact]
    public async Task What_is_missing_is_named_also_in_the_list()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, values) = (Name(), await ValuesAsync("azure"));
        Sandbox.Clouds.Control("azure").Remove("Microsoft.Network");

        var refused = await RegisterAsync(alice, name, values, "azure", verify: true);
        await RegisterAsync(alice, name, values, "azure");
        await VerifyAsync(alice, name);

        refused.Json.GetProperty("missing").EnumerateArray().Select(missing => missing.GetString()).ShouldBe(["Microsoft.Network is not registered"]);
        var listed = (await GetAsync(alice, name)).Json.GetProperty("verification");
        (listed.GetProperty("standing").GetString(), listed.GetProperty("missing")[0].GetString()).ShouldBe(("failing", "Microsoft.Network is not registered"));
    }

    [Fact]
    public async Task New_values_are_verified_then_switched_to()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, values) = (Name(), await ValuesAsync("digitalocean"));
        var before = await RegisterAsync(alice, name, values, "digitalocean", verify: true);

        var refused = await ChangeAsync(alice, name, ETag(before), new { values = One("DO_TOKEN", $"dop_v1_{new string('0', 64)}") }, verify: true);

        refused.Slug.ShouldBe("verification-failed");
        (await GetAsync(alice, name)).Text.ShouldBe(before.Text);
        (await VersionsAtVaultAsync(portal, name)).ShouldBe([1]);
        var forced = await ChangeAsync(alice, name, ETag(before), new { values = One("DO_TOKEN", $"dop_v1_{new string('0', 64)}") });
        forced.Json.GetProperty("verification").GetProperty("standing").GetString().ShouldBe("unverified");
        (await RestoreAsync(alice, name, 1, ETag(forced), verify: true)).Json.GetProperty("verification").GetProperty("standing").GetString().ShouldBe("verified");
    }

    [Fact]
    public async Task A_restore_is_verified_too()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, values) = (Name(), await ValuesAsync("digitalocean"));
        var before = await RegisterAsync(alice, name, One("DO_TOKEN", $"dop_v1_{new string('0', 64)}"), "digitalocean");
        var changed = await ChangeAsync(alice, name, ETag(before), new { values }, verify: true);

        (await RestoreAsync(alice, name, 1, ETag(changed), verify: true)).Slug.ShouldBe("verification-failed");

        (await VersionsAtVaultAsync(portal, name)).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task By_and_by_each_is_verified_again_and_a_change_is_on_record()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var portal = await TestPortal.StartAsync(
            Sandbox, new Dictionary<string, string?> { ["CloudCredentials:VerifyInterval"] = "00:20:00" }, services => services.AddSingleton<TimeProvider>(time));
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        await RegisterAsync(alice, name, await ValuesAsync("cloudflare"), "cloudflare", verify: true);
        var calls = Sandbox.Clouds.Control("cloudflare").Calls;
        await RoundAsync(portal);
        Sandbox.Clouds.Control("cloudflare").Calls.ShouldBe(calls);
        Sandbox.Clouds.Control("cloudflare").KeyIsDisabled = true;

        time.Advance(TimeSpan.FromMinutes(21));
        await RoundAsync(portal);

        Sandbox.Clouds.Control("cloudflare").Calls.ShouldBe(calls + 1);
        (await RowAsync(portal, name))!.Standing.ShouldBe(CloudStanding.Failing);
        (await portal.DatabaseAsync(db => db.AuditEvents.SingleAsync(audited => audited.Action == "cloud.verify" && audited.Detail!.Contains(name), Cancel)))
            .ShouldSatisfyAllConditions(audited => audited.ActorLogin.ShouldBe("portal"), audited => audited.Outcome.ShouldBe("failed"));
        // What failed stays failed while nobody can be asked.
        Sandbox.Clouds.Control("cloudflare").Trouble = new CloudTrouble.Status(503);
        time.Advance(TimeSpan.FromMinutes(21));
        await RoundAsync(portal);
        (await RowAsync(portal, name))!.Standing.ShouldBe(CloudStanding.Failing);
    }

    [Fact]
    public async Task A_verdict_about_values_that_were_changed_meanwhile_is_not_kept()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, values) = (Name(), await ValuesAsync("digitalocean"));
        var before = await RegisterAsync(alice, name, values, "digitalocean");
        await Sandbox.Vault.Control.HoldAsync("GET", $"*/data/*/{name}", Cancel);
        var verifying = VerifyAsync(alice, name);
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);
        (await ChangeAsync(alice, name, ETag(before), new { values = One("DO_TOKEN", $"dop_v1_{new string('0', 64)}") })).Status.ShouldBe(HttpStatusCode.OK);
        await Sandbox.Vault.Control.ReleaseAsync(Cancel);

        await verifying;

        (await RowAsync(portal, name))!.Standing.ShouldBe(CloudStanding.Unverified);
    }

    [Fact]
    public async Task A_type_that_no_cloud_knows_cannot_be_verified()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        (await RegisterAsync(alice, name, verify: true)).Status.ShouldBe(HttpStatusCode.Created);

        (await VerifyAsync(alice, name)).ErrorOf("type").ShouldContain("No cloud");
    }

    private async Task<IReadOnlyDictionary<string, string>> ValuesAsync(string type)
    {
        // Another test may have had Vault forget its tokens.
        await Sandbox.WriteCloudSamplesAsync(Cancel);
        var sample = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Sandbox.Folder.Clouds, $"{type}.json"), Cancel))!;
        return sample["values"]!.AsObject().ToDictionary(value => value.Key, value => value.Value!.GetValue<string>());
    }

    private static string Edited(string text, string after, Func<string, string> edit)
    {
        var start = text.IndexOf(after, StringComparison.Ordinal) + after.Length;
        var end = text.IndexOf('\n', start) is var at and >= 0 ? at : text.Length;
        return text[..start] + edit(text[start..end].Trim()) + text[end..];
    }
}
