using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Portal.Sandbox.Vault;

/// <summary>Durations as Vault reads them (<c>90</c>, <c>"90"</c>, <c>"1h30m"</c>, <c>"2d"</c>) and as Go prints them.</summary>
internal static partial class Durations
{
    /// <exception cref="FormatException">with the words of Go's parser</exception>
    public static TimeSpan Parse(string text)
    {
        text = text.Trim();
        if (text.Length == 0)
            return TimeSpan.Zero;
        if (text[^1] is 's' or 'm' or 'h')
            return ParseUnits(text);
        if (text[^1] == 'd' && TryParseWhole(text[..^1], out var days) && days <= 100_000)
            return TimeSpan.FromDays(days);
        if (TryParseWhole(text, out var seconds) && Math.Abs(seconds) <= 9_000_000_000)
            return TimeSpan.FromSeconds(seconds);
        throw new FormatException($"strconv.ParseInt: parsing {Quote(text)}: invalid syntax");
    }

    /// <summary><c>24h0m0s</c></summary>
    public static string Print(TimeSpan span)
    {
        if (span == TimeSpan.Zero)
            return "0s";
        var text = new StringBuilder(span < TimeSpan.Zero ? "-" : "");
        span = span.Duration();
        if (span.TotalHours >= 1)
            text.Append(CultureInfo.InvariantCulture, $"{(long)span.TotalHours}h");
        if (span.TotalMinutes >= 1)
            text.Append(CultureInfo.InvariantCulture, $"{span.Minutes}m");
        return text.Append(CultureInfo.InvariantCulture, $"{span.Seconds + (span.Milliseconds / 1000m):0.###}s").ToString();
    }

    public static string Quote(string text) => '"' + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"';

    private static bool TryParseWhole(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static TimeSpan ParseUnits(string text)
    {
        var match = Units().Match(text);
        if (!match.Success)
            throw new FormatException($"time: invalid duration {Quote(text)}");
        var total = 0d;
        for (var i = 0; i < match.Groups["n"].Captures.Count; i++)
            total += double.Parse(match.Groups["n"].Captures[i].Value, CultureInfo.InvariantCulture) * Milliseconds(match.Groups["u"].Captures[i].Value);
        if (total > 9e12)
            throw new FormatException($"time: invalid duration {Quote(text)}");
        return TimeSpan.FromMilliseconds(match.Groups["sign"].Value == "-" ? -total : total);
    }

    private static double Milliseconds(string unit) => unit switch
    {
        "ns" => 1e-6,
        "us" or "µs" => 1e-3,
        "ms" => 1,
        "s" => 1e3,
        "m" => 6e4,
        _ => 36e5,
    };

    [GeneratedRegex(@"^(?<sign>[+-]?)((?<n>[0-9]+(\.[0-9]*)?|\.[0-9]+)(?<u>ns|us|µs|ms|s|m|h))+$", RegexOptions.CultureInvariant)]
    private static partial Regex Units();
}
