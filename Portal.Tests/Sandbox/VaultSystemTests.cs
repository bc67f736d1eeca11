using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

/// <summary>What the transcripts do not show of <c>sys/</c>: mounts, policies, capabilities, wrapping, sealing.</summary>
public sealed class VaultSystemTests : IAsyncLifetime
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
    [InlineData("POST", "sys/mounts/auth/kv", "{\"type\": \"kv\"}", "cannot mount under existing mount \"auth/\"")]
    [InlineData("POST", "sys/mounts/kv/below", "{\"type\": \"kv\"}", "path is already in use at kv/")]
    [InlineData("POST", "sys/mounts/other", "{}", "backend type must be specified as a string")]
    [InlineData("POST", "sys/auth/other", "{\"type\": \"nonesuch\"}", "plugin not found in the catalog: nonesuch")]
    [InlineData("GET", "sys/mounts/none", null, "no mount at this path")]
    [InlineData("DELETE", "sys/mounts/sys", null, "cannot unmount \"sys/\"")]
    [InlineData("DELETE", "sys/auth/token", null, "cannot unmount \"auth/token/\"")]
    [InlineData("GET", "sys/mounts/none/tune", null, "cannot fetch sysview for path")]
    [InlineData("POST", "sys/mounts/none/tune", "{}", "no mount entry found")]
    [InlineData("POST", "sys/mounts/kv/tune", "{\"default_lease_ttl\": \"2h\", \"max_lease_ttl\": \"1h\"}", "backend max lease TTL of 3600 would be less than backend default lease TTL of 7200")]
    [InlineData("PUT", "sys/policies/acl/root", "{\"policy\": \"x\"}", "cannot update \"root\" policy")]
    [InlineData("DELETE", "sys/policies/acl/default", null, "cannot delete \"default\" policy")]
    [InlineData("POST", "sys/capabilities", "{\"token\": \"none\", \"path\": \"a\"}", "invalid token")]
    [InlineData("POST", "sys/capabilities-accessor", "{\"accessor\": \"none\", \"path\": \"a\"}", "1 error occurred:\n\t* invalid accessor\n\n")]
    [InlineData("POST", "sys/capabilities-self", "{}", "paths must be supplied")]
    [InlineData("GET", "sys/leases?type=other", null, "type is required; valid options are: [irrevocable], got \"other\"")]
    [InlineData("PUT", "sys/unseal", "{}", "'key' must be specified in request body as JSON, or 'reset' set to true")]
    [InlineData("PUT", "sys/leases/renew", "{}", "lease_id must be specified")]
    public Task It_refuses(string method, string path, string? body, string message) => _vault.RefusesAsync(400, message, method, path, body);

    [Fact]
    public async Task A_header_for_wrapping_that_is_no_duration_is_refused()
    {
        var (status, body) = await _vault.SendAsync("GET", "sys/mounts", null, null, ("X-Vault-Wrap-TTL", "soon"));
        status.ShouldBe(400);
        ((string?)body!["errors"]![0]).ShouldBe("error parsing X-Vault-Wrap-TTL header: strconv.ParseInt: parsing \"soon\": invalid syntax");
    }

    [Fact]
    public async Task The_mounts_that_a_token_reaches_are_shown_to_it_and_to_nobody_else()
    {
        await _vault.PolicyAsync("kv", """path "kv/data/a" { capabilities = ["read"] }""");
        var (reader, stranger) = (await _vault.TokenAsync(new { policies = "kv" }), await _vault.TokenAsync(new { policies = "default" }));
        await _vault.RefusesAsync(403, "permission denied", "GET", "sys/internal/ui/mounts/kv", token: "none");
        await _vault.RefusesAsync(
            403, "preflight capability check returned 403, please ensure client's policies grant access to path \"kv/\"", "GET", "sys/internal/ui/mounts/kv", token: stranger);
        ((string?)(await _vault.DoAsync("GET", "sys/internal/ui/mounts/kv", token: reader))["data"]!["path"]).ShouldBe("kv/");
        Names(await _vault.DoAsync("GET", "sys/internal/ui/mounts", token: reader)).ShouldContain("kv/");
        Names(await _vault.DoAsync("GET", "sys/internal/ui/mounts", token: stranger)).ShouldNotContain("kv/");
        Names(await _vault.DoAsync("GET", "sys/internal/ui/mounts", token: "none")).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_unmounted_is_gone_with_what_it_held()
    {
        await _vault.DoAsync("POST", "kv/data/a", new { data = new { k = "v" } });
        await _vault.DoAsync("DELETE", "sys/mounts/kv");
        await _vault.RefusesAsync(404, "no handler for route 'kv/data/a'", "GET", "kv/data/a");
        await _vault.DoAsync("POST", "sys/mounts/kv", new { type = "kv-v2" });
        (await _vault.SendAsync("GET", "kv/data/a")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_tuned_mount_limits_what_it_gives_out()
    {
        await _vault.DoAsync("POST", "sys/auth/token/tune", new { default_lease_ttl = "10m", max_lease_ttl = "20m" });
        var auth = (await _vault.DoAsync("POST", "auth/token/create", new { policies = "default" }))["auth"]!;
        ((int)auth["lease_duration"]!).ShouldBe(600);
        var longer = await _vault.DoAsync("POST", "auth/token/create", new { policies = "default", ttl = "1h" });
        ((int)longer["auth"]!["lease_duration"]!).ShouldBe(1200);
        longer["warnings"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Capabilities_are_told_by_token_and_by_accessor()
    {
        await _vault.PolicyAsync("p", """path "kv/+/x" { capabilities = ["read", "list"] }""");
        var auth = (await _vault.DoAsync("POST", "auth/token/create", new { policies = "p", no_default_policy = true }))["auth"]!;
        foreach (var (path, body) in new (string, object)[]
        {
            ("sys/capabilities", new { token = (string)auth["client_token"]!, paths = new[] { "kv/a/x", "kv/a/y" } }),
            ("sys/capabilities-accessor", new { accessor = (string)auth["accessor"]!, paths = new[] { "kv/a/x", "kv/a/y" } }),
        })
        {
            var data = (await _vault.DoAsync("POST", path, body))["data"]!;
            data["kv/a/x"]!.ToJsonString().ShouldBe("[\"list\",\"read\"]");
            data["kv/a/y"]!.ToJsonString().ShouldBe("[\"deny\"]");
        }
    }

    [Fact]
    public async Task An_answer_is_unwrapped_once_however_many_ask_at_once()
    {
        var wrapped = await WrapAsync("1h");
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => _vault.SendAsync("POST", "sys/wrapping/unwrap", new { token = wrapped })));
        answers.Count(answer => answer.Status == 200).ShouldBe(1);
        answers.Count(answer => answer.Status == 400).ShouldBe(29);
    }

    [Fact]
    public async Task A_wrapped_answer_is_for_its_token_alone()
    {
        var wrapped = await WrapAsync("1h");
        await _vault.RefusesAsync(400, "missing client token", "POST", "sys/wrapping/unwrap", new { token = wrapped }, "");
        await _vault.RefusesAsync(403, "permission denied", "POST", "sys/wrapping/unwrap", new { token = wrapped }, "none");
        var mute = await _vault.TokenAsync(new { policies = "none", no_default_policy = true });
        await _vault.RefusesAsync(403, "1 error occurred:\n\t* permission denied\n\n", "POST", "sys/wrapping/unwrap", new { token = wrapped }, mute);
        ((string?)(await _vault.DoAsync("POST", "sys/wrapping/unwrap", new { }, wrapped))["data"]!["k"]).ShouldBe("v");
    }

    [Fact]
    public async Task Used_for_anything_else_a_wrapping_token_is_spent()
    {
        var wrapped = await WrapAsync("1h");
        (await _vault.SendAsync("GET", "sys/mounts", token: wrapped)).Status.ShouldBe(403);
        await _vault.RefusesAsync(400, "wrapping token is not valid or does not exist", "POST", "sys/wrapping/unwrap", new { token = wrapped });
    }

    [Fact]
    public async Task A_wrapped_answer_can_be_wrapped_anew_under_a_fresh_token()
    {
        var first = await WrapAsync("1h");
        _time.Advance(TimeSpan.FromMinutes(50));
        var info = (await _vault.DoAsync("POST", "sys/wrapping/rewrap", new { token = first }))["wrap_info"]!;
        ((int)info["ttl"]!, (string?)info["creation_path"]).ShouldBe((3600, "sys/wrapping/wrap"));
        await _vault.RefusesAsync(400, "wrapping token is not valid or does not exist", "POST", "sys/wrapping/unwrap", new { token = first });

        _time.Advance(TimeSpan.FromMinutes(50));
        ((string?)(await _vault.DoAsync("POST", "sys/wrapping/unwrap", new { token = (string)info["token"]! }))["data"]!["k"]).ShouldBe("v");
    }

    private static List<string> Names(JsonNode answer) => [.. answer["data"]!["secret"]!.AsObject().Select(mount => mount.Key)];

    private async Task<string> WrapAsync(string ttl)
    {
        var (status, body) = await _vault.SendAsync("POST", "sys/wrapping/wrap", new { k = "v" }, null, ("X-Vault-Wrap-TTL", ttl));
        status.ShouldBe(200);
        return (string)body!["wrap_info"]!["token"]!;
    }
}
