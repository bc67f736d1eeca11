using System.Net.Sockets;
using System.Text;

namespace Portal.Tests.Sandbox;

/// <summary>Whatever it is sent, it answers and goes on.</summary>
public sealed class VaultBadInputTests : IAsyncLifetime
{
    private VaultUnderTest _vault = null!;

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

    [Fact]
    public async Task A_body_over_32_MiB_is_413()
    {
        var large = new ByteArrayContent(new byte[(32 * 1024 * 1024) + 1]);
        // The server may hang up before it has read all of it.
        try
        {
            (await _vault.SendAsync("POST", "kv/data/a", large)).Status.ShouldBe(413);
        }
        catch (HttpRequestException e)
        {
            e.InnerException.ShouldBeAssignableTo<IOException>();
        }
    }

    [Fact]
    public async Task A_body_cut_off_changes_nothing()
    {
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(_vault.Server.Address.Host, _vault.Server.Address.Port, Cancelled);
            var head = $"POST /v1/kv/data/cut HTTP/1.1\r\nHost: vault\r\nX-Vault-Token: {_vault.Server.RootToken}\r\nContent-Length: 1000\r\n\r\n{{\"data\": {{";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Cancelled);
        }

        (await _vault.SendAsync("GET", "kv/data/cut")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("GET", "")]
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

    [Fact]
    public async Task Many_requests_at_once_are_all_answered()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(async number =>
        {
            await _vault.DoAsync("POST", $"kv/data/many/{number % 50}", new { data = new { number } });
            var token = await _vault.TokenAsync(new { policies = "default", ttl = "1h" });
            return (await _vault.SendAsync("POST", "auth/token/revoke-self", token: token)).Status;
        }));
        answers.ShouldAllBe(status => status == 204);
        var versions = await Task.WhenAll(Enumerable.Range(0, 50).Select(async number =>
            (int)(await _vault.DoAsync("GET", $"kv/metadata/many/{number}"))["data"]!["current_version"]!));
        versions.ShouldAllBe(version => version == 10);
    }
}
