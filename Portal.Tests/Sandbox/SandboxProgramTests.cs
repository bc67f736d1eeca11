using System.Text.Json;
using Portal.Sandbox.Servers;
using Portal.Tests.Support;

namespace Portal.Tests.Sandbox;

/// <summary>The sandbox as people start it: a process of its own.</summary>
public sealed class SandboxProgramTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sandbox-").FullName;
    private SandboxCommand _sandbox = null!;

    public async ValueTask InitializeAsync() =>
        _sandbox = await SandboxCommand.StartAsync("--port", $"{FreePort.Next()}", "--folder", _folder, "--portal", SandboxFixture.PortalUnderTest);

    public async ValueTask DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Killed_it_takes_everything_with_it()
    {
        var addresses = Handover();
        foreach (var address in addresses)
            (await Port.IsOpenAsync(address)).ShouldBeTrue($"{address}");

        _sandbox.Signal(Signal.Kill);
        await _sandbox.ExitAsync();

        foreach (var address in addresses)
            await Eventually.TrueAsync(async () => !await Port.IsOpenAsync(address), $"{address} closed");
    }

    [Fact]
    public async Task Asked_to_end_it_ends_everything_and_takes_the_handover_file_away()
    {
        var addresses = Handover();

        _sandbox.Signal(Signal.Terminate);

        (await _sandbox.ExitAsync()).ShouldBe(0, _sandbox.Said);
        foreach (var address in addresses)
            (await Port.IsOpenAsync(address)).ShouldBeFalse($"{address}");
        File.Exists(Path.Combine(_folder, "sandbox.json")).ShouldBeFalse();
    }

    private Uri[] Handover()
    {
        var file = Path.Combine(_folder, "sandbox.json");
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        var root = json.RootElement;
        root.EnumerateObject().Select(property => property.Name).ShouldBe(["portal", "vault", "kubernetes", "github", "postgres", "mariadb", "ssh"]);
        root.GetProperty("vault").GetProperty("token").GetString().ShouldNotBeNullOrEmpty();
        root.GetProperty("kubernetes").GetProperty("token").GetString().ShouldNotBeNullOrEmpty();
        root.GetProperty("kubernetes").GetProperty("ca").GetString()!.ShouldStartWith("-----BEGIN CERTIFICATE-----");
        var (postgres, mariaDb, ssh) = (root.GetProperty("postgres"), root.GetProperty("mariadb"), root.GetProperty("ssh"));
        ssh.GetProperty("user").GetString().ShouldBe(Environment.UserName);
        return
        [
            new(root.GetProperty("portal").GetString()!),
            new(root.GetProperty("vault").GetProperty("address").GetString()!),
            new(root.GetProperty("kubernetes").GetProperty("server").GetString()!),
            new(root.GetProperty("github").GetString()!),
            new($"tcp://{postgres.GetProperty("host").GetString()}:{postgres.GetProperty("port").GetInt32()}"),
            new($"tcp://{mariaDb.GetProperty("host").GetString()}:{mariaDb.GetProperty("port").GetInt32()}"),
            new($"tcp://{ssh.GetProperty("host").GetString()}:{ssh.GetProperty("port").GetInt32()}"),
        ];
    }
}
