using Portal.Sandbox.Servers;

namespace Portal.Sandbox;

/// <summary>The portal as it is shipped: a folder of files that <c>dotnet Portal.dll</c> starts.</summary>
public sealed class PortalProgram
{
    private readonly string _dll;

    private PortalProgram(string dll) => _dll = dll;

    /// <param name="path">A folder or a Portal.dll; null takes what was published from this checkout.</param>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static PortalProgram Find(string? path)
    {
        // From artifacts/bin/Portal.Sandbox/debug.
        path ??= Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../publish/Portal/release"));
        var dll = Directory.Exists(path) ? Path.Combine(path, "Portal.dll") : path;
        return File.Exists(dll)
            ? new PortalProgram(Path.GetFullPath(dll))
            : throw new InvalidOperationException($"There is no {dll}: run `dotnet publish Portal` first, or ./sandbox.sh, which does.");
    }

    /// <summary>Starts the portal with settings as in production: environment variables, and no other.</summary>
    public GuardedProcess Start(IReadOnlyDictionary<string, string?> settings, IEnumerable<string> arguments, Action<string> onLine)
    {
        var environment = settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        return GuardedProcess.Start(host, [_dll, .. arguments], onLine, environment, Path.GetDirectoryName(_dll));
    }

    /// <summary>Runs one of its commands to its end.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it printed.</exception>
    public async Task<string> RunAsync(
        IReadOnlyDictionary<string, string?> settings, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var said = new List<string>();
        string[] command = [.. arguments];
        await using var process = Start(settings, command, line =>
        {
            lock (said)
                said.Add(line);
        });
        await process.Exited.WaitAsync(cancellationToken);
        var text = string.Join('\n', said);
        return process.ExitCode == 0 ? text : throw new InvalidOperationException($"`portal {string.Join(' ', command)}` failed:\n{text}");
    }
}
