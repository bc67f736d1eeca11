using System.Net.Http.Json;
using System.Text.Json;

namespace Portal.Tests.Support;

/// <summary>What Vault itself says of a handle, asked with the root token.</summary>
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
}
