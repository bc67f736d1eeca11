using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Features.SignIn;
using Portal.Sandbox;

namespace Portal.Tests.Support;

/// <summary>Somebody who signed in through the sandbox's GitHub, and now does what a page's script does.</summary>
public sealed class Person : IDisposable
{
    private readonly HttpClient _http;
    private readonly Browser _browser;
    private readonly string _antiforgery;

    private Person(HttpClient http, Browser browser, string login, string antiforgery)
    {
        _http = http;
        _browser = browser;
        _antiforgery = antiforgery;
        Login = login;
    }

    public string Login { get; }

    public static async Task<Person> SignInAsync(Uri portal, string login)
    {
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        var browser = new Browser(_ => http, portal, TestContext.Current.CancellationToken);
        var authorize = await browser.FollowAsync(await browser.SubmitAsync(await browser.GetAsync("/sign-in"), "Sign in with GitHub"));
        var home = await browser.FollowAsync(await browser.SubmitAsync(authorize, $"value=\"{login}\"", ("user", login)));
        home.Status.ShouldBe(HttpStatusCode.OK, home.Words);
        return new Person(http, browser, login, home.Meta("request-verification-token"));
    }

    public string SessionCookie => _browser.CookiesOf(_browser.Home)["__Host-portal"];

    /// <summary>The actor behind this browser's session.</summary>
    public Task<Actor> ActorAsync(TestPortal portal) => portal.DatabaseAsync(async db =>
    {
        var session = await db.Sessions.Include(session => session.User).Where(session => session.User.Login == Login)
            .OrderByDescending(session => session.CreatedAt).FirstAsync(TestContext.Current.CancellationToken);
        return new Actor(session.UserId, session.Id, Login, "127.0.0.1");
    });

    public Task<Page> GetAsync(string address) => _browser.GetAsync(address);

    public async Task<Answer> PostAsync(string path, object? body = null, bool withAntiforgery = true)
    {
        var page = await _browser.PostJsonAsync(path, body ?? new { }, withAntiforgery ? _antiforgery : null);
        return new Answer(
            page.Status, page.Text, page.Headers.GetValueOrDefault("Cache-Control")?.Contains("no-store") == true, page.Headers.GetValueOrDefault("Retry-After"));
    }

    public async Task SignOutAsync() => await _browser.SubmitAsync(await _browser.GetAsync("/"), "sign-out");

    /// <summary>As the page's script asks for credentials.</summary>
    public Task<Answer> IssueAsync(string role = "shop-readonly", int seconds = 3600, string reason = "fix order 42", string? requestKey = null) =>
        PostAsync($"/browser/databases/{role}/credentials", new { durationSeconds = seconds, reason, requestKey = requestKey ?? $"{Guid.CreateVersion7():N}" });

    public void Dispose()
    {
        _browser.Dispose();
        _http.Dispose();
    }
}

/// <summary>A JSON answer.</summary>
public sealed record Answer(HttpStatusCode Status, string Text, bool NoStore, string? RetryAfter)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    /// <summary>The last part of a problem's type.</summary>
    public string Slug => Json.GetProperty("type").GetString()!.Split(':')[^1];

    public Guid Id => Json.GetProperty("id").GetGuid();

    public string Username => Json.GetProperty("username").GetString()!;

    public string Password => Json.GetProperty("password").GetString()!;

    public DateTimeOffset ExpiresAt => Json.GetProperty("expiresAt").GetDateTimeOffset();
}
