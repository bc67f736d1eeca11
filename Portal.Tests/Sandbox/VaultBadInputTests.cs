using System.Net.Sockets;
using System.Text;

namespace Portal.Tests.Sandbox;

/// <summary>Whatever it is sent, it answers and goes on.</summary>
public sealed class VaultBadInputTests : IAsyncLifetime
{
    private const int VaultLimit = 32 * 1024 * 1024;

    private VaultUnderTest _vault = null!;

    private string Head => $"Host: vault\r\nX-Vault-Token: {_vault.Server.RootToken}\r\n\r\n";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _vault = await VaultUnderTest.StartAsync();
        await _vault.DoAsync("POST", "sys/mounts/kv", new { type = "kv", options = new { version = "2" } });
        await _vault.DoAsync("POST", "sys/mounts/tr", new { type = "transit" });
        await _vault.DoAsync("POST", "sys/mounts/db", new { type = "database" });
        await _vault.DoAsync("POST", "sys/mounts/ssh", new { type = "ssh" });
    }

    public async ValueTask DisposeAsync()
    {
        (await _vault.SendAsync("GET", "sys/mounts")).Status.ShouldBe(200);
        await _vault.DisposeAsync();
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("{\"data\": \"\\ud800\"}")]
    [InlineData("\"text\"")]
    [InlineData("{\"a\": 1}}")]
    public async Task What_is_no_object_is_400(string body) => (await _vault.SendAsync("POST", "kv/data/a", body)).Status.ShouldBe(400);

    [Fact]
    public async Task Deep_nesting_is_400()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000);
        (await _vault.SendAsync("POST", "kv/data/a", deep)).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Of_a_name_that_comes_twice_the_last_one_counts()
    {
        await _vault.DoAsync("POST", "kv/data/a", "{\"data\": {\"k\": 1, \"k\": 2}}");
        ((int)(await _vault.DoAsync("GET", "kv/data/a"))["data"]!["data"]!["k"]!).ShouldBe(2);
    }

    [Theory]
    [InlineData("auth/token/create", "{\"ttl\": {}}")]
    [InlineData("auth/token/create", "{\"ttl\": \"99999999999999h\"}")]
    [InlineData("auth/token/create", "{\"policies\": {\"a\": 1}}")]
    [InlineData("auth/token/create", "{\"policies\": [[]]}")]
    [InlineData("auth/token/create", "{\"num_uses\": \"many\"}")]
    [InlineData("auth/token/create", "{\"meta\": []}")]
    [InlineData("auth/token/create", "{\"meta\": {\"a\": {}}}")]
    [InlineData("auth/token/roles/r", "{\"orphan\": \"perhaps\"}")]
    [InlineData("sys/leases/lookup", "{}")]
    [InlineData("sys/policies/acl/p", "{}")]
    [InlineData("sys/mounts/other", "{}")]
    [InlineData("kv/data/a", "{\"data\": [1]}")]
    [InlineData("kv/delete/a", "{\"versions\": [\"x\"]}")]
    [InlineData("tr/keys/k", "{\"type\": \"rot13\"}")]
    [InlineData("tr/encrypt/k", "{\"plaintext\": \"%%%\"}")]
    [InlineData("tr/decrypt/k", "{\"ciphertext\": \"vault:v1:AAAA\"}")]
    [InlineData("db/config/c", "{\"plugin_name\": \"postgresql-database-plugin\", \"connection_url\": \"postgresql://h:port/d\"}")]
    [InlineData("db/config/c", "{\"plugin_name\": \"mysql-database-plugin\", \"connection_url\": \"nonsense\"}")]
    [InlineData("db/config/c", "{\"plugin_name\": \"mysql-database-plugin\", \"connection_url\": \"@tcp(h)/\", \"username_template\": \"{{\"}")]
    [InlineData("db/config/c", "{\"plugin_name\": \"mysql-database-plugin\", \"connection_url\": \"@tcp(h)/\", \"username_template\": \"{{ ( }}\"}")]
    [InlineData("db/roles/r", "{\"db_name\": \"c\"}")]
    [InlineData("ssh/config/ca", "{\"private_key\": \"no key\", \"public_key\": \"none\"}")]
    [InlineData("ssh/roles/r", "{\"key_type\": \"ca\"}")]
    public async Task Fields_that_make_no_sense_are_400(string path, string body)
    {
        if (path.EndsWith("crypt/k", StringComparison.Ordinal))
            await _vault.DoAsync("POST", "tr/keys/k");
        (await _vault.SendAsync("POST", path, body)).Status.ShouldBe(400);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/octet-stream")]
    [InlineData("")]
    public async Task The_type_of_the_content_does_not_matter(string type)
    {
        var json = new ByteArrayContent("{\"data\": {\"k\": 1}}"u8.ToArray());
        if (type.Length > 0)
            json.Headers.Add("Content-Type", type);
        (await _vault.SendAsync("POST", "kv/data/typed", json)).Status.ShouldBe(200);
        await _vault.RefusesAsync(400, "error parsing JSON", "POST", "kv/data/typed", new StringContent("<xml/>", Encoding.UTF8, "application/json"));
    }

    [Fact]
    public async Task A_body_of_32_MiB_is_taken_and_one_that_says_it_is_longer_is_413()
    {
        var text = "{\"data\": {\"k\": \"" + new string('a', VaultLimit - 20) + "\"}}";
        (await _vault.SendAsync("POST", "kv/data/large", text)).Status.ShouldBe(200);
        (await SayAsync($"POST /v1/kv/data/a HTTP/1.1\r\nContent-Length: {VaultLimit + 1}\r\n{Head}{{")).ShouldStartWith("HTTP/1.1 413 ");
    }

    [Fact]
    public async Task A_body_in_pieces_that_grows_over_32_MiB_is_413()
    {
        const int Piece = 1024 * 1024;
        var pieces = Enumerable.Repeat($"{Piece:x}\r\n{new string(' ', Piece)}\r\n", 33);
        (await SayAsync($"POST /v1/kv/data/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{Head}", pieces)).ShouldStartWith("HTTP/1.1 413 ");
    }

    [Theory]
    [InlineData("Content-Length: 1000", "{\"data\": {\"k\": 1}}")]
    [InlineData("Transfer-Encoding: chunked", "14\r\n{\"data\": {\"k\": 1}}")]
    public async Task A_body_cut_off_changes_nothing(string length, string body)
    {
        await CutAsync($"POST /v1/kv/data/cut HTTP/1.1\r\n{length}\r\n{Head}{body}");
        (await _vault.SendAsync("GET", "kv/data/cut")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked", "zz\r\n")]
    [InlineData("Content-Length: -1", "")]
    [InlineData("Content-Length: 1\r\nContent-Length: 2", "{}")]
    [InlineData("no colon", "")]
    public async Task What_is_no_http_is_400(string header, string body) =>
        (await SayAsync($"POST /v1/kv/data/a HTTP/1.1\r\n{header}\r\n{Head}{body}")).ShouldStartWith("HTTP/1.1 400 ");

    [Fact]
    public async Task A_header_or_a_path_without_end_is_refused()
    {
        (await SayAsync($"GET /v1/sys/health HTTP/1.1\r\nX-Large: {new string('a', 1024 * 1024)}\r\n{Head}")).ShouldStartWith("HTTP/1.1 431 ");
        (await SayAsync($"GET /v1/{new string('a', 1024 * 1024)} HTTP/1.1\r\n{Head}")).ShouldStartWith("HTTP/1.1 414 ");
    }

    [Fact]
    public async Task Paths_of_any_letters_are_kept_apart()
    {
        foreach (var path in new[] { "日本/ü", "a%20b", "a b%2F%2Fc", "a%252Fb", "..%2F..%2Fsys%2Fmounts" })
        {
            await _vault.DoAsync("POST", $"kv/data/odd/{path}", new { data = new { path } });
            ((string?)(await _vault.DoAsync("GET", $"kv/data/odd/{path}"))["data"]!["data"]!["path"]).ShouldBe(path);
        }

        (await _vault.DoAsync("LIST", "kv/metadata/odd/日本"))["data"]!["keys"]!.AsArray().Select(key => (string?)key).ShouldBe(["ü"]);
    }

    [Fact]
    public async Task An_escaped_slash_is_a_slash_to_policies_too()
    {
        await _vault.DoAsync("POST", "kv/data/team/secret", new { data = new { k = 1 } });
        await _vault.PolicyAsync("most", """
            path "kv/data/*" { capabilities = ["read"] }
            path "kv/data/team/*" { capabilities = ["deny"] }
            """);
        var token = await _vault.TokenAsync(new { policies = "most" });
        (await _vault.SendAsync("GET", "kv/data/team%2Fsecret")).Status.ShouldBe(200);
        (await _vault.SendAsync("GET", "kv/data/team%2Fsecret", token: token)).Status.ShouldBe(403);
        (await _vault.SendAsync("GET", "kv/data/team%2fsecret", token: token)).Status.ShouldBe(403);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "../sys/health")]
    [InlineData("GET", "..")]
    [InlineData("TRACE", "sys/health")]
    [InlineData("BREW", "sys/health")]
    [InlineData("GET", "/")]
    [InlineData("GET", "sys")]
    [InlineData("GET", "kv")]
    [InlineData("GET", "kv/data/")]
    [InlineData("LIST", "kv/")]
    [InlineData("PATCH", "kv/data/a")]
    [InlineData("OPTIONS", "kv/data/a")]
    [InlineData("DELETE", "auth/token/create")]
    [InlineData("GET", "db/creds/%27%3B%20DROP")]
    [InlineData("GET", "sys/policies/acl/%00")]
    public async Task Odd_paths_and_methods_are_answered(string method, string path) =>
        (await _vault.SendAsync(method, path)).Status.ShouldBeInRange(400, 405);

    /// <summary>Sends it as it is and reads what comes first.</summary>
    private async Task<string> SayAsync(string head, IEnumerable<string>? pieces = null)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_vault.Server.Address.Host, _vault.Server.Address.Port, Cancelled);
        var answering = new StreamReader(client.GetStream()).ReadLineAsync(Cancelled).AsTask();
        try
        {
            foreach (var piece in (pieces ?? []).Prepend(head))
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(piece), Cancelled);
        }
        catch (IOException)
        {
            // It need not listen to the end: it answers and hangs up.
        }

        return await answering ?? "";
    }

    private async Task CutAsync(string start)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_vault.Server.Address.Host, _vault.Server.Address.Port, Cancelled);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(start), Cancelled);
    }
}
