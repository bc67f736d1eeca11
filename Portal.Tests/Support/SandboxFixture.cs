using Portal.Sandbox;
using Portal.Sandbox.Servers;
using Portal.Tests.Support;

[assembly: AssemblyFixture(typeof(SandboxFixture))]

namespace Portal.Tests.Support;

/// <summary>
/// One sandbox for a whole run, started by the first test that asks for it. Tests on it go one after another and undo
/// what they did to its servers: see <see cref="SandboxTests"/>.
/// </summary>
public sealed class SandboxFixture : IAsyncLifetime
{
    // Walkable, as root's PostgreSQL runs as another user below it.
    private readonly string _folder = Directory.CreateDirectory(
        Path.Combine(Path.GetTempPath(), $"portal-tests-{Guid.CreateVersion7():n}"),
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute).FullName;

    private readonly Lazy<Task<Portal.Sandbox.Sandbox>> _sandbox;
    private PortalVault? _vault;
    private int _portals;

    public SandboxFixture() => _sandbox = new(StartAsync);

    public Task<Portal.Sandbox.Sandbox> GetAsync() => _sandbox.Value;

    /// <summary>A sandbox with the portal under test and a Vault of its own, in a folder that the caller removes.</summary>
    public static Task<Portal.Sandbox.Sandbox> StartSandboxAsync(string folder) => Portal.Sandbox.Sandbox.StartAsync(
        new SandboxOptions { Folder = folder, Portal = PortalUnderTest }, TestContext.Current.CancellationToken);

    /// <summary>A portal in a process of its own, on the shared servers, with a database of its own that holds what `apply` wrote.</summary>
    /// <param name="change">Changes its settings.</param>
    public async Task<PortalProcess> StartPortalAsync(Action<Dictionary<string, string?>>? change = null)
    {
        var sandbox = await GetAsync();
        var folder = Directory.CreateDirectory(Path.Combine(_folder, $"portal-{Interlocked.Increment(ref _portals)}")).FullName;
        var database = Path.Combine(folder, "portal.db");
        await SqliteFile.CopyAsync(sandbox.Folder.Database, database);
        var settings = new Dictionary<string, string?>(sandbox.PortalSettings(new Uri($"http://127.0.0.1:{FreePort.Next()}"), database));
        change?.Invoke(settings);

        var portal = PortalProcess.Start(sandbox.Program, settings, Path.Combine(folder, "portal.log"));
        try
        {
            await portal.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
            return portal;
        }
        catch
        {
            await portal.DisposeAsync();
            throw;
        }
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_sandbox.IsValueCreated && _sandbox.Value.IsCompletedSuccessfully)
            await (await _sandbox.Value).RevokeCloudSamplesAsync();
        // Vault ends what it has at the sandbox's databases first.
        if (_vault is not null)
            await _vault.DisposeAsync();
        if (_sandbox.IsValueCreated && _sandbox.Value.IsCompletedSuccessfully)
            await (await _sandbox.Value).DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Portal.Sandbox.Sandbox> StartAsync()
    {
        _vault = await PortalVault.StartAsync();
        var options = new SandboxOptions { Folder = Path.Combine(_folder, "sandbox"), Portal = PortalUnderTest, Vault = _vault.Access };
        return await Portal.Sandbox.Sandbox.StartAsync(options, TestContext.Current.CancellationToken);
    }

    // ./test.sh publishes it and says where; an editor runs what it built.
    public static string PortalUnderTest => Environment.GetEnvironmentVariable("PORTAL_UNDER_TEST") is { Length: > 0 } published
        ? published
        : Path.Combine(Repository.Root, "artifacts/bin/Portal", new DirectoryInfo(AppContext.BaseDirectory).Name);
}
