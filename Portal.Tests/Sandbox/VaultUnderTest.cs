using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

/// <summary>A sandbox's Vault of a test's own, and the few ways in which tests speak to it. As root unless another token is given.</summary>
public sealed class VaultUnderTest : IAsyncDisposable
{
    private readonly HttpClient _http = new();

    private VaultUnderTest(VaultServer server)
    {
        Server = server;
        _http.BaseAddress = server.Address;
    }

    public VaultServer Server { get; }

    public VaultControl Control => Server.Control;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<VaultUnderTest> StartAsync(VaultServerOptions? options = null) => new(await VaultServer.StartAsync(options ?? new()));

    public async Task<(int Status, JsonNode? Body)> SendAsync(
        string method, string path, object? body = null, string? token = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"v1/{path}");
        request.Headers.Add("X-Vault-Token", token ?? Server.RootToken);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (body is not null)
            request.Content = body as HttpContent ?? (body is string text ? new StringContent(text, Encoding.UTF8, "application/json") : JsonContent.Create(body));
        using var response = await _http.SendAsync(request, Cancelled);
        var answer = await response.Content.ReadAsStringAsync(Cancelled);
        return ((int)response.StatusCode, answer.Length == 0 ? null : JsonNode.Parse(answer));
    }

    /// <summary>What must go well.</summary>
    public async Task<JsonNode> DoAsync(string method, string path, object? body = null, string? token = null)
    {
        var (status, answer) = await SendAsync(method, path, body, token);
        status.ShouldBeInRange(200, 299, $"{method} {path}: {answer}");
        return answer ?? new JsonObject();
    }

    /// <summary>What must be refused, in just these words.</summary>
    public async Task RefusesAsync(int status, string message, string method, string path, object? body = null, string? token = null)
    {
        var (actual, answer) = await SendAsync(method, path, body, token);
        var errors = answer?["errors"]?.AsArray().Select(error => (string?)error) ?? [];
        (actual, string.Join('\n', errors)).ShouldBe((status, message), $"{method} {path}");
    }

    public Task PolicyAsync(string name, string text) => DoAsync("PUT", $"sys/policies/acl/{name}", new { policy = text });

    public async Task<string> TokenAsync(object terms, string? parent = null) =>
        (string)(await DoAsync("POST", "auth/token/create", terms, parent))["auth"]!["client_token"]!;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
    }
}
