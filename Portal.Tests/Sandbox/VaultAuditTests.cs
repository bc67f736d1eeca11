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

    private List<JsonNode> Entries() => [.. System.IO.File.ReadAllLines(File).Select(line => JsonNode.Parse(line)!)];

    private async Task<string> HashAsync(string text) => (string)(await _vault.DoAsync("POST", "sys/audit-hash/file", new { input = text }))["data"]!["hash"]!;
}
