namespace Portal.Tests.Sandbox;

/// <summary>Vault's rules for which of several matching paths counts.</summary>
public sealed class VaultPolicyTests : IAsyncLifetime
{
    private VaultUnderTest _vault = null!;

    public async ValueTask InitializeAsync() => _vault = await VaultUnderTest.StartAsync();

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Theory]
    [InlineData("kv/a", "kv/a", "read")]
    [InlineData("kv/a", "kv/ab", "deny")]
    [InlineData("kv/a", "kv/a/b", "deny")]
    [InlineData("kv/a*", "kv/ab/c", "read")]
    [InlineData("kv/a/*", "kv/a", "deny")]
    [InlineData("*", "any/thing", "read")]
    [InlineData("kv/+/x", "kv/a/x", "read")]
    [InlineData("kv/+/x", "kv/a/b/x", "deny")]
    [InlineData("kv/+/x", "kv/a/x/y", "deny")]
    [InlineData("kv/+/x*", "kv/a/xyz/deep", "read")]
    [InlineData("kv/+", "kv/a", "read")]
    [InlineData("kv/+", "kv/", "read")]
    [InlineData("kv/+", "kv", "deny")]
    [InlineData("+/+/+", "a/b/c", "read")]
    [InlineData("kv/a+b", "kv/a+b", "read")]
    [InlineData("kv/a*b", "kv/axb", "deny")]
    [InlineData("/kv/a", "kv/a", "read")]
    public async Task A_path_matches(string rule, string path, string capability) =>
        (await CapabilitiesAsync(path, Rule(rule, "read"))).ShouldBe([capability]);

    [Theory]
    [InlineData("kv/*", "kv/a", "kv/a")] // exact before glob
    [InlineData("kv/*", "kv/a/*", "kv/a/b")] // the longer glob
    [InlineData("kv/+/b", "kv/a/b", "kv/a/b")] // exact before wildcard
    [InlineData("kv/*", "kv/+/b", "kv/a/b")] // the same first wildcard, but no glob at the end
    [InlineData("kv/+/b", "kv/a/*", "kv/a/b")] // the later first wildcard
    [InlineData("kv/+/+/cd*", "kv/+/b/c*", "kv/a/b/cde")] // fewer wildcards, though shorter
    [InlineData("kv/+/b*", "kv/+/bc*", "kv/a/bcd")] // the longer one
    public async Task The_more_specific_path_counts_alone(string loser, string winner, string path)
    {
        (await CapabilitiesAsync(path, Rule(loser, "read", "list"), Rule(winner, "update"))).ShouldBe(["update"]);
        (await CapabilitiesAsync(path, Rule(winner, "update"), Rule(loser, "deny"))).ShouldBe(["update"]);
        (await CapabilitiesAsync(path, Rule(loser, "read"), Rule(winner, "deny"))).ShouldBe(["deny"]);
    }

    [Fact]
    public async Task Policies_of_the_same_path_add_up_and_deny_wins()
    {
        (await CapabilitiesAsync("kv/a", Rule("kv/*", "read"), Rule("kv/*", "update", "sudo"))).ShouldBe(["read", "sudo", "update"]);
        (await CapabilitiesAsync("kv/a", Rule("kv/*", "read"), Rule("kv/*", "deny"))).ShouldBe(["deny"]);
    }

    [Fact]
    public async Task A_list_is_granted_with_and_without_the_slash_at_the_end()
    {
        await _vault.DoAsync("POST", "sys/mounts/kv", new { type = "kv", options = new { version = "2" } });
        await _vault.DoAsync("POST", "kv/data/a/b", new { data = new { k = "v" } });
        await _vault.PolicyAsync("bare", Rule("kv/metadata/a", "list"));
        await _vault.PolicyAsync("slash", Rule("kv/metadata/a/", "list"));
        foreach (var policy in new[] { "bare", "slash" })
        {
            var token = await _vault.TokenAsync(new { policies = policy });
            await _vault.DoAsync("LIST", "kv/metadata/a", token: token);
            await _vault.DoAsync("GET", "kv/metadata/a/?list=true", token: token);
            (await _vault.SendAsync("LIST", "kv/metadata", token: token)).Status.ShouldBe(403);
        }
    }

    [Fact]
    public async Task Create_and_update_are_told_apart_where_the_engine_can()
    {
        await _vault.DoAsync("POST", "sys/mounts/kv", new { type = "kv", options = new { version = "2" } });
        await _vault.PolicyAsync("creator", Rule("kv/data/*", "create"));
        await _vault.PolicyAsync("updater", Rule("kv/data/*", "update"));
        var (creator, updater) = (await _vault.TokenAsync(new { policies = "creator" }), await _vault.TokenAsync(new { policies = "updater" }));
        var secret = new { data = new { k = "v" } };

        (await _vault.SendAsync("POST", "kv/data/a", secret, updater)).Status.ShouldBe(403);
        (await _vault.SendAsync("POST", "kv/data/a", secret, creator)).Status.ShouldBe(200);
        (await _vault.SendAsync("POST", "kv/data/a", secret, creator)).Status.ShouldBe(403);
        (await _vault.SendAsync("POST", "kv/data/a", secret, updater)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Guarded_paths_want_sudo_beside_the_capability()
    {
        await _vault.PolicyAsync("plain", Rule("sys/auth/*", "update", "create"));
        await _vault.PolicyAsync("sudo", Rule("sys/auth/*", "update", "create", "sudo"));
        (await _vault.SendAsync("POST", "sys/auth/one", new { type = "approle" }, await _vault.TokenAsync(new { policies = "plain" }))).Status.ShouldBe(403);
        (await _vault.SendAsync("POST", "sys/auth/one", new { type = "approle" }, await _vault.TokenAsync(new { policies = "sudo" }))).Status.ShouldBe(204);
    }

    [Fact]
    public async Task A_changed_policy_holds_at_once()
    {
        await _vault.PolicyAsync("p", Rule("sys/mounts", "read"));
        var token = await _vault.TokenAsync(new { policies = "p" });
        (await _vault.SendAsync("GET", "sys/mounts", token: token)).Status.ShouldBe(200);
        await _vault.PolicyAsync("p", Rule("sys/other", "read"));
        (await _vault.SendAsync("GET", "sys/mounts", token: token)).Status.ShouldBe(403);
    }

    [Theory]
    [InlineData("path \"a\" { capabilities = [\"read\"]")]
    [InlineData("path \"a\" { capabilities = [\"read\" }")]
    [InlineData("path \"a { capabilities = [\"read\"] }")]
    [InlineData("path { capabilities = [\"read\"] }")]
    [InlineData("paths \"a\" { capabilities = [\"read\"] }")]
    [InlineData("path \"a\" { capability = [\"read\"] }")]
    [InlineData("path \"a/+*\" { capabilities = [\"read\"] }")]
    [InlineData("/* never ends")]
    [InlineData("path \"a\" { policy = \"all\" }")]
    [InlineData("path \"a")]
    [InlineData("path \"a\n\" { capabilities = [\"read\"] }")]
    public async Task What_does_not_parse_is_refused(string policy)
    {
        var (status, body) = await _vault.SendAsync("PUT", "sys/policies/acl/bad", new { policy });
        status.ShouldBe(400);
        ((string?)body?["errors"]?[0]).ShouldNotBeNull().ShouldStartWith("failed to parse policy: ");
        (await _vault.SendAsync("GET", "sys/policies/acl/bad")).Status.ShouldBe(404);
    }

    [Fact]
    public Task A_text_that_does_not_end_is_told_with_its_line() => _vault.RefusesAsync(
        400, "failed to parse policy: At 2: literal not terminated", "PUT", "sys/policies/acl/bad", new { policy = "# one\npath \"a\n\" { capabilities = [\"read\"] }" });

    [Fact]
    public async Task Comments_and_old_style_policies_are_read()
    {
        await _vault.PolicyAsync("p", """
            # one
            // two
            /* three */
            path "kv/a" { policy = "write" } # four
            path "kv/b" {
              capabilities = [
                "read",
              ]
            }
            """);
        var token = await _vault.TokenAsync(new { policies = "p" });
        var answer = await _vault.DoAsync("POST", "sys/capabilities-self", new { paths = new[] { "kv/a", "kv/b" } }, token);
        answer["data"]!["kv/a"]!.AsArray().Select(name => (string?)name).ShouldBe(["create", "delete", "list", "read", "update"]);
        answer["data"]!["kv/b"]!.AsArray().Select(name => (string?)name).ShouldBe(["read"]);
    }

    private static string Rule(string path, params string[] capabilities) =>
        $"path \"{path}\" {{ capabilities = [{string.Join(", ", capabilities.Select(capability => $"\"{capability}\""))}] }}";

    private async Task<string?[]> CapabilitiesAsync(string path, params string[] rules)
    {
        for (var i = 0; i < rules.Length; i++)
            await _vault.PolicyAsync($"p{i}", rules[i]);
        var token = await _vault.TokenAsync(new { policies = rules.Select((_, i) => $"p{i}"), no_default_policy = true });
        var answer = await _vault.DoAsync("POST", "sys/capabilities", new { token, paths = new[] { path } });
        return [.. answer["data"]!["capabilities"]!.AsArray().Select(name => (string?)name)];
    }
}
