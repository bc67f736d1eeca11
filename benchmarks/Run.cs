using System.Globalization;
using Portal.Sandbox;

namespace Portal.Benchmarks;

/// <summary>One line of the table.</summary>
/// <param name="Ratio">Of the two sides, as the goal says it.</param>
/// <param name="Goal">Such as <c>≥ 0.85</c>.</param>
/// <param name="Sides">What was measured, for the reader's feeling: other machines differ.</param>
internal sealed record Row(string What, double Ratio, string Goal, bool IsReached, string Sides);

internal static class Run
{
    private static readonly (string Name, Func<Bench, IAsyncEnumerable<Row>> Measure)[] s_parts =
    [
        ("me", Me.MeasureAsync),
        ("credentials", Credentials.MeasureAsync),
        ("ssh", Ssh.MeasureAsync),
        ("start", Start.MeasureAsync),
    ];

    /// <param name="names">The parts to measure; none: all.</param>
    public static async Task<int> AllAsync(string[] names)
    {
        if (names.FirstOrDefault(name => s_parts.All(part => part.Name != name)) is { } unknown)
        {
            Console.Error.WriteLine($"There is no part {unknown}; parts are {string.Join(", ", s_parts.Select(part => part.Name))}.");
            return 2;
        }

        await using var bench = await Bench.StartAsync();
        Console.WriteLine("what                                                                     ratio   goal      measured");
        foreach (var (name, measure) in s_parts.Where(part => names.Length == 0 || names.Contains(part.Name)))
        {
            await foreach (var row in measure(bench))
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{row.What,-72} {row.Ratio,5:0.00}   {row.Goal,-7} {(row.IsReached ? ' ' : '✗')} {row.Sides}"));
            }
        }

        return 0;
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}

/// <summary>The sandbox, and portals on it.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly string _folder;

    private Bench(string folder, Portal.Sandbox.Sandbox sandbox)
    {
        _folder = folder;
        Sandbox = sandbox;
    }

    public Portal.Sandbox.Sandbox Sandbox { get; }

    public static async Task<Bench> StartAsync()
    {
        // Walkable, as root's PostgreSQL runs as another user below it.
        var folder = Directory.CreateTempSubdirectory("portal-benchmarks-").FullName;
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        return new Bench(folder, await Portal.Sandbox.Sandbox.StartAsync(new SandboxOptions { Folder = System.IO.Path.Combine(folder, "sandbox"), Portal = Published("Portal") }));
    }

    /// <summary>A portal of its own on the sandbox's servers; rate limits off.</summary>
    /// <param name="program">A project of this repository, published.</param>
    public async Task<PortalProcess> StartPortalAsync(string name, string program = "Portal.Benchmarks", params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(_folder, name)).FullName;
        var database = System.IO.Path.Combine(folder, "portal.db");
        File.Copy(Sandbox.Folder.Database, database);
        var address = new Uri($"http://127.0.0.1:{Portal.Sandbox.Servers.FreePort.Next()}");
        var all = new Dictionary<string, string?>(Sandbox.PortalSettings(address, database)) { ["AccessTokens:CallsPerMinute"] = "0" };
        foreach (var (key, value) in settings)
            all[key] = value;
        var portal = PortalProcess.Start(PortalProgram.Find(System.IO.Path.Combine(Published(program), $"{program}.dll")), all, System.IO.Path.Combine(folder, "portal.log"));
        await portal.WaitUntilReadyAsync();
        return portal;
    }

    public async ValueTask DisposeAsync()
    {
        await Sandbox.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public static string Published(string project) => System.IO.Path.GetFullPath(System.IO.Path.Combine(AppContext.BaseDirectory, "../..", project, "release"));
}
