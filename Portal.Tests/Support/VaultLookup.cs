using System.Net.Http.Json;
using System.Text.Json;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Support;

/// <summary>What Vault itself says and does, asked with the root token.</summary>
public static class VaultLookup
{
    /// <exception cref="HttpRequestException">Vault knows no such thing.</exception>
    public static async Task<DateTimeOffset> ExpiryAsync(HttpClient vault, string path, object handle)
    {
        using var response = await vault.PostAsJsonAsync($"/v1/{path}", handle, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return answer.GetProperty("data").GetProperty("expire_time").GetDateTimeOffset();
    }

    /// <summary>Revokes every token that came from the Kubernetes login, as when the portal's pods are gone for long.</summary>
    public static async Task RevokeLoginsAsync(VaultAccess access)
    {
        using var vault = new HttpClient { BaseAddress = access.Address };
        vault.DefaultRequestHeaders.Add("X-Vault-Token", access.RootToken);
        using var list = new HttpRequestMessage(new HttpMethod("LIST"), "/v1/auth/token/accessors");
        using var listed = await vault.SendAsync(list, TestContext.Current.CancellationToken);
        var accessors = (await listed.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("data").GetProperty("keys");
        var revoked = 0;
        foreach (var accessor in accessors.EnumerateArray().Select(key => key.GetString()))
        {
            using var found = await vault.PostAsJsonAsync("/v1/auth/token/lookup-accessor", new { accessor }, TestContext.Current.CancellationToken);
            if (!found.IsSuccessStatusCode)
                continue;
            var token = await found.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
            if (token.GetProperty("data").GetProperty("path").GetString() != $"auth/{access.AuthPath}/login")
                continue;
            using var ended = await vault.PostAsJsonAsync("/v1/auth/token/revoke-accessor", new { accessor }, TestContext.Current.CancellationToken);
            ended.EnsureSuccessStatusCode();
            revoked++;
        }

        revoked.ShouldBeGreaterThan(0);
    }
}
