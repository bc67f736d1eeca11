using System.Text.Json.Nodes;
using CsCheck;

namespace Portal.Tests.Sandbox;

/// <summary>Whatever path, method and body it is sent, it has an answer of its own.</summary>
public sealed class VaultFuzzTests : IAsyncLifetime
{
    /// <summary>Paths with the fields that they know, and with texts that nearly make sense there.</summary>
    private static readonly Area[] s_areas =
    [
        new(
            ["kv/config", "kv/data/a", "kv/metadata/a", "kv/metadata", "kv/delete/a", "kv/undelete/a", "kv/destroy/a", "old/a", "cubbyhole/a"],
            ["data", "options", "cas", "versions", "version", "max_versions", "cas_required", "delete_version_after", "list"], ["1", "-1s", "1h"]),
        new(
            ["tr/keys", "tr/keys/k", "tr/keys/e", "tr/keys/k/config", "tr/keys/k/rotate", "tr/encrypt/k", "tr/decrypt/k", "tr/rewrap/k", "tr/sign/e", "tr/sign/e/sha2-256", "tr/verify/e"],
            ["type", "plaintext", "ciphertext", "input", "signature", "key_version", "associated_data", "marshaling_algorithm", "hash_algorithm", "prehashed", "min_decryption_version"],
            ["vault:v1:AAAA", "vault:v0:AA==", "vault:v1:", "AAAA", "jws", "ecdsa-p256"]),
        new(
            ["ssh/roles", "ssh/roles/r", "ssh/sign/r", "ssh/sign/r", "ssh/public_key"],
            ["public_key", "key_type", "allow_user_certificates", "allowed_users", "valid_principals", "extensions", "critical_options", "allowed_user_key_lengths", "cert_type", "ttl"],
            ["ca", "ssh-rsa AAAA", "AAAAB3NzaC1yc2E=", "ssh-dss AAAAB3NzaC1kc3M=", "*", "host"]),
        new(
            ["db/config", "db/config/c", "db/roles", "db/roles/r", "db/creds/r", "db/reset/c", "db/rotate-root/c"],
            ["plugin_name", "username", "username_template", "allowed_roles", "db_name", "creation_statements", "default_ttl", "max_ttl"],
            ["mysql-database-plugin", "{{", "{{ truncate 0 . }}", "{{ printf }}", "[", "c"]),
        new(
            ["auth/token/create", "auth/token/create-orphan", "auth/token/create/r", "auth/token/roles/r", "auth/token/lookup", "auth/token/lookup-accessor", "auth/token/renew", "auth/token/renew-self",
             "auth/token/revoke", "auth/token/revoke-accessor", "auth/token/revoke-orphan", "auth/token/accessors"],
            ["policies", "token", "accessor", "id", "num_uses", "period", "explicit_max_ttl", "no_parent", "no_default_policy", "meta", "display_name", "renewable", "ttl", "increment", "type"],
            ["batch", "root", "default", "1h", "99999999999h"]),
        new(
            ["auth/kubernetes/config", "auth/kubernetes/role/r", "auth/kubernetes/login"],
            ["role", "jwt", "bound_service_account_names", "bound_service_account_namespaces", "kubernetes_host", "kubernetes_ca_cert", "token_type"],
            ["r", "a.e30.c", "a.W10.c", "a.bnVsbA.c", "*", "https://localhost"]),
        new(
            ["sys/health", "sys/mounts", "sys/mounts/kv/tune", "sys/auth", "sys/policies/acl/p", "sys/policy/p", "sys/capabilities", "sys/capabilities-self", "sys/capabilities-accessor", "sys/leases",
             "sys/leases/count", "sys/leases/lookup", "sys/leases/renew", "sys/leases/revoke", "sys/leases/revoke-prefix/x", "sys/leases/revoke-force/x", "sys/audit", "sys/audit-hash/x",
             "sys/config/auditing/request-headers/X-A", "sys/internal/ui/mounts", "sys/internal/ui/mounts/kv", "sys/wrapping/wrap", "sys/wrapping/unwrap", "sys/wrapping/rewrap", "sys/wrapping/lookup", ""],
            ["policy", "path", "paths", "token", "accessor", "lease_id", "increment", "sync", "type", "config", "description", "default_lease_ttl", "hmac", "input", "activecode"],
            ["path \"a\" {", "path \"+/*\" { policy = \"read\" }", "irrevocable", "//", "/*", "1h"]),
    ];

