using System.Text.Json.Nodes;
using CsCheck;

namespace Portal.Tests.Sandbox;

/// <summary>Whatever path, method and body it is sent, it has an answer of its own.</summary>
public sealed class VaultFuzzTests : IAsyncLifetime
{
    private static readonly string[] s_paths =
    [
        "kv/config", "kv/data/a", "kv/metadata/a", "kv/metadata", "kv/delete/a", "kv/undelete/a", "kv/destroy/a", "old/a",
        "tr/keys", "tr/keys/k", "tr/keys/e", "tr/keys/k/config", "tr/keys/k/rotate", "tr/encrypt/k", "tr/decrypt/k", "tr/rewrap/k", "tr/sign/e", "tr/sign/e/sha2-256", "tr/verify/e",
        "ssh/config/ca", "ssh/roles", "ssh/roles/r", "ssh/sign/r", "ssh/public_key",
        "db/config", "db/config/c", "db/roles", "db/roles/r", "db/creds/r", "db/reset/c", "db/rotate-root/c",
        "auth/token/create", "auth/token/create-orphan", "auth/token/create/r", "auth/token/roles/r", "auth/token/lookup", "auth/token/lookup-accessor", "auth/token/renew", "auth/token/renew-self",
        "auth/token/revoke", "auth/token/revoke-accessor", "auth/token/revoke-orphan", "auth/token/accessors",
        "auth/kubernetes/config", "auth/kubernetes/role/r", "auth/kubernetes/login",
        "sys/health", "sys/mounts", "sys/mounts/kv/tune", "sys/auth", "sys/policies/acl/p", "sys/policy/p", "sys/capabilities", "sys/capabilities-self", "sys/capabilities-accessor",
        "sys/leases", "sys/leases/count", "sys/leases/lookup", "sys/leases/renew", "sys/leases/revoke", "sys/leases/revoke-prefix/x", "sys/leases/revoke-force/x",
        "sys/audit", "sys/audit-hash/x", "sys/config/auditing/request-headers", "sys/config/auditing/request-headers/X-A", "sys/internal/ui/mounts", "sys/internal/ui/mounts/kv",
        "sys/wrapping/wrap", "sys/wrapping/unwrap", "sys/wrapping/rewrap", "sys/wrapping/lookup", "cubbyhole/a", "",
    ];

    private static readonly string[] s_fields =
    [
        "data", "options", "cas", "versions", "version", "max_versions", "cas_required", "delete_version_after", "type", "plaintext", "ciphertext", "input", "signature", "key_version", "associated_data",
        "marshaling_algorithm", "hash_algorithm", "prehashed", "min_decryption_version", "min_encryption_version", "deletion_allowed", "public_key", "private_key", "key_type", "generate_signing_key",
        "allow_user_certificates", "allowed_users", "valid_principals", "extensions", "critical_options", "default_extensions", "allowed_user_key_lengths", "key_id", "cert_type", "ttl", "max_ttl", "default_ttl",
        "plugin_name", "username", "username_template", "allowed_roles", "db_name", "creation_statements", "policies", "token", "accessor", "id", "num_uses", "period", "explicit_max_ttl", "no_parent",
        "no_default_policy", "meta", "display_name", "renewable", "role", "jwt", "bound_service_account_names", "bound_service_account_namespaces", "kubernetes_host", "kubernetes_ca_cert", "policy", "path", "paths",
        "lease_id", "increment", "sync", "config", "description", "default_lease_ttl", "list", "sealedcode", "activecode",
    ];

    private static readonly Gen<string> s_segment = Gen.OneOf(Any("..", ".", "%2f", "%2F..", "%00", "%", "*", "+", "{name}", "日本", "a b", "%0a", ";", "?list=true", "#"), Gen.String[Gen.Char.AlphaNumeric, 0, 5]);
    private static readonly Gen<string> s_path = Gen.Select(Any(s_paths), s_segment.Array[0, 3], Gen.Int[0, 3], (path, more, odd) => odd == 0 ? string.Join('/', more.Prepend(path)) : path);

    private static readonly Gen<JsonNode?> s_scalar = Gen.OneOf(
        Any<JsonNode?>(null, true, false, 0, -1, 1, 2147483648L, 1e300, "", "1h", "-1s", "99999999999h", "*", "root", "k", "ecdsa-p256", "jws", "ca", "vault:v1:AAAA", "vault:v0:", "a.e30.c", "ssh-rsa AAAA", "{{", "\ud83d\ude00"),
        Gen.String[Gen.Char, 0, 12].Select(text => (JsonNode?)text));

    private static readonly Gen<JsonNode?> s_value = Gen.OneOf(
        s_scalar, s_scalar, s_scalar,
        s_scalar.Array[0, 3].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])),
        Gen.Select(Any(s_fields), s_scalar).Array[0, 3].Select(Object));

    private static readonly Gen<string?> s_body = Gen.OneOf(
        Gen.Select(Any(s_fields), s_value).Array[0, 8].Select(fields => (string?)Object(fields)!.ToJsonString()),
        Any<string?>(null, "", "null", "[]", "{", "\"\\ud800\"", "{\"a\":\"\\udc00\"}", "1e999", "{}{}"));

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
        await Gen.Select(Any("GET", "LIST", "POST", "PUT", "DELETE", "HEAD"), s_path, s_body).SampleAsync(AskAsync, iter: 3_000, threads: 4);
        (await _vault.SendAsync("GET", "sys/mounts")).Status.ShouldBe(200);
    }

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

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
}
