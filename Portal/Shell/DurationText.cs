using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Shell;

/// <summary>Durations as people write and read them: <c>15 min</c>, <c>1 h 30 min</c>, <c>2 days</c>.</summary>
public static partial class DurationText
{
    public static string Format(TimeSpan duration)
    {
        List<string> parts = [];
        // Two days and more read better as days; below, people count hours.
        var days = duration.TotalHours >= 48 ? duration.Days : 0;
        Add(days, "days");
        Add((int)duration.TotalHours - (days * 24), "h");
        Add(duration.Minutes, "min");
        Add(duration.Seconds, "s");
        return parts.Count > 0 ? string.Join(' ', parts) : "0 min";

        void Add(int value, string unit)
        {
            if (value > 0)
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{value} {unit}"));
        }
    }

    /// <summary>Reads <c>90</c> (minutes), <c>45 min</c>, <c>1.5 h</c>, <c>1h30</c>, <c>1:30</c>, <c>2 days</c>. Null when it says nothing like that.</summary>
    public static TimeSpan? Parse(string? text)
    {
        text = text?.Trim() ?? "";
        if (Clock().Match(text) is { Success: true } clock)
            return TimeSpan.FromHours(Number(clock, "hours")) + TimeSpan.FromMinutes(Number(clock, "minutes"));
        if (Units().Match(text) is not { Success: true } match || text.Length == 0)
            return null;

        var total = (Number(match, "days") * 86400) + (Number(match, "hours") * 3600) + (Number(match, "minutes") * 60) + Number(match, "seconds");
        return total > TimeSpan.FromDays(3650).TotalSeconds ? null : TimeSpan.FromSeconds(Math.Round(total));
    }

    private static double Number(Match match, string group) =>
        match.Groups[group] is { Success: true } found
            ? double.Parse(found.Value.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture)
            : 0;

    [GeneratedRegex(@"^(?<hours>\d{1,4}):(?<minutes>[0-5]\d)$", RegexOptions.None, 1000)]
    private static partial Regex Clock();

    [GeneratedRegex(
        @"^(?:(?<days>\d{1,5}(?:[.,]\d{1,3})?)\s*d(?:ays?)?)?\s*(?:(?<hours>\d{1,5}(?:[.,]\d{1,3})?)\s*h(?:ours?|rs?)?)?\s*(?:(?<minutes>\d{1,6}(?:[.,]\d{1,3})?)\s*(?:m(?:in(?:utes?)?)?|$))?\s*(?:(?<seconds>\d{1,7})\s*s(?:ec(?:onds?)?)?)?$",
        RegexOptions.IgnoreCase,
        1000)]
    private static partial Regex Units();
}