    private static readonly Gen<string> s_segment = Gen.OneOf(
        Any("..", ".", "%2f", "%2F..", "%00", "%", "*", "+", "{name}", "日本", "a b", "%0a", ";", "?list=true", "#"), Gen.String[Gen.Char.AlphaNumeric, 0, 5]);

    private static readonly Gen<JsonNode?> s_scalar = Gen.OneOf(
        Any<JsonNode?>(null, true, false, 0, -1, 1, 2147483648L, 1e300, "", "\ud83d\ude00"), Gen.String[Gen.Char, 0, 12].Select(text => (JsonNode?)text));

    private static readonly Gen<(string Method, string Path, string? Body)> s_request =
        from area in Any(s_areas)
        from method in Any("POST", "POST", "POST", "PUT", "GET", "LIST", "DELETE", "HEAD")
        from path in Any(area.Paths)
        from odd in Gen.Int[0, 3]
        from more in s_segment.Array[0, 3]
        from body in Gen.OneOf(Body(area), Body(area), Body(area), Any<string?>(null, "", "null", "[]", "{", "\"\\ud800\"", "{\"a\":\"\\udc00\"}", "1e999", "{}{}"))
        select (method, odd == 0 ? string.Join('/', more.Prepend(path)) : path, body);

    private readonly HttpClient _http = new();
    private VaultUnderTest _vault = null!;

    public async ValueTask InitializeAsync()
    {
        _vault = await VaultUnderTest.StartAsync();
        _http.BaseAddress = _vault.Server.Address;
        await _vault.DoAsync("POST", "sys/mounts/kv", new { type = "kv-v2" });
        await _vault.DoAsync("POST", "sys/mounts/old", new { type = "kv" });
        await _vault.DoAsync("POST", "sys/mounts/tr", new { type = "transit" });
        await _vault.DoAsync("POST", "sys/mounts/db", new { type = "database" });
        await _vault.DoAsync("POST", "sys/mounts/ssh", new { type = "ssh" });
        await _vault.DoAsync("POST", "sys/auth/kubernetes", new { type = "kubernetes" });
        await _vault.DoAsync("POST", "tr/keys/k");
        await _vault.DoAsync("POST", "tr/keys/e", new { type = "ecdsa-p256" });
        await _vault.DoAsync("POST", "ssh/config/ca", new { key_type = "ssh-ed25519" });
        await _vault.DoAsync("POST", "ssh/roles/r", new { key_type = "ca", allow_user_certificates = true, allowed_users = "*" });
        await _vault.DoAsync("POST", "kv/data/a", new { data = new { k = "v" } });
        await _vault.DoAsync("POST", "auth/token/roles/r", new { });
        await _vault.DoAsync("POST", "auth/kubernetes/role/r", new { bound_service_account_names = "a", bound_service_account_namespaces = "b" });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _vault.DisposeAsync();
    }

    [Fact]
    public async Task It_never_stumbles()
    {
        await s_request.SampleAsync(request => AskAsync(request.Method, request.Path, request.Body), iter: 10_000, threads: 4);
        (await _vault.SendAsync("GET", "sys/mounts")).Status.ShouldBe(200);
    }

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    /// <summary>Some of the fields, each with a text that nearly makes sense, or with anything.</summary>
    private static Gen<string?> Body(Area area)
    {
        var plain = Gen.OneOf(Any(area.Texts).Select(text => (JsonNode?)text), s_scalar);
        var value = Gen.OneOf(
            plain, plain, plain,
            plain.Array[0, 3].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])),
            Gen.Select(Any(area.Fields), plain).Array[0, 3].Select(Object));
        return Gen.Select(Any(area.Fields), value).Array[0, 6].Select(fields => (string?)Object(fields)!.ToJsonString());
    }

    private static JsonNode? Object((string Name, JsonNode? Value)[] fields)
    {
        var result = new JsonObject();
        foreach (var (name, value) in fields)
            result[name] = value?.DeepClone();
        return result;
    }

    private async Task<bool> AskAsync(string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"v1/{path}");
        request.Headers.Add("X-Vault-Token", _vault.Server.RootToken);
        if (method is "POST" or "PUT" && body is not null)
            request.Content = new StringContent(body);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        // What it has no words for it calls so.
        return !text.Contains("[\"internal error\"]", StringComparison.Ordinal);
    }

    private sealed record Area(string[] Paths, string[] Fields, string[] Texts);
}
