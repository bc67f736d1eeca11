using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using Portal.Features.AccessTokens;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Features.AccessTokens;

/// <summary>Calls the API with one token, or with whatever a test puts in its place.</summary>
internal sealed class ApiCaller(Uri portal) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = portal };

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? token, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    public Task<Answer> MeAsync(string? token) => SendAsync(HttpMethod.Get, "/api/v1/me", token);

    public async Task<HttpStatusCode> StatusAsync(string? token) => (await MeAsync(token)).Status;

    public void Dispose() => _http.Dispose();
}

/// <summary>A token in a test: its text and its parts.</summary>
internal sealed record Token(Guid Id, string Text)
{
    public JsonObject Header => Part(0);

    public JsonObject Claims => Part(1);

    public string Signature => Text.Split('.')[2];

    /// <summary>As a person makes one on the page.</summary>
    public static async Task<Token> MakeAsync(Person person, string scopes = "tokens databases", int seconds = 3600, string name = "ci")
    {
        var answer = await person.PostAsync(
            "/browser/access-tokens", new { name, scopes = scopes.Split(' '), expiresInSeconds = seconds, requestKey = $"{Guid.CreateVersion7():N}" });
        answer.Status.ShouldBe(HttpStatusCode.Created, answer.Text);
        answer.NoStore.ShouldBeTrue();
        return new(answer.Id, answer.Json.GetProperty("token").GetString()!);
    }

    /// <summary>Of parts, signed by Vault with the portal's own key: what only its operator could do.</summary>
    public static async Task<string> ForgeAsync(TestPortal portal, JsonObject header, JsonObject claims)
    {
        var text = $"{Encode(header)}.{Encode(claims)}";
        var version = portal.Get<SigningKeys>().All[^1].Version;
        var signature = await portal.Get<TransitEngine>().SignAsync(
            VaultRole.AccessTokens, VaultNames.AccessTokensKey, version, Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);
        return $"{text}.{signature}";
    }

    public static string Encode(JsonObject part) => Base64UrlEncoder.Encode(part.ToJsonString());

    private JsonObject Part(int index) => (JsonObject)JsonNode.Parse(Base64UrlEncoder.Decode(Text.Split('.')[index]))!;
}
