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
        (await RevokeAsync(vault, token => token.GetProperty("path").GetString() == $"auth/{access.AuthPath}/login")).ShouldBeGreaterThan(0);
    }

    /// <summary>Revokes every token that has one of the policies.</summary>
    public static Task RevokeByPolicyAsync(HttpClient vault, Func<string, bool> isOne) =>
        RevokeAsync(vault, token => token.GetProperty("policies").EnumerateArray().Any(policy => isOne(policy.GetString()!)));

    /// <returns>How many.</returns>
    private static async Task<int> RevokeAsync(HttpClient vault, Func<JsonElement, bool> isOne)
    {
        using var list = new HttpRequestMessage(new HttpMethod("LIST"), "/v1/auth/token/accessors");
        using var listed = await vault.SendAsync(list, CancellationToken.None);
        var accessors = (await listed.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None)).GetProperty("data").GetProperty("keys");
        var revoked = 0;
        foreach (var accessor in accessors.EnumerateArray().Select(key => key.GetString()))
        {
            using var found = await vault.PostAsJsonAsync("/v1/auth/token/lookup-accessor", new { accessor }, CancellationToken.None);
            if (!found.IsSuccessStatusCode || !isOne((await found.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None)).GetProperty("data")))
                continue;
            using var ended = await vault.PostAsJsonAsync("/v1/auth/token/revoke-accessor", new { accessor }, CancellationToken.None);
            // Else it has ended meanwhile.
            revoked += ended.IsSuccessStatusCode ? 1 : 0;
        }

        return revoked;
    }
}
