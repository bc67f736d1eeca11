using System.Net.Http.Headers;
using System.Text.Json;
using Portal.Sandbox;

namespace Portal.Benchmarks;

/// <summary>A program with an access token of somebody who signed in.</summary>
internal sealed class Api : IDisposable
{
    private readonly HttpClient _http;

    private Api(HttpClient http, string token, Guid userId, Guid tokenId)
    {
        _http = http;
        (Token, UserId, TokenId) = (token, userId, tokenId);
    }

    public string Token { get; }

    public Guid UserId { get; }

    public Guid TokenId { get; }

    public static async Task<Api> SignInAsync(Uri portal, string login)
    {
        var token = await AccessTokenFiles.MakeAsync(portal, login, CancellationToken.None);
        var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = portal };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var user = (await http.GetFromJsonAsync<JsonElement>("/api/v1/me")).GetProperty("id").GetGuid();
        var made = (await http.GetFromJsonAsync<JsonElement>("/api/v1/access-tokens")).GetProperty("items")[0].GetProperty("id").GetGuid();
        return new Api(http, token, user, made);
    }

    public Task<string> GetAsync(Uri address) => _http.GetStringAsync(address);

    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var response = await _http.PostAsJsonAsync($"/api/v1{path}", body);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    public async Task DeleteAsync(string path)
    {
        using var response = await _http.DeleteAsync($"/api/v1{path}");
        response.EnsureSuccessStatusCode();
    }

    public void Dispose() => _http.Dispose();
}
