using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Portal.Features.AccessTokens;
using Portal.Features.CloudCredentials;
using Portal.Features.Databases;
using Portal.Features.Ssh;
using Portal.Shell;

namespace Portal.Tests.Support;

/// <summary>A program that calls the REST API. Paths are those below <c>/api/v1</c>.</summary>
/// <param name="token">Null to send none.</param>
/// <param name="observer">Sees each call and its answer.</param>
public sealed class ApiClient(Uri portal, string? token, DelegatingHandler? observer = null) : IDisposable
{
    public static readonly IReadOnlyList<string> AllScopes =
    [
        AccessTokensFeature.Scope, DatabasesFeature.Scope, SshFeature.Scope,
        CloudCredentialsFeature.ReadScope, CloudCredentialsFeature.WriteScope, CloudCredentialsFeature.RevealScope,
    ];

    private readonly HttpClient _http = Client(observer);

    public string? Token { get; } = token;

    /// <summary>Signs somebody in, who makes an access token on the page.</summary>
    /// <param name="scopes">None: all.</param>
    public static async Task<ApiClient> SignInAsync(TestPortal portal, string login, params string[] scopes)
    {
        using var person = await portal.SignInAsync(login);
        var issued = await person.IssueTokenAsync(scopes.Length > 0 ? scopes : null);
        issued.Status.ShouldBe(HttpStatusCode.Created, issued.Text);
        return new ApiClient(portal.Address, issued.Token);
    }

    /// <summary>Of a call that is made by hand.</summary>
    public Uri AddressOf(string path) => new(portal, ApiRoutes.Root + path);

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public Task<Answer> PostAsync(string path, object? body = null, string? idempotencyKey = null) =>
        SendAsync(HttpMethod.Post, path, body is null ? null : JsonContent.Create(body), idempotencyKey);

    /// <summary>Asks for database credentials.</summary>
    public Task<Answer> IssueAsync(string role = "shop-readonly", int seconds = 3600, string reason = "fix order 42", string? idempotencyKey = null) =>
        PostAsync($"/databases/{role}/credentials", new { durationSeconds = seconds, reason }, idempotencyKey);

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, AddressOf(path)) { Content = content };
        if (idempotencyKey is not null)
            request.Headers.TryAddWithoutValidation(IdempotencyKey.Header, idempotencyKey);
        return await SendAsync(request);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        // As curl does: a large body goes out once the portal wants it.
        request.Headers.ExpectContinue = request.Content?.Headers.ContentLength > 10_000;
        if (Token is not null)
            request.Headers.Authorization ??= new AuthenticationHeaderValue("Bearer", Token);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return await Answer.ReadAsync(response);
    }

    public void Dispose() => _http.Dispose();

    private static HttpClient Client(DelegatingHandler? observer)
    {
        var wire = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        observer?.InnerHandler = wire;
        return new HttpClient((HttpMessageHandler?)observer ?? wire);
    }
}
