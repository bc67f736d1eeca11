using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
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
using Portal.Tests.Support;
using Portal.Tests.Vault;

namespace Portal.Tests.Features.Health;

/// <summary>The whole portal in memory, with a clock that stands still, before a Vault that a test may break. Nobody signs in.</summary>
public sealed class HealthPortal(SandboxVault vault) : IAsyncDisposable
{
    public const string AdminTeam = "platform-admins";
    private readonly string _folder = Directory.CreateTempSubdirectory("portal-health-").FullName;
    private WebApplication _app = null!;

    public FakeTimeProvider Time { get; } = new(TimeProvider.System.GetUtcNow());

    public LogCapture Log { get; } = new();

    public HealthChecklist Checklist => Get<HealthChecklist>();

    public HttpClient Http { get; private set; } = null!;

    /// <summary>Starts, or starts again with the same database.</summary>
    /// <param name="settings">Instead of the usual ones; null takes one away.</param>
    public async Task StartAsync(params (string Key, string? Value)[] settings)
    {
        if (_app is not null)
            await _app.DisposeAsync();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "Portal", ContentRootPath = AppContext.BaseDirectory });
        var own = new Dictionary<string, string?>
        {
            ["Portal:PublicUrl"] = "https://portal.example",
            ["Portal:AdminTeam"] = AdminTeam,
            ["Database:ConnectionString"] = $"Data Source={Path.Combine(_folder, "portal.db")}",
            ["SignIn:GitHub:ClientId"] = "portal",
            ["SignIn:GitHub:ClientSecret"] = "canary-client-secret",
            ["SignIn:GitHub:Organizations:0"] = "acme",
        };
        foreach (var (key, value) in settings)
            own[key] = value;
        builder.Configuration.AddConfiguration(vault.Configuration()).AddInMemoryCollection(own.Where(setting => setting.Value is not null));
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(Log);
        builder.WebHost.UseTestServer();
        builder.AddPortal();
        builder.Services.AddSingleton<TimeProvider>(Time);
        _app = builder.Build();
        _app.UsePortal();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        Http = _app.GetTestClient();
        Http.BaseAddress = new Uri("https://portal.example");
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async Task<T> DatabaseAsync<T>(Func<PortalDb, Task<T>> work)
    {
        await using var db = await Get<IDbContextFactory<PortalDb>>().CreateDbContextAsync();
        return await work(db);
    }

    public Task AddAsync(params object[] rows) => DatabaseAsync(db =>
    {
        db.AddRange(rows);
        return db.SaveChangesAsync();
    });

    /// <summary>A person with a live session.</summary>
    public async Task<Actor> PersonAsync(string login, params Team[] teams)
    {
        var (user, now) = (Guid.CreateVersion7(), Time.GetUtcNow());
        var session = new Session
        {
            Id = Guid.CreateVersion7(), KeyHash = RandomNumberGenerator.GetBytes(32), UserId = user, CreatedAt = now, LastUsedAt = now,
            ExpiresAt = now.AddHours(12), Address = "192.0.2.1",
        };
        await AddAsync(
        [
            new User { Id = user, Provider = "github", Subject = login, Login = login, CreatedAt = now, SignedInAt = now, ConfirmedAt = now },
            session,
            .. teams.Select(team => new Membership { UserId = user, TeamId = team.Id }),
        ]);
        return new Actor(user, session.Id, login, "192.0.2.1");
    }

    public Task<Actor> StrangerAsync() => PersonAsync("alice");

    public async Task<Actor> AdminAsync()
    {
        var team = new Team { Id = Guid.CreateVersion7(), Name = AdminTeam, Provider = "github", Subject = "2004", Label = "acme/platform-admins" };
        await AddAsync(team);
        return await PersonAsync("dave", team);
    }

    public async Task WaitUntilReadyAsync() => await Eventually.TrueAsync(
        async () =>
        {
            Time.Advance(TimeSpan.FromSeconds(2));
            return (await Http.GetAsync("/readyz")).IsSuccessStatusCode;
        },
        "the portal is ready");

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}
