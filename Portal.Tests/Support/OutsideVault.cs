using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Portal.Sandbox.Vault;
using Portal.Tests.Support;

[assembly: AssemblyFixture(typeof(OutsideVault))]

namespace Portal.Tests.Support;

/// <summary>
/// The Vault that PORTAL_TEST_VAULT_ADDR and PORTAL_TEST_VAULT_TOKEN name, where they do. The run works in it with a token of its own
/// and under names that start with PORTAL_TEST_VAULT_PREFIX (made up when absent), and leaves it as it found it.
/// </summary>
public sealed class OutsideVault : IAsyncLifetime
{
    private static readonly string[] s_headers = ["X-Portal-User", "X-Portal-Credential"];

    private readonly HttpClient _http = new();
    private readonly Dictionary<string, JsonNode> _headersBefore = [];
    private string _token = "";
    private int _parts;

    /// <summary>Null when the tests run on Vaults in memory.</summary>
    public static OutsideVault? Current { get; private set; }

    public Uri Address => _http.BaseAddress!;

    /// <summary>The run's own; may do everything that the one given may.</summary>
    public string Token => _token;

    public string Prefix { get; } =
        Environment.GetEnvironmentVariable("PORTAL_TEST_VAULT_PREFIX") is { Length: > 0 } prefix ? prefix : $"pt{RandomNumberGenerator.GetHexString(6, lowercase: true)}";

    /// <summary>Skips a test of what can be done to a Vault in memory alone.</summary>
    public static void Skip(string sentence) => Assert.SkipWhen(Current is not null, sentence);

    /// <summary>A part of it that nobody else uses.</summary>
    public VaultAccess Part()
    {
        var prefix = $"{Prefix}-{Interlocked.Increment(ref _parts)}";
        return new VaultAccess(Address, _token) { Prefix = prefix, AuthPath = $"{prefix}-kubernetes" };
    }

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("PORTAL_TEST_VAULT_ADDR") is not { Length: > 0 } address)
            return;
        _http.BaseAddress = new Uri(address);
        _http.DefaultRequestHeaders.Add(
            "X-Vault-Token",
            Environment.GetEnvironmentVariable("PORTAL_TEST_VAULT_TOKEN")
                ?? throw new InvalidOperationException("PORTAL_TEST_VAULT_ADDR is set, so PORTAL_TEST_VAULT_TOKEN has to be."));
        foreach (var header in s_headers)
        {
            if (await ReadAsync($"sys/config/auditing/request-headers/{header}") is { } found)
                _headersBefore[header] = found["data"]!.AsObject().Single().Value!.DeepClone();
        }

        // What is made with it ends with it, and it ends by itself when the run is killed.
        var made = await SendAsync(HttpMethod.Post, "auth/token/create", new JsonObject { ["display_name"] = Prefix, ["ttl"] = "4h" });
        _token = (string)made!["auth"]!["client_token"]!;
        Current = this;
    }

    public async ValueTask DisposeAsync()
    {
        if (Current is not null)
        {
            // Whoever is disposed later finds nothing left to do.
            Current = null;
            await CleanAsync(Prefix);
            await RestoreHeadersAsync();
            await SendAsync(HttpMethod.Post, "auth/token/revoke", new JsonObject { ["token"] = _token });
            (await NamesAsync(Prefix)).ShouldBeEmpty("what the run left in Vault");
        }

        _http.Dispose();
    }

    /// <summary>Takes away all that bears the prefix, and the tokens with its policies.</summary>
    public async Task CleanAsync(string prefix)
    {
        await ForgetTokensAsync(policy => policy.StartsWith($"{prefix}-", StringComparison.Ordinal));
        foreach (var path in await NamesAsync(prefix))
            await RemoveAsync(path);
    }

    /// <summary>Revokes the tokens that have one of the policies.</summary>
    public Task ForgetTokensAsync(Func<string, bool> isPolicy) => VaultLookup.RevokeByPolicyAsync(_http, isPolicy);

    /// <summary>Takes away a mount, auth method, policy, token role or audit device.</summary>
    /// <param name="path">As <see cref="PathsAsync"/> tells it.</param>
    public async Task RemoveAsync(string path)
    {
        // The databases of leases may be gone, so that Vault could never end them.
        if (path.StartsWith("sys/mounts/", StringComparison.Ordinal))
            await SendAsync(HttpMethod.Put, $"sys/leases/revoke-force/{path["sys/mounts/".Length..]}", null);
        await SendAsync(HttpMethod.Delete, path, null);
    }

    /// <summary>As on a Vault that no portal was set up in.</summary>
    public async Task ForgetHeadersAsync()
    {
        foreach (var header in s_headers)
            await SendAsync(HttpMethod.Delete, $"sys/config/auditing/request-headers/{header}", null);
    }

    public async Task RestoreHeadersAsync()
    {
        await ForgetHeadersAsync();
        foreach (var (header, body) in _headersBefore)
            await SendAsync(HttpMethod.Put, $"sys/config/auditing/request-headers/{header}", body);
    }

    /// <summary>The paths of all mounts, auth methods, policies, token roles and audit devices.</summary>
    public async Task<IReadOnlyList<string>> PathsAsync()
    {
        var paths = new List<string>();
        foreach (var table in (string[])["sys/mounts", "sys/auth", "sys/audit"])
            paths.AddRange((await ReadAsync(table))?["data"]?.AsObject().Select(entry => $"{table}/{entry.Key.TrimEnd('/')}") ?? []);
        foreach (var list in (string[])["sys/policies/acl", "auth/token/roles"])
            paths.AddRange((await ReadAsync($"{list}?list=true"))?["data"]?["keys"]?.AsArray().Select(key => $"{list}/{key}") ?? []);
        return paths;
    }

    private async Task<IReadOnlyList<string>> NamesAsync(string prefix) =>
        [.. (await PathsAsync()).Where(path => path[(path.LastIndexOf('/') + 1)..].StartsWith($"{prefix}-", StringComparison.Ordinal))];

    private Task<JsonNode?> ReadAsync(string path) => SendAsync(HttpMethod.Get, path, null, mayBeMissing: true);

    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonNode? body, bool mayBeMissing = false)
    {
        using var request = new HttpRequestMessage(method, $"/v1/{path}") { Content = body is null ? null : JsonContent.Create(body) };
        using var response = await _http.SendAsync(request, CancellationToken.None);
        var text = await response.Content.ReadAsStringAsync(CancellationToken.None);
        if (!response.IsSuccessStatusCode && !(mayBeMissing && (int)response.StatusCode is 400 or 404))
            throw new InvalidOperationException($"{method} {path} at {Address}: {(int)response.StatusCode} {text}");
        return response.IsSuccessStatusCode && text.Length > 0 ? JsonNode.Parse(text) : null;
    }
}
