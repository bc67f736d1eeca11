using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

/// <summary>What the transcripts do not show of the versioned key/value engine.</summary>
public sealed class KvTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private VaultUnderTest _vault = null!;

    public async ValueTask InitializeAsync()
    {
        _vault = await VaultUnderTest.StartAsync(new VaultServerOptions { TimeProvider = _time });
        await _vault.DoAsync("POST", "sys/mounts/kv", new { type = "kv", options = new { version = "2" } });
    }

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Theory]
    [InlineData("delete")]
    [InlineData("undelete")]
    [InlineData("destroy")]
    public async Task Versions_must_be_named_and_need_not_be_there(string verb)
    {
        await WriteAsync("a");
        await _vault.RefusesAsync(400, "No version number provided", "POST", $"kv/{verb}/a", new { versions = Array.Empty<int>() });
        (await _vault.SendAsync("POST", $"kv/{verb}/a", new { versions = new[] { 7 } })).Status.ShouldBe(204);
        (await _vault.SendAsync("POST", $"kv/{verb}/missing", new { versions = "1" })).Status.ShouldBe(204);
        (await _vault.SendAsync("GET", "kv/metadata/missing")).Status.ShouldBe(404);
        (await StatusAsync("a")).ShouldBe(200);
    }

    [Fact]
    public async Task A_version_for_check_and_set_must_be_a_number()
    {
        await _vault.RefusesAsync(400, "error parsing check-and-set parameter", "POST", "kv/data/a", new { data = new { k = 1 }, options = new { cas = "first" } });
        (await StatusAsync("a")).ShouldBe(404);
    }

    [Fact]
    public async Task Check_and_set_can_be_required_of_the_whole_engine()
    {
        await _vault.DoAsync("POST", "kv/config", new { cas_required = true });
        await _vault.RefusesAsync(400, "check-and-set parameter required for this call", "POST", "kv/data/a", new { data = new { k = 1 } });
        await _vault.DoAsync("POST", "kv/data/a", new { data = new { k = 1 }, options = new { cas = 0 } });
    }

    [Fact]
    public async Task Of_many_who_set_the_same_version_one_wins()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(number =>
            _vault.SendAsync("POST", "kv/data/a", new { data = new { number }, options = new { cas = 0 } })));
        answers.Count(answer => answer.Status == 200).ShouldBe(1);
        answers.Count(answer => answer.Status == 400).ShouldBe(99);
        (await MetadataAsync("a"))["current_version"]!.GetValue<int>().ShouldBe(1);
    }

    [Theory]
    [InlineData(0, 0, 10)]
    [InlineData(1, 0, 1)]
    [InlineData(0, 3, 3)]
    [InlineData(2, 3, 3)]
    [InlineData(4, 3, 4)]
    public async Task The_oldest_versions_over_the_greater_limit_go(int secret, int engine, int kept)
    {
        await _vault.DoAsync("POST", "kv/config", new { max_versions = engine });
        await _vault.DoAsync("POST", "kv/metadata/a", new { max_versions = secret });
        for (var i = 0; i < 12; i++)
            await WriteAsync("a");
        var metadata = await MetadataAsync("a");
        metadata["versions"]!.AsObject().Select(version => int.Parse(version.Key)).ShouldBe(Enumerable.Range(13 - kept, kept));
        metadata["oldest_version"]!.GetValue<int>().ShouldBe(13 - kept);
    }

    [Fact]
    public async Task Versions_delete_themselves_after_the_shorter_time_of_secret_and_engine()
    {
        await _vault.DoAsync("POST", "kv/config", new { delete_version_after = "1h" });
        await _vault.DoAsync("POST", "kv/metadata/short", new { delete_version_after = "10m" });
        await WriteAsync("short");
        await WriteAsync("long");
        _time.Advance(TimeSpan.FromMinutes(11));
        ((await StatusAsync("short")), (await StatusAsync("long"))).ShouldBe((404, 200));
        _time.Advance(TimeSpan.FromMinutes(50));
        (await StatusAsync("long")).ShouldBe(404);

        await _vault.DoAsync("POST", "kv/undelete/long", new { versions = new[] { 1 } });
        (await StatusAsync("long")).ShouldBe(200);
        _time.Advance(TimeSpan.FromMinutes(61));
        (await StatusAsync("long")).ShouldBe(404);
    }

    [Fact]
    public async Task A_negative_time_keeps_versions_from_deleting_themselves()
    {
        await _vault.DoAsync("POST", "kv/config", new { delete_version_after = "1h" });
        await _vault.DoAsync("POST", "kv/metadata/a", new { delete_version_after = "-1s" });
        await WriteAsync("a");
        _time.Advance(TimeSpan.FromDays(1));
        (await StatusAsync("a")).ShouldBe(200);
    }

    [Fact]
    public async Task What_was_to_delete_itself_later_can_be_deleted_now()
    {
        await _vault.DoAsync("POST", "kv/config", new { delete_version_after = "1h" });
        await WriteAsync("a");
        await WriteAsync("a");
        await _vault.DoAsync("POST", "kv/delete/a", new { versions = new[] { 1 } });
        (await StatusAsync("a?version=1")).ShouldBe(404);
        await _vault.DoAsync("DELETE", "kv/data/a");
        (await StatusAsync("a")).ShouldBe(404);
        var versions = (await MetadataAsync("a"))["versions"]!;
        ((string)versions["1"]!["deletion_time"]!).ShouldBe((string)versions["2"]!["deletion_time"]!);
    }

    [Fact]
    public async Task A_folder_of_a_thousand_is_listed_whole_in_order_and_each_once()
    {
        var names = Enumerable.Range(0, 1000).Select(number => $"{number:x8}").ToList();
        await Task.WhenAll(names.Select(name => WriteAsync($"access-tokens/alice/{name}")));
        await WriteAsync("access-tokens/bob/one");
        var listed = await _vault.DoAsync("LIST", "kv/metadata/access-tokens/alice");
        listed["data"]!["keys"]!.AsArray().Select(key => (string)key!).ShouldBe(names);
        (await _vault.DoAsync("LIST", "kv/metadata/access-tokens"))["data"]!["keys"]!.AsArray().Select(key => (string)key!).ShouldBe(["alice/", "bob/"]);
    }

    [Fact]
    public async Task Version_one_of_the_engine_keeps_what_it_is_given()
    {
        await _vault.DoAsync("POST", "sys/mounts/old", new { type = "kv" });
        await _vault.RefusesAsync(400, "missing data fields", "POST", "old/a", new { });
        await _vault.DoAsync("POST", "old/a/b", new { k = "v" });
        ((string?)(await _vault.DoAsync("GET", "old/a/b"))["data"]!["k"]).ShouldBe("v");
        (await _vault.DoAsync("LIST", "old"))["data"]!["keys"]!.ToJsonString().ShouldBe("[\"a/\"]");
        await _vault.DoAsync("DELETE", "old/a/b");
        (await _vault.SendAsync("GET", "old/a/b")).Status.ShouldBe(404);
    }

    private Task<JsonNode> WriteAsync(string path) => _vault.DoAsync("POST", $"kv/data/{path}", new { data = new { k = "v" } });

    private async Task<int> StatusAsync(string path) => (await _vault.SendAsync("GET", $"kv/data/{path}")).Status;

    private async Task<JsonNode> MetadataAsync(string path) => (await _vault.DoAsync("GET", $"kv/metadata/{path}"))["data"]!;
}
