using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Audit;
using Portal.Features.CloudCredentials;
using Portal.Tests.Support;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>From registration to revocation, over the REST API.</summary>
public sealed class CloudApiTests(SandboxFixture fixture) : CloudTests(fixture)
{
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Types => [.. CloudSamples.Types];

    [Fact]
    public async Task All_types_are_listed_with_their_fields()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var types = await alice.GetAsync("/credential-types");

        types.Items.Select(type => type.GetProperty("name").GetString()).Order(StringComparer.Ordinal).ShouldBe(CloudSamples.Types);
        var amazon = await alice.GetAsync("/credential-types/amazon");
        amazon.Json.GetProperty("fields").EnumerateArray().Select(field => (field.GetProperty("name").GetString(), field.GetProperty("required").GetBoolean(), field.GetProperty("sensitive").GetBoolean()))
            .ShouldBe([("AWS_ACCESS_KEY_ID", true, false), ("AWS_SECRET_ACCESS_KEY", true, true), ("AWS_REGION", false, false)], ignoreOrder: true);
        (await alice.GetAsync("/credential-types/none")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Each_type_is_registered_listed_masked_revealed_and_revoked(string type)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, values) = (Name(type.ToLowerInvariant()), CloudSamples.Of(type));
        var known = new CloudTypes().Find(type)!;

        var registered = await RegisteredAsync(alice, name, values, type);

        foreach (var answer in new[] { registered, await GetAsync(alice, name), await alice.GetAsync($"/teams/{Team}/cloud-credentials?type={type}") })
        {
            // Escaped in the one way that is the same on both sides.
            var text = JsonNode.Parse(answer.Text)!.ToJsonString(s_plain);
            foreach (var (field, value) in values)
                text.Contains(JsonSerializer.Serialize(value, s_plain).Trim('"'), StringComparison.Ordinal).ShouldBe(!known.IsSensitive(field) || value.Length < 8, field);
        }

        registered.Json.GetProperty("values").EnumerateObject().Select(field => field.Name).ShouldBe(values.Keys, ignoreOrder: true);
        foreach (var (field, value) in values)
        {
            var revealed = await RevealAsync(alice, name, field);
            (revealed.Json.GetProperty("value").GetString() == value).ShouldBeTrue(field);
            revealed.NoStore.ShouldBeTrue();
        }

