using System.Text.Json.Nodes;

namespace Portal.Tests.Sandbox;

public sealed class VaultAuditTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vault-audit-");
    private VaultUnderTest _vault = null!;

    private string File => Path.Combine(_folder.FullName, "audit.log");

    public async ValueTask InitializeAsync()
    {
        _vault = await VaultUnderTest.StartAsync();
        await _vault.DoAsync("PUT", "sys/config/auditing/request-headers/X-Portal-User", new { hmac = false });
        await _vault.DoAsync("PUT", "sys/config/auditing/request-headers/X-Secret", new { hmac = true });
        await _vault.DoAsync("PUT", "sys/audit/file", new { type = "file", options = new { file_path = File } });
    }

    public async ValueTask DisposeAsync()
    {
        await _vault.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_writes_each_request_and_answer_with_the_audited_headers()
    {
        await _vault.SendAsync("GET", "sys/mounts", null, null, ("X-Portal-User", "alice"), ("X-Secret", "hush"), ("X-Other", "unseen"));

        var (request, response) = (Entries()[^2], Entries()[^1]);
        ((string?)request["type"], (string?)response["type"]).ShouldBe(("request", "response"));
        ((string?)request["request"]!["operation"], (string?)request["request"]!["path"]).ShouldBe(("read", "sys/mounts"));
        ((string?)response["request"]!["id"]).ShouldBe((string?)request["request"]!["id"]);
        var headers = request["request"]!["headers"]!.AsObject();
        headers.Select(header => header.Key).Order().ShouldBe(["x-portal-user", "x-secret"]);
        ((string?)headers["x-portal-user"]![0]).ShouldBe("alice");
        ((string?)headers["x-secret"]![0]).ShouldBe(await HashAsync("hush"));
    }

    [Fact]
    public async Task No_secret_stands_in_it()
    {
        await _vault.DoAsync("POST", "sys/mounts/kv", new { type = "kv", options = new { version = "2" } });
        await _vault.DoAsync("POST", "kv/data/a", new { data = new { k = "canary-one", list = new[] { "canary-two" } } });
        await _vault.DoAsync("GET", "kv/data/a");
        var token = await _vault.TokenAsync(new { policies = "default" });

        var text = await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken);
        text.ShouldNotContain("canary");
        text.ShouldNotContain(token);
        text.ShouldNotContain(_vault.Server.RootToken);
        text.ShouldContain(await HashAsync("canary-one"));
        text.ShouldContain(await HashAsync(token));
        System.IO.File.GetUnixFileMode(File).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task It_writes_what_was_refused_and_why()
    {
        var token = await _vault.TokenAsync(new { policies = "default" });
        await _vault.SendAsync("GET", "sys/mounts", token: token);
        ((string?)Entries()[^1]["error"]).ShouldNotBeNull().ShouldContain("permission denied");
    }

    [Fact]
    public async Task Disabled_it_writes_no_more()
    {
        await _vault.DoAsync("DELETE", "sys/audit/file");
        var before = Entries().Count;
        await _vault.DoAsync("GET", "sys/mounts");
        Entries().Count.ShouldBe(before);
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_is_refused()
    {
        var (status, body) = await _vault.SendAsync("PUT", "sys/audit/other", new { type = "file", options = new { file_path = "/nowhere/at/all" } });
        status.ShouldBe(400);
        ((string?)body!["errors"]![0]).ShouldNotBeNull().ShouldContain("unable to open");
    }

    [Theory]
    [InlineData("{\"type\": \"syslog\"}", "unknown backend type: \"syslog\"")]
    [InlineData("{\"type\": \"file\"}", "file_path is required")]
    public Task A_device_that_makes_no_sense_is_refused(string device, string message) => _vault.RefusesAsync(400, message, "PUT", "sys/audit/other", device);

    [Fact]
    public Task A_path_is_taken_once() =>
        _vault.RefusesAsync(400, "path already in use", "PUT", "sys/audit/file", new { type = "file", options = new { file_path = "discard" } });

    [Fact]
    public async Task A_hash_needs_a_device_and_a_text()
    {
        await _vault.RefusesAsync(400, "unknown audit backend \"none\"", "POST", "sys/audit-hash/none", new { input = "x" });
        await _vault.RefusesAsync(400, "the \"input\" parameter is empty", "POST", "sys/audit-hash/file", new { });
    }

    [Fact]
    public async Task What_no_device_can_write_down_is_not_done()
    {
        await _vault.DoAsync("POST", "sys/mounts/kv", new { type = "kv" });
        await _vault.DoAsync("PUT", "sys/audit/full", new { type = "file", options = new { file_path = "/dev/full" } });
        await _vault.DoAsync("POST", "kv/a", new { k = "v" });
        await _vault.SendAsync("DELETE", "sys/audit/file");
        await _vault.RefusesAsync(500, "1 error occurred:\n\t* internal error\n\n", "POST", "kv/a", new { k = "changed" });
        (await _vault.SendAsync("GET", "sys/health")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Wrapped_answers_and_logins_stand_in_it_as_hashes()
    {
        await _vault.DoAsync("POST", "sys/mounts/kv", new { type = "kv" });
        await _vault.DoAsync("POST", "kv/a", new { k = "canary-one" });
        var (_, wrapped) = await _vault.SendAsync("GET", "kv/a", null, null, ("X-Vault-Wrap-TTL", "60"));
        var info = wrapped!["wrap_info"]!;
        var entry = Entries()[^1]["response"]!["wrap_info"]!;
        ((string?)entry["token"]).ShouldBe(await HashAsync((string)info["token"]!));
        ((string?)entry["accessor"]).ShouldBe(await HashAsync((string)info["accessor"]!));
        ((int)Entries()[^5]["request"]!["wrap_ttl"]!).ShouldBe(60);
        await _vault.DoAsync("POST", "sys/wrapping/unwrap", new { token = (string)info["token"]! });

        var text = await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken);
        text.ShouldNotContain("canary");
        text.ShouldNotContain((string)info["token"]!);
    }

    [Fact]
    public async Task Lines_of_many_requests_at_once_stay_whole()
    {
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => _vault.DoAsync("GET", "sys/mounts")));
        var entries = Entries().Where(entry => (string?)entry["request"]!["path"] == "sys/mounts").ToList();
        entries.GroupBy(entry => (string)entry["request"]!["id"]!).ShouldAllBe(pair => pair.Count() == 2);
        entries.Count.ShouldBe(400);
    }

    private List<JsonNode> Entries() => [.. System.IO.File.ReadAllLines(File).Select(line => JsonNode.Parse(line)!)];

    private async Task<string> HashAsync(string text) => (string)(await _vault.DoAsync("POST", "sys/audit-hash/file", new { input = text }))["data"]!["hash"]!;
}
