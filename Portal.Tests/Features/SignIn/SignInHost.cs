using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Portal.Data;
using Portal.Features.Health;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Sandbox;
using Portal.Sandbox.GitHub;
using Portal.Sandbox.Kubernetes;
using Portal.Tests.Support;
using Portal.Vault;
using Browser = Portal.Sandbox.Browser;

namespace Portal.Tests.Features.SignIn;

/// <summary>
/// The portal at <c>https://portal.example</c>, with a GitHub and a Vault of its own that a test may break, and a clock that
/// stands still until the test moves it.
/// </summary>
public sealed class SignInHost : IAsyncDisposable
{
    public static readonly Uri Home = new("https://portal.example");

    // One for all: nothing changes it.
    private static readonly Lazy<Task<KubernetesServer>> s_kubernetes = new(() => KubernetesServer.StartAsync());

    private readonly string _folder = Directory.CreateTempSubdirectory("portal-sign-in-").FullName;
    private readonly HttpMessageInvoker _outside = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private WebApplication _app = null!;
    private HttpMessageInvoker _inside = null!;

    public GitHubServer GitHub { get; private set; } = null!;

    public PortalVault Vault { get; private set; } = null!;

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.Parse("2026-03-02T03:00:00Z"));

    public LogCapture Log { get; } = new();

    /// <param name="settings">Besides and instead of the usual ones; null takes one away.</param>
    public static async Task<SignInHost> StartAsync(params (string Key, string? Value)[] settings)
    {
        var host = new SignInHost
        {
            Vault = await PortalVault.StartAsync(),
            GitHub = await GitHubServer.StartAsync(new() { CallbackUrls = [new(Home, GitHubOAuth.CallbackPath)] }),
        };
        await host.SetUpVaultAsync();
        await host.StartPortalAsync(settings);
        return host;
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async Task<T> ReadAsync<T>(Func<PortalDb, Task<T>> read)
    {
        await using var db = await Get<IDbContextFactory<PortalDb>>().CreateDbContextAsync();
        return await read(db);
    }

    public Task WriteAsync(Action<PortalDb> write) =>
        ReadAsync(async db =>
        {
            write(db);
            return await db.SaveChangesAsync();
        });

    public Task AdoptAsync(params (string Name, string Subject)[] teams) => WriteAsync(db => db.AddRange(teams.Select(team => new Team
    {
        Id = Guid.CreateVersion7(), Name = team.Name, Provider = "github", Subject = team.Subject, Label = $"acme/{team.Name}",
    })));

    /// <summary>All bytes of the database, its journal included.</summary>
    public async Task<string> ReadDatabaseFileAsync()
    {
        var text = new System.Text.StringBuilder();
        foreach (var file in Directory.EnumerateFiles(_folder, "portal.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            text.Append(await reader.ReadToEndAsync());
        }

        return text.ToString();
    }

    /// <summary>The tokens that Vault keeps, by path.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ReadTokensAsync()
    {
        var vault = Get<VaultAdmin>().WithToken(Vault.RootToken);
        var tokens = new Dictionary<string, string>();
        foreach (var user in await vault.ListAsync($"{Vault.Prefix}-kv/metadata/users", TestContext.Current.CancellationToken))
        {
            var path = $"users/{user.TrimEnd('/')}/github";
            if (await vault.ReadAsync($"{Vault.Prefix}-kv/data/{path}", TestContext.Current.CancellationToken) is { } secret)
                tokens[path] = secret["data"]!["access_token"]!.GetValue<string>();
        }

        return tokens;
    }

    public Browser OpenBrowser() => new(address => address.Host == Home.Host ? _inside : _outside, Home, TestContext.Current.CancellationToken);

    /// <summary>From the portal's sign-in page through GitHub to what comes of it, redirects followed.</summary>
    public async Task<Page> SignInAsync(Browser browser, string login, string returnUrl = "/") =>
        await browser.FollowAsync(await SignInUntilCallbackAsync(browser, login, returnUrl));

    /// <summary>Stops with the answer that sends the browser to the portal's callback.</summary>
    public async Task<Page> SignInUntilCallbackAsync(Browser browser, string login, string returnUrl = "/")
    {
        var door = await browser.GetAsync($"/sign-in?returnUrl={Uri.EscapeDataString(returnUrl)}");
        var challenge = await browser.SubmitAsync(door, "Sign in with GitHub");
        return await AnswerAtGitHubAsync(browser, challenge.Location!, ("user", login));
    }

    public static Task<Page> AnswerAtGitHubAsync(Browser browser, Uri authorize, params (string Name, string Value)[] answer)
    {
        var fields = QueryHelpers.ParseQuery(authorize.Query).Select(field => (field.Key, field.Value.ToString()));
        return browser.SendAsync(HttpMethod.Post, new Uri(authorize.GetLeftPart(UriPartial.Path)), [.. fields, .. answer]);
    }

    /// <summary>Who the portal says the browser is.</summary>
    public static async Task<string> WhoAsync(Browser browser) => (await browser.GetAsync("/who")) is { Location: null } page ? page.Text : "nobody";

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await GitHub.DisposeAsync();
        await Vault.DisposeAsync();
        _inside.Dispose();
        _outside.Dispose();
        Log.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task SetUpVaultAsync()
    {
        var kubernetes = await s_kubernetes.Value;
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "service-account-token"), kubernetes.CreateToken("portal", "portal", null, TimeSpan.FromHours(1)));
        var (authority, reviewer) = (Path.Combine(_folder, "ca.pem"), Path.Combine(_folder, "reviewer-token"));
        await File.WriteAllTextAsync(authority, kubernetes.CaPem);
        await File.WriteAllTextAsync(reviewer, kubernetes.ReviewerToken);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Settings().Add("VAULT_TOKEN", Vault.RootToken)).Build();
        var mistakes = new StringWriter();
        string[] flags =
        [
            "--kubernetes-host", kubernetes.Address.GetLeftPart(UriPartial.Authority), "--kubernetes-ca-file", authority, "--token-reviewer-jwt-file", reviewer,
        ];
        (await SetupVault.RunAsync(flags, configuration, TextWriter.Null, mistakes, CancellationToken.None)).ShouldBe(0, mistakes.ToString());
    }

    private async Task StartPortalAsync((string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "Portal", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseTestServer();
        builder.Configuration.AddInMemoryCollection(settings
            .Aggregate(Settings(), (all, setting) => all.SetItem(setting.Key, setting.Value))
            .Where(setting => setting.Value is not null));
        builder.Logging.ClearProviders().AddProvider(Log);
        builder.AddPortal();
        builder.Services.AddSingleton<TimeProvider>(Time);
        _app = builder.Build();
        _app.UsePortal();
        _app.MapGet("/who", (HttpContext context) => context.User.Identity!.Name);
        _app.MapGet("/where", (HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host}");
        await _app.StartAsync();
        // What a test breaks next, it breaks for a portal that has started.
        await Get<StartupGate>().Tried;
        _inside = new HttpMessageInvoker(_app.GetTestServer().CreateHandler());
        await AdoptAsync(("payments", "2001"), ("on-call", "2002"), ("platform", "2003"), ("platform-admins", "2004"));
    }

    private ImmutableDictionary<string, string?> Settings() => new Dictionary<string, string?>(Vault.Settings)
    {
        ["Portal:PublicUrl"] = Home.AbsoluteUri,
        ["Portal:AdminTeam"] = "platform-admins",
        ["Database:ConnectionString"] = $"Data Source={Path.Combine(_folder, "portal.db")}",
        ["Vault:TokenFile"] = Path.Combine(_folder, "service-account-token"),
        ["SignIn:GitHub:Url"] = GitHub.Address.AbsoluteUri,
        ["SignIn:GitHub:ClientId"] = new GitHubServerOptions().ClientId,
        ["SignIn:GitHub:ClientSecret"] = new GitHubServerOptions().ClientSecret,
        ["SignIn:GitHub:Organizations:0"] = "acme",
    }.ToImmutableDictionary();
}
