using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Sandbox.Vault;

namespace Portal.Sandbox;

/// <summary>Another Vault than the sandbox's own, looked at before anything is set up in it.</summary>
/// <remarks>Every method throws <see cref="InvalidOperationException"/> with a sentence when it is of no use.</remarks>
internal sealed class OutsideVault : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly VaultAccess _vault;
    private readonly HttpClient _http;

    public OutsideVault(VaultAccess vault)
    {
        _vault = vault;
        _http = TrustingHttp.Client(vault.CaFile is null ? null : File.ReadAllText(vault.CaFile));
        _http.Timeout = s_patience;
    }

    /// <summary>That it answers, is open, knows the token, and has no Kubernetes login of others where the portal's will be.</summary>
    /// <param name="kubernetes">Where the Kubernetes API is; null: on loopback.</param>
    public async Task CheckAsync(Uri? kubernetes, CancellationToken cancellationToken)
    {
        var (_, health) = await GetAsync("sys/health?standbyok=true&sealedcode=200&uninitcode=200", cancellationToken);
        if ((bool?)health?["initialized"] != true)
            throw new InvalidOperationException($"The Vault at {_vault} is not initialised: run `vault operator init` first.");
        if ((bool?)health["sealed"] == true)
            throw new InvalidOperationException($"The Vault at {_vault} is sealed: unseal it first.");
        var (status, _) = await GetAsync("auth/token/lookup-self", cancellationToken);
        if (status == HttpStatusCode.Forbidden)
            throw new InvalidOperationException($"The Vault at {_vault} does not know the token, or it has ended.");
        var (_, login) = await GetAsync($"auth/{_vault.AuthPath}/config", cancellationToken);
        if (Uri.TryCreate((string?)login?["data"]?["kubernetes_host"], UriKind.Absolute, out var host) && !host.IsLoopback && host.Authority != kubernetes?.Authority)
        {
            throw new InvalidOperationException(
                $"The Vault at {_vault} has a login for {host.Authority} at auth/{_vault.AuthPath}, which the sandbox would replace: give --vault-prefix P for one of its own.");
        }
    }

    /// <summary>
    /// A name for what the portal's transit engine in it can decrypt: another Vault has another, as has this one once the engine was
    /// mounted anew. Needs the engine to be mounted.
    /// </summary>
    public async Task<string> IdentityAsync(CancellationToken cancellationToken)
    {
        var (_, health) = await GetAsync("sys/health?standbyok=true", cancellationToken);
        var (_, mounts) = await GetAsync("sys/mounts", cancellationToken);
        var accessor = (string?)mounts?["data"]?[$"{_vault.Prefix}-transit/"]?["accessor"]
            ?? throw new InvalidOperationException($"The Vault at {_vault} has no engine {_vault.Prefix}-transit/ after setup-vault.");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{(string?)health?["cluster_id"]} {accessor}")))[..12];
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, JsonNode? Body)> GetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_vault.Address, $"/v1/{path}"));
            request.Headers.Add("X-Vault-Token", _vault.RootToken);
            using var response = await _http.SendAsync(request, cancellationToken);
            return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken));
        }
        catch (HttpRequestException exception) when (exception.InnerException is AuthenticationException)
        {
            throw new InvalidOperationException($"The Vault at {_vault} has a certificate that nobody known vouches for: give its authority with --vault-ca FILE.");
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new InvalidOperationException($"There is no Vault at {_vault} that answers: {exception.Message}");
        }
    }
}
