using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Servers;
using Portal.Sandbox.Vault;

namespace Portal.Sandbox.Clouds;

/// <summary>A good credential of each type that the sandbox has a cloud for, in a file of the type's name, for a newcomer to register.</summary>
internal static class CloudSamples
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>The sample of a Vault token, which is for <see cref="RevokeAsync"/> at the end.</returns>
    public static async Task<string> WriteAsync(string folder, CloudSeed seed, KubernetesAccess kubernetes, VaultAccess vault, CancellationToken cancellationToken)
    {
        PrivateFile.CreateFolder(folder);
        foreach (var type in seed.Types)
            await WriteAsync(folder, type, seed.Values(type));
        var kubeconfig = Kubeconfig.Text(kubernetes.Address, kubernetes.CaPem, kubernetes.AdminToken);
        await WriteAsync(folder, "kubernetes", new Dictionary<string, string> { ["K8Sconfig"] = kubeconfig });
        var token = await TokenAsync(vault, cancellationToken);
        await WriteAsync(folder, "vault", new Dictionary<string, string> { ["token"] = token });
        return token;
    }

    /// <summary>Another sandbox's Vault is left without it. One that is gone is fine.</summary>
    public static async Task RevokeAsync(VaultAccess vault, string token)
    {
        using var http = TrustingHttp.Client(vault.CaFile is null ? null : await File.ReadAllTextAsync(vault.CaFile));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(vault.Address, "/v1/auth/token/revoke")) { Content = JsonContent.Create(new { token }) };
        request.Headers.Add("X-Vault-Token", vault.RootToken);
        try
        {
            using var response = await http.SendAsync(request);
        }
        catch (HttpRequestException)
        {
            // Nobody is there to ask: it ends by itself within a day.
        }
    }

    private static Task WriteAsync(string folder, string type, IReadOnlyDictionary<string, string> values) =>
        PrivateFile.ReplaceAsync(Path.Combine(folder, $"{type}.json"), JsonSerializer.Serialize(new { name = $"sample-{type}", type, values }, s_json));

    // One that may look at itself, and for a day.
    private static async Task<string> TokenAsync(VaultAccess vault, CancellationToken cancellationToken)
    {
        using var http = TrustingHttp.Client(vault.CaFile is null ? null : await File.ReadAllTextAsync(vault.CaFile, cancellationToken));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(vault.Address, "/v1/auth/token/create"));
        request.Headers.Add("X-Vault-Token", vault.RootToken);
        request.Content = new StringContent("""{"policies":["default"],"ttl":"24h","display_name":"sample"}""", Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request, cancellationToken);
        var answer = response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken) : null;
        return (string?)answer?["auth"]?["client_token"] ?? throw new InvalidOperationException($"The Vault at {vault} makes no token: it answered {(int)response.StatusCode}.");
    }
}
