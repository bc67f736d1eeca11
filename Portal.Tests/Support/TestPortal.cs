using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Data;
using Portal.Features.Health;
using Portal.Sandbox.Servers;

namespace Portal.Tests.Support;

/// <summary>A portal in the test's own process, on a real socket, with a database of its own that starts as the sandbox's was seeded.</summary>
public sealed class TestPortal : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;

    private TestPortal(WebApplication app, Uri address, string folder, LogCapture log)
    {
        _app = app;
        _folder = folder;
        Address = address;
        Log = log;
    }

    public Uri Address { get; }

    public LogCapture Log { get; }

    public IServiceProvider Services => _app.Services;

    public string DatabaseFile => Path.Combine(_folder, "portal.db");

    /// <param name="settings">On top of the sandbox's.</param>
    /// <param name="services">What a test replaces, such as the clock.</param>
    public static async Task<TestPortal> StartAsync(
        Portal.Sandbox.Sandbox sandbox, IReadOnlyDictionary<string, string?>? settings = null, Action<IServiceCollection>? services = null)
    {
        var folder = Directory.CreateTempSubdirectory("portal-test-").FullName;
        var database = Path.Combine(folder, "portal.db");
        await SqliteFile.CopyAsync(sandbox.Folder.Database, database);

        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "Portal", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(sandbox.PortalSettings(address, database));
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.WebHost.UseUrls(address.GetLeftPart(UriPartial.Authority));
        var log = new LogCapture();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.AddPortal();
        services?.Invoke(builder.Services);

        var app = builder.Build();
        app.UsePortal();
        await app.StartAsync(TestContext.Current.CancellationToken);
        // Else the first call on a busy machine may be told that the portal is starting.
        await app.Services.GetRequiredService<StartupGate>().Tried.WaitAsync(TestContext.Current.CancellationToken);
        return new TestPortal(app, address, folder, log);
    }

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>Reads or changes the portal's database directly.</summary>
    public async Task<T> DatabaseAsync<T>(Func<PortalDb, Task<T>> work)
    {
        await using var db = await Get<IDbContextFactory<PortalDb>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        return await work(db);
    }

    public Task<Person> SignInAsync(string login) => Person.SignInAsync(Address, login);

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}