        (await DeleteAsync(alice, name)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await GetAsync(alice, name)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await DeleteAsync(alice, name)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await VersionsAtVaultAsync(portal, name)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_registration_says_who_when_and_where_it_is()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();

        var registered = await RegisterAsync(alice, name, tags: ["env:prod", "billing", "billing"], endsAt: DateTimeOffset.UtcNow.AddDays(30));

        registered.Status.ShouldBe(HttpStatusCode.Created, registered.Text);
        registered.Headers.Location!.OriginalString.ShouldBe($"/api/v1/teams/{Team}/cloud-credentials/{name}");
        var json = registered.Json;
        (json.GetProperty("owner").GetString(), json.GetProperty("version").GetInt32(), json.GetProperty("changedBy").GetString(), json.GetProperty("mayManage").GetBoolean())
            .ShouldBe(("alice", 1, "alice", true));
        json.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()).ShouldBe(["billing", "env:prod"]);
        json.GetProperty("verification").GetProperty("standing").GetString().ShouldBe("unverified");
        (await portal.DatabaseAsync(db => db.AuditEvents.SingleAsync(audited => audited.Action == "cloud.register" && audited.Detail!.Contains(name), Cancel))).ActorLogin.ShouldBe("alice");
        var asked = await Sandbox.Vault.Control.RequestsAsync(Cancel);
        asked.Last(request => request.Path.EndsWith(name, StringComparison.Ordinal) && request.Method == "POST").Headers["X-Portal-User"].ShouldBe("alice");
    }

    [Fact]
    public async Task A_change_makes_a_version_of_what_is_given_and_keeps_the_rest()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, first, second, kept) = (Name(), Canary(), Canary(), Canary());
        var before = await RegisteredAsync(alice, name, new Dictionary<string, string> { ["one"] = first, ["two"] = kept });

        var after = await ChangeAsync(alice, name, ETag(before), new { values = One("one", second) });

        after.Status.ShouldBe(HttpStatusCode.OK, after.Text);
        ETag(after).ShouldNotBe(ETag(before));
        (await RevealAsync(alice, name, "one")).Json.GetProperty("value").GetString().ShouldBe(second);
        (await RevealAsync(alice, name, "two")).Json.GetProperty("value").GetString().ShouldBe(kept);
        (await RevealAsync(alice, name, "one", version: 1)).Json.GetProperty("value").GetString().ShouldBe(first);
        var versions = await GetAsync(alice, name, "/versions");
        versions.Items.Select(version => (version.GetProperty("number").GetInt32(), version.GetProperty("act").GetString(), version.GetProperty("by").GetString(), version.GetProperty("isCurrent").GetBoolean()))
            .ShouldBe([(2, "changed", "alice", true), (1, "registered", "alice", false)]);
        versions.Items[0].GetProperty("changed").EnumerateArray().Select(field => field.GetString()).ShouldBe(["one"]);
    }

    [Fact]
    public async Task What_was_read_can_be_sent_back_and_changes_nothing()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        foreach (var type in new[] { "amazon", "ssh", "htpasswd", "tls" })
        {
            var name = Name();
            var before = await RegisteredAsync(alice, name, CloudSamples.Of(type), type);

            var after = await ChangeAsync(alice, name, ETag(before), new { values = before.Json.GetProperty("values"), tags = before.Json.GetProperty("tags") });

            after.Status.ShouldBe(HttpStatusCode.OK, after.Text);
            ETag(after).ShouldBe(ETag(before));
            (await VersionsAtVaultAsync(portal, name)).ShouldBe([1]);
        }
    }

    [Fact]
    public async Task What_was_computed_of_a_changed_value_is_computed_anew()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, values) = (Name(), CloudSamples.Of("htpasswd"));
        var before = await RegisteredAsync(alice, name, values, "htpasswd");

        await ChangeAsync(alice, name, ETag(before), new { values = One("password", "correct horse battery") });

        var line = (await RevealAsync(alice, name, "htpasswd")).Json.GetProperty("value").GetString()!;
        line.ShouldNotBe(values["htpasswd"]);
        BCrypt.Net.BCrypt.Verify("correct horse battery", line.Split(':', 2)[1]).ShouldBeTrue();
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task A_line_given_alone_takes_the_kept_passwords_place_and_is_not_compared_with_it(bool isOfThePassword, bool sendsMask)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, values) = (Name(), CloudSamples.Of("htpasswd"));
        var before = await RegisteredAsync(alice, name, values, "htpasswd");
        var wished = One("htpasswd", $"{values["username"]}:{BCrypt.Net.BCrypt.HashPassword(isOfThePassword ? values["password"] : Canary(), 4)}");
        if (sendsMask)
            wished["password"] = "********";

        var after = await ChangeAsync(alice, name, ETag(before), new { values = wished });

        after.Status.ShouldBe(HttpStatusCode.OK, after.Text);
        (await RevealAsync(alice, name, "htpasswd")).Json.GetProperty("value").GetString().ShouldBe(wished["htpasswd"]);
        after.Json.GetProperty("values").TryGetProperty("password", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task A_change_of_tags_and_end_alone_leaves_the_values_and_their_age()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, end) = (Name(), DateTimeOffset.UtcNow.AddDays(3));
        var before = await RegisteredAsync(alice, name);

        var ending = await ChangeAsync(alice, name, ETag(before), new { tags = new[] { "env:prod" }, endsAt = end });
        var endless = await ChangeAsync(alice, name, ETag(ending), new { neverEnds = true });

        ending.Json.GetProperty("endsAt").GetDateTimeOffset().ShouldBe(end, TimeSpan.FromMilliseconds(1));
        endless.Json.GetProperty("endsAt").ValueKind.ShouldBe(JsonValueKind.Null);
        endless.Json.GetProperty("tags").EnumerateArray().Single().GetString().ShouldBe("env:prod");
        endless.Json.GetProperty("rotatedAt").GetDateTimeOffset().ShouldBe(before.Json.GetProperty("rotatedAt").GetDateTimeOffset());
    }

    [Fact]
    public async Task An_earlier_version_is_restored_as_a_new_one()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var (name, first) = (Name(), Canary());
        var before = await RegisteredAsync(alice, name, One("one", first));
        var changed = await ChangeAsync(alice, name, ETag(before), new { values = One("one", Canary()), tags = new[] { "kept" } });

        var restored = await RestoreAsync(alice, name, 1, ETag(changed));

        restored.Status.ShouldBe(HttpStatusCode.OK, restored.Text);
        restored.Json.GetProperty("version").GetInt32().ShouldBe(3);
        restored.Json.GetProperty("tags").EnumerateArray().Single().GetString().ShouldBe("kept");
        (await RevealAsync(alice, name, "one")).Json.GetProperty("value").GetString().ShouldBe(first);
        (await GetAsync(alice, name, "/versions")).Items[0].GetProperty("act").GetString().ShouldBe("restored from version 1");
        (await RestoreAsync(alice, name, 3, ETag(restored))).ErrorOf("version").ShouldContain("in use");
        (await RestoreAsync(alice, name, 9, ETag(restored))).ErrorOf("version").ShouldContain("no version 9");
        (await RestoreAsync(alice, name, 1, ETag(changed))).Slug.ShouldBe("changed-meanwhile");
    }

    [Fact]
    public async Task An_earlier_version_is_removed_for_good_and_the_one_in_use_is_not()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var name = Name();
        var before = await RegisteredAsync(alice, name, One("one", Canary()));
        var changed = await ChangeAsync(alice, name, ETag(before), new { values = One("one", Canary()) });

        (await DeleteAsync(alice, name, "/versions/2")).ErrorOf("version").ShouldContain("in use");
        (await DeleteAsync(alice, name, "/versions/1")).Status.ShouldBe(HttpStatusCode.NoContent);

        (await DeleteAsync(alice, name, "/versions/1")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await RevealAsync(alice, name, "one", version: 1)).ErrorOf("version").ShouldContain("no version 1");
        (await RestoreAsync(alice, name, 1, ETag(changed))).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await VersionsAtVaultAsync(portal, name)).ShouldBe([2]);
        (await GetAsync(alice, name, "/versions")).Items[1].GetProperty("isGone").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_list_comes_in_pages_by_tag_and_type()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var tag = Name("tag");
        var names = Enumerable.Range(0, 5).Select(_ => Name()).ToList();
        foreach (var name in names)
            (await RegisterAsync(alice, name, tags: [tag])).Status.ShouldBe(HttpStatusCode.Created);

        var listed = new List<string>();
        string? cursor = null;
        do
        {
            var page = await alice.GetAsync($"/teams/{Team}/cloud-credentials?tag={tag}&limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            listed.AddRange(page.Items.Select(item => item.GetProperty("name").GetString()!));
            cursor = page.Next;
        }
        while (cursor is not null);

        listed.ShouldBe(Enumerable.Reverse(names));
        (await alice.GetAsync($"/teams/{Team}/cloud-credentials?tag={tag}&type=amazon")).Items.ShouldBeEmpty();
    }
}
