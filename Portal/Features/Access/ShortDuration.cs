using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Features.Access;

/// <summary>Durations as Vault and people write them: <c>8h</c>, <c>90m</c>, <c>1h30m</c>, <c>3600s</c>.</summary>
public static partial class ShortDuration
{
    /// <returns>Null when it is none, or longer than a few thousand years.</returns>
    public static TimeSpan? Parse(string text)
    {
        var match = Form().Match(text);
        return match.Success && text.Length > 0
            ? new TimeSpan(Part(match, "h"), Part(match, "m"), Part(match, "s"))
            : null;
    }

    public static string Format(TimeSpan duration)
    {
        var parts = new[] { ((int)duration.TotalHours, "h"), (duration.Minutes, "m"), (duration.Seconds, "s") };
        var text = string.Concat(parts.Where(part => part.Item1 > 0).Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Item1}{part.Item2}")));
        return text.Length > 0 ? text : "0s";
    }

    public static string Format(int seconds) => Format(TimeSpan.FromSeconds(seconds));

    private static int Part(Match match, string unit) =>
        match.Groups[unit] is { Success: true } group ? int.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"\A(?:(?<h>[0-9]{1,7})h)?(?:(?<m>[0-9]{1,9})m)?(?:(?<s>[0-9]{1,9})s)?\z")]
    private static partial Regex Form();
}
