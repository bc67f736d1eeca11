using System.Globalization;
using System.Text.RegularExpressions;
using Portal.Sandbox.Servers;

namespace Portal.Benchmarks;

/// <summary>Debian's load generator.</summary>
internal static partial class Wrk
{
    private const int Seconds = 4;

    /// <param name="body">JSON to be posted; none: the address is read.</param>
    /// <returns>Answers in a second.</returns>
    /// <exception cref="InvalidOperationException">Some answers were no success: nothing was measured then.</exception>
    public static async Task<double> CallsPerSecondAsync(Uri address, string? bearer = null, int connections = 16, string? body = null)
    {
        var said = new List<string>();
        using var folder = new ScriptFolder();
        string[] script = body is null ? [] : ["-s", folder.Write(body)];
        string[] header = bearer is null ? [] : ["-H", $"Authorization: Bearer {bearer}"];
        await using var wrk = GuardedProcess.Start("wrk", ["-t2", $"-c{connections}", $"-d{Seconds}s", .. header, .. script, address.AbsoluteUri], line =>
        {
            lock (said)
                said.Add(line);
        });
        await wrk.Exited;
        var text = string.Join('\n', said);
        return wrk.ExitCode == 0 && !text.Contains("Non-2xx", StringComparison.Ordinal) && CallsPerSecond().Match(text) is { Success: true } match
            ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"wrk at {address.AbsolutePath} measured nothing:\n{text}");
    }

    /// <summary>Both sides in turn, so that a noisy moment meets both; the median of each.</summary>
    public static async Task<(double One, double Other)> CompareAsync(int rounds, Func<Task<double>> one, Func<Task<double>> other)
    {
        var (ones, others) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            ones.Add(await one());
            others.Add(await other());
        }

        return (Run.Median(ones), Run.Median(others));
    }

    [GeneratedRegex(@"Requests/sec:\s*([\d.]+)")]
    private static partial Regex CallsPerSecond();

    /// <summary>Where what wrk posts is said, in Lua alone; gone with the run.</summary>
    private sealed class ScriptFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("portal-benchmarks-wrk-");

        public void Dispose() => _folder.Delete(recursive: true);

        // Bodies are the benchmarks' own, so the long bracket is quoting enough.
        public string Write(string body)
        {
            var file = Path.Combine(_folder.FullName, "post.lua");
            File.WriteAllText(file, $"wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = [==[{body}]==]\n");
            return file;
        }
    }
}
