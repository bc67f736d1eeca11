using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Portal.Sandbox.GitHub;

namespace Portal.Tests.Sandbox;

/// <summary>An OAuth application and the browser of whoever signs in to it, without a page.</summary>
internal sealed class GitHubVisitor(GitHubServer server) : IDisposable
{
    public const string Callback = "http://127.0.0.1:5080/sign-in/github/callback";
    public const string Verifier = "a-verifier-of-forty-three-characters-or-so-0";

    private static readonly GitHubServerOptions Defaults = new();

    private readonly HttpClient _http = new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = server.Address };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    /// <summary>The parameters of an authorize request; those named replace the defaults, null ones are left out.</summary>
    public static Dictionary<string, string?> Request(params (string Name, string? Value)[] others) => With(new()
    {
        ["client_id"] = Defaults.ClientId,
        ["redirect_uri"] = Callback,
        ["scope"] = "read:user user:email read:org",
        ["state"] = "a state",
        ["code_challenge"] = Challenge,
        ["code_challenge_method"] = "S256",
    }, others);

    public async Task<HttpResponseMessage> OpenAsync(Dictionary<string, string?> request) =>
        await _http.GetAsync(QueryHelpers.AddQueryString("/login/oauth/authorize", request), Cancelled);

    /// <summary>Where the browser is sent to: the callback's parameters.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ChooseAsync(string? login, params (string Name, string? Value)[] others)
    {
        var form = Request(others);
        form[login is null ? "cancel" : "user"] = login ?? "true";
        using var answer = await _http.PostAsync("/login/oauth/authorize", new FormUrlEncodedContent(form), Cancelled);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        return Parameters(answer);
    }

    public static IReadOnlyDictionary<string, string> Parameters(HttpResponseMessage redirect) =>
        QueryHelpers.ParseQuery(redirect.Headers.Location.ShouldNotBeNull().Query).ToDictionary(p => p.Key, p => p.Value.ToString());

    /// <summary>The token endpoint's answer to a code, always with status 200.</summary>
    public async Task<JsonObject> ExchangeAsync(string code, params (string Name, string? Value)[] others)
    {
        using var answer = await PostTokenAsync("application/json", With(new()
        {
            ["client_id"] = Defaults.ClientId,
            ["client_secret"] = Defaults.ClientSecret,
            ["code"] = code,
            ["redirect_uri"] = Callback,
            ["code_verifier"] = Verifier,
        }, others));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!.AsObject();
    }

    public async Task<HttpResponseMessage> PostTokenAsync(string accept, Dictionary<string, string?> form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login/oauth/access_token") { Content = new FormUrlEncodedContent(form) };
        request.Headers.Accept.ParseAdd(accept);
        return await _http.SendAsync(request, Cancelled);
    }

    /// <summary>The whole dance: a person's token.</summary>
    public async Task<string> SignInAsync(string login, string scope = "read:user user:email read:org")
    {
        var callback = await ChooseAsync(login, ("scope", scope));
        return (await ExchangeAsync(callback["code"]))["access_token"].ShouldNotBeNull().GetValue<string>();
    }

    /// <summary>A call of the REST API, with the headers that GitHub wants.</summary>
    public async Task<HttpResponseMessage> GetAsync(string path, string? token, bool withUserAgent = true)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.RelativeOrAbsolute));
        if (withUserAgent)
            request.Headers.UserAgent.ParseAdd("tests/1");
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        return await _http.SendAsync(request, Cancelled);
    }

    public async Task<JsonNode> ReadAsync(string path, string? token)
    {
        using var answer = await GetAsync(path, token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!;
    }

    public async Task<HttpResponseMessage> SendAsApplicationAsync(HttpMethod method, string body, string? secret = null)
    {
        using var request = new HttpRequestMessage(method, $"/api/v3/applications/{Defaults.ClientId}/token")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.UserAgent.ParseAdd("tests/1");
        var credentials = Encoding.UTF8.GetBytes($"{Defaults.ClientId}:{secret ?? Defaults.ClientSecret}");
        request.Headers.Authorization = new("Basic", Convert.ToBase64String(credentials));
        return await _http.SendAsync(request, Cancelled);
    }

    public async Task<HttpResponseMessage> PostAsync(string path, HttpContent content) => await _http.PostAsync(path, content, Cancelled);

    public void Dispose() => _http.Dispose();

    private static Dictionary<string, string?> With(Dictionary<string, string?> values, (string Name, string? Value)[] others)
    {
        foreach (var (name, value) in others)
            values[name] = value;
        return values.Where(v => v.Value is not null).ToDictionary();
    }
}
