using System.Net;
using Portal.Features.CloudCredentials;
using Portal.Tests.Support;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>What is wrong is named with what would be right, and nothing is stored.</summary>
public sealed class CloudRefusalTests(SandboxFixture fixture) : CloudTests(fixture)
{
    /// <summary>Type, what is given, the field that is named, and a part of what is said.</summary>
    public static TheoryData<string, Dictionary<string, string>, string?, string, string> Wrong => new()
    {
        { "amazon", CloudSamples.With("amazon", ("AWS_SECRET_ACCESS_KEY", "")), null, "AWS_SECRET_ACCESS_KEY", "is missing" },
        { "amazon", CloudSamples.With("amazon", ("AWS_SECRET_ACCESS_KEY", null)), null, "AWS_SECRET_ACCESS_KEY", "is missing" },
        { "amazon", CloudSamples.With("amazon", ("AWS_SECRET_ACCESS_KEY", "   ")), null, "AWS_SECRET_ACCESS_KEY", "is missing" },
        { "amazon", CloudSamples.With("amazon", ("AWS_SECRET_ACCESS_KEY", "********")), null, "AWS_SECRET_ACCESS_KEY", "no value" },
        { "amazon", CloudSamples.With("amazon", ("AWS_SESSION", "x")), null, "AWS_SESSION", "no field AWS_SESSION" },
        { "generic", new() { ["big"] = new string('x', 2 * 1024 * 1024) }, null, "big", "2097152 bytes" },
        { "amazon", CloudSamples.With("amazon", ("AWS_SECRET_ACCESS_KEY", new string('x', 2 * 1024 * 1024))), null, "AWS_SECRET_ACCESS_KEY", "bytes" },
        { "google", [], "{ \"type\": \"service_account\", ", "file", "JSON" },
        { "google", [], "[]", "file", "JSON" },
        { "kubernetes", new() { ["K8Sconfig"] = KubeconfigText.Whole.Replace("contexts:", "contexts:\n- {name: b, context: {cluster: example, user: program}}") }, null, "K8Sconfig", "context" },
        { "amazon", [], "file", "file", "no file" },
        { "no-such-type", [], null, "type", "amazon" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_field_is_named(string type, Dictionary<string, string> values, string? file, string field, string says)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();

        var refused = await RegisterAsync(alice, name, values, type, file);

        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, refused.Text);
        refused.ErrorOf(field).ShouldContain(says);
        refused.Text.Length.ShouldBeLessThan(2000);
        await ShouldNotBeStoredAsync(portal, name);
    }

    public static TheoryData<string> WrongNames => [new string('a', 300), "", "Upper", "-start", "end-", "a..b", "a_b", "a/b", "a b", "ä", "a\n", ".", ".."];

    [Theory]
    [MemberData(nameof(WrongNames))]
    public async Task A_wrong_name_is_named(string name)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var refused = await RegisterAsync(alice, name);

        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, refused.Text);
        refused.ErrorOf("name").ShouldContain(name.Length > 253 ? "300 characters" : "name");
        (await RowAsync(portal, name)).ShouldBeNull();
    }

    [Fact]
    public async Task A_name_is_there_once_in_a_team_and_again_in_another()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        var (name, first) = (Name(), Canary());
        await RegisteredAsync(alice, name, One("one", first));

        var twice = await RegisterAsync(carol, name, One("one", Canary()));

        (twice.Status, twice.Slug).ShouldBe((HttpStatusCode.Conflict, "name-taken"));
        twice.ErrorOf("name").ShouldContain(name);
        (await VersionsAtVaultAsync(portal, name)).ShouldBe([1]);
        (await RevealAsync(alice, name, "one")).Json.GetProperty("value").GetString().ShouldBe(first);
        (await RegisterAsync(carol, name, team: "platform")).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Of_many_at_once_with_one_name_one_is_kept()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RegisterAsync(alice, name)));

        answers.Count(answer => answer.Status == HttpStatusCode.Created).ShouldBe(1);
        answers.Where(answer => answer.Status != HttpStatusCode.Created).ShouldAllBe(answer => answer.Slug == "name-taken");
        (await VersionsAtVaultAsync(portal, name)).ShouldBe([1]);
    }

    [Fact]
    public async Task A_team_keeps_as_many_as_it_may()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["CloudCredentials:MostPerTeam"] = "1" });
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        await RegisteredAsync(alice, name);

        (await RegisterAsync(alice, Name())).ErrorOf("name").ShouldContain("as many as one team may");

        await DeleteAsync(alice, name);
        await RegisteredAsync(alice, Name());
    }

    [Fact]
    public async Task Wrong_tags_and_ends_are_named()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        (await RegisterAsync(alice, Name(), tags: ["Upper"])).ErrorOf("tags").ShouldContain("'Upper'");
        (await RegisterAsync(alice, Name(), tags: [null!])).ErrorOf("tags").ShouldContain("lower-case");
        (await RegisterAsync(alice, Name(), tags: [.. Enumerable.Range(0, 21).Select(number => $"t{number}")])).ErrorOf("tags").ShouldContain("21 tags");
        (await RegisterAsync(alice, Name(), endsAt: DateTimeOffset.UtcNow.AddSeconds(-1))).ErrorOf("endsAt").ShouldContain("passed");
        (await RegisterAsync(alice, Name(), endsAt: DateTimeOffset.UtcNow.AddYears(20))).ErrorOf("endsAt").ShouldContain("10 years");
    }

    [Fact]
    public async Task A_change_says_which_version_it_builds_on()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        await RegisteredAsync(alice, name);

        foreach (var etag in new[] { null, "*" })
            ((int)(await ChangeAsync(alice, name, etag, new { values = One("token", Canary()) })).Status).ShouldBe(428);
        (await ChangeAsync(alice, name, "\"1\"", new { values = One("token", Canary()) })).Slug.ShouldBe("changed-meanwhile");
        (await VersionsAtVaultAsync(portal, name)).ShouldBe([1]);
    }

    [Fact]
    public async Task A_wrong_change_leaves_all_as_it_is()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        var before = await RegisteredAsync(alice, name, CloudSamples.Of("amazon"), "amazon");

        var refused = await ChangeAsync(alice, name, ETag(before), new { values = new Dictionary<string, string> { ["AWS_SECRET_ACCESS_KEY"] = "", ["AWS_REGION"] = "eu-west-1" } });

        refused.ErrorOf("AWS_SECRET_ACCESS_KEY").ShouldContain("is missing");
        (await GetAsync(alice, name)).Text.ShouldBe(before.Text);
        (await VersionsAtVaultAsync(portal, name)).ShouldBe([1]);
    }

    private async Task ShouldNotBeStoredAsync(TestPortal portal, string name)
    {
        (await RowAsync(portal, name)).ShouldBeNull();
        (await Sandbox.Vault.Control.RequestsAsync(Cancel)).ShouldNotContain(request => request.Path.Contains(name));
        (await portal.DatabaseAsync(db => Task.FromResult(db.Set<CloudMark>().Any(mark => mark.Name == name)))).ShouldBeFalse();
    }
}
