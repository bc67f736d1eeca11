using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Sandbox.GitHub;
using Portal.Shell;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Features.SignIn;

/// <summary>The rooms SignIn and Teams at <c>https://portal.example</c>, with a GitHub and a Vault of their own, and a clock that stands still.</summary>
public sealed class SignInHost : IAsyncDisposable
{
    public static readonly Uri Home = new("https://portal.example");

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"portal-sign-in-{Guid.CreateVersion7():N}.db");
    private readonly HttpMessageInvoker _outside = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private WebApplication _app = null!;
    private HttpMessageInvoker _inside = null!;

    public GitHubServer GitHub { get; private set; } = null!;

    public VaultStub Vault { get; private set; } = null!;

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.Parse("2026-03-02T03:00:00Z"));

    public StringWriter Log { get; } = new();

    /// <param name="settings">Besides and instead of the usual ones; null takes one away.</param>
    public static async Task<SignInHost> StartAsync(params (string Key, string? Value)[] settings)
    {
        var host = new SignInHost
        {
            Vault = await VaultStub.StartAsync(),
            GitHub = await GitHubServer.StartAsync(new() { CallbackUrls = [new(Home, GitHubOAuth.CallbackPath)] }),
        };
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

    public Task WriteAsync(Func<PortalDb, Task> write) =>
        ReadAsync(async db =>
        {
            await write(db);
            return await db.SaveChangesAsync();
        });

    /// <summary>All bytes of the database, its journal included.</summary>
    public async Task<string> ReadDatabaseFileAsync()
    {
        var text = new System.Text.StringBuilder();
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(_file)!, Path.GetFileName(_file) + "*").Where(file => file != TokenFile))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            text.Append(await reader.ReadToEndAsync());
        }

        return text.ToString();
    }

    public Task AdoptAsync(params (string Name, string Subject)[] teams) => WriteAsync(db =>
    {
        db.AddRange(teams.Select(team => new Team
        {
            Id = Guid.CreateVersion7(), Name = team.Name, Provider = "github", Subject = team.Subject, Label = $"acme/{team.Name}",
        }));
        return Task.CompletedTask;
    });

    public Browser OpenBrowser() => new(address => address.Host == Home.Host ? _inside : _outside, Home);

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
        var fields = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(authorize.Query)
            .Select(field => (field.Key, field.Value.ToString()));
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
        await Log.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        File.Delete(_file);
        File.Delete(TokenFile);
    }

    private string TokenFile => _file + ".jwt";

    private async Task StartPortalAsync((string Key, string? Value)[] settings)
    {
        await File.WriteAllTextAsync(TokenFile, "service-account-token");
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseTestServer();
        builder.Configuration
            .AddInMemoryCollection(Settings())
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.Logging.AddProvider(new TextLog(Log)).SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddDbContextFactory<PortalDb>(db => db.UseSqlite($"Data Source={_file}"));
        builder.Services.AddOptions<PortalOptions>().BindConfiguration(PortalOptions.Section);
        builder.Services.AddRouting();
        builder.Services.AddVault().AddAudit().AddCredentials().AddSignIn().AddTeams();
        _app = builder.Build();
        await using (var db = await Get<IDbContextFactory<PortalDb>>().CreateDbContextAsync())
            await db.Database.EnsureCreatedAsync();
        // As the portal does before it opens.
        await Get<AuditKey>().GetAsync(CancellationToken.None);
        await AdoptAsync(("payments", "2001"), ("on-call", "2002"), ("platform", "2003"), ("platform-admins", "2004"));
        _app.UseSignIn();
        _app.MapSignIn();
        _app.MapGet("/who", (HttpContext context) => context.User.Identity!.Name);
        _app.MapGet("/{**rest}", (HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host}{context.Request.Path}{context.Request.QueryString}");
        _app.MapPost("/browser/something", () => "done");
        await _app.StartAsync();
        _inside = new HttpMessageInvoker(_app.GetTestServer().CreateHandler());
    }

    private Dictionary<string, string?> Settings() => new()
    {
        ["Portal:PublicUrl"] = Home.AbsoluteUri,
        ["Portal:AdminTeam"] = "platform-admins",
        ["Vault:Address"] = Vault.Address.AbsoluteUri,
        ["Vault:TokenFile"] = TokenFile,
        ["SignIn:GitHub:Url"] = GitHub.Address.AbsoluteUri,
        ["SignIn:GitHub:ClientId"] = new GitHubServerOptions().ClientId,
        ["SignIn:GitHub:ClientSecret"] = new GitHubServerOptions().ClientSecret,
        ["SignIn:GitHub:Organizations:0"] = "acme",
    };

    private sealed class TextLog(StringWriter text) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (text)
                text.WriteLine($"{logLevel}: {formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
        }
    }
}
