using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Portal.Sandbox.Servers;

namespace Portal.Benchmarks;

/// <summary>What the published portal needs to show its first page, and to do nothing, beside the empty Blazor template.</summary>
internal static partial class Start
{
    private const int Rounds = 5;
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(3);

    public static async IAsyncEnumerable<Row> MeasureAsync(Bench bench)
    {
        var template = await PublishTemplateAsync();
        try
        {
            var (portals, templates) = (new List<(double Time, double Memory)>(), new List<(double Time, double Memory)>());
            for (var round = 0; round < Rounds; round++)
            {
                var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
                portals.Add(await MeasureAsync(Path.Combine(Bench.Published("Portal"), "Portal.dll"), new Uri(address, "/sign-in"), bench.Sandbox.PortalSettings(address)));
                address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
                templates.Add(await MeasureAsync(Path.Combine(template, "out", "Empty.dll"), new Uri(address, "/"), new Dictionary<string, string?>()));
            }

            yield return Of("published portal, start to first page, against the empty Blazor template", portals.Select(one => one.Time), templates.Select(one => one.Time), "ms");
            yield return Of("published portal, idle memory, against the empty Blazor template", portals.Select(one => one.Memory), templates.Select(one => one.Memory), "MiB");
        }
        finally
        {
            Directory.Delete(template, recursive: true);
        }
    }

    private static Row Of(string what, IEnumerable<double> portals, IEnumerable<double> templates, string unit)
    {
        var (one, other) = (Run.Median(portals), Run.Median(templates));
        return new(what, one / other, "≤ 2", one / other <= 2, string.Create(CultureInfo.InvariantCulture, $"{one:0} against {other:0} {unit}"));
    }

    private static async Task<string> PublishTemplateAsync()
    {
        var folder = Directory.CreateTempSubdirectory("portal-template-").FullName;
        await RunAsync("dotnet", ["new", "blazor", "--interactivity", "Server", "--empty", "--name", "Empty", "--output", Path.Combine(folder, "Empty")]);
        await RunAsync("dotnet", ["publish", Path.Combine(folder, "Empty"), "-c", "Release", "-o", Path.Combine(folder, "out"), "-v", "quiet"]);
        return folder;
    }

    private static async Task<(double Milliseconds, double Mebibytes)> MeasureAsync(string dll, Uri page, IReadOnlyDictionary<string, string?> settings)
    {
        var environment = settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);
        environment["ASPNETCORE_URLS"] = page.GetLeftPart(UriPartial.Authority);
        using var http = new HttpClient();
        var watch = Stopwatch.StartNew();
        await using var process = GuardedProcess.Start("dotnet", [dll], _ => { }, environment, Path.GetDirectoryName(dll));
        while (await StatusAsync(http, page) != HttpStatusCode.OK)
            await Task.Delay(5);
        var time = watch.Elapsed.TotalMilliseconds;
        await Task.Delay(s_idle);
        return (time, ResidentMemory().Match(await File.ReadAllTextAsync($"/proc/{process.Id}/status")) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) / 1024
            : throw new InvalidOperationException("The process ended."));
    }

    private static async Task<HttpStatusCode?> StatusAsync(HttpClient http, Uri page)
    {
        try
        {
            using var response = await http.GetAsync(page);
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task RunAsync(string program, IEnumerable<string> arguments)
    {
        var said = new List<string>();
        await using var process = GuardedProcess.Start(program, arguments, line =>
        {
            lock (said)
                said.Add(line);
        });
        await process.Exited;
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed:\n{string.Join('\n', said)}");
    }

    [GeneratedRegex(@"VmRSS:\s*(\d+) kB")]
    private static partial Regex ResidentMemory();
}
