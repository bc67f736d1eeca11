namespace Portal.Features.Access;

/// <param name="Line">Counted from 1.</param>
/// <param name="Says">What is wrong and what would be right.</param>
public sealed record Mistake(int Line, string Says);

/// <summary>Collects the mistakes of one file.</summary>
public sealed class Mistakes
{
    private const int LongestQuote = 60;
    private readonly List<Mistake> _found = [];

    public bool Any => _found.Count > 0;

    public IReadOnlyList<Mistake> ByLine => [.. _found.OrderBy(mistake => mistake.Line)];

    public void Add(int line, string says) => _found.Add(new Mistake(line, says));

    /// <summary>Repeats words of the file so that they stay on one line and do no harm to a terminal.</summary>
    public static string Quote(string text)
    {
        var shown = text.Length > LongestQuote ? text[..LongestQuote] + "…" : text;
        return $"'{new string([.. shown.Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter)])}'";
    }

    /// <summary>The known word that was probably meant, if any is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        var lowered = word.ToLowerInvariant();
        return word.Length > LongestQuote
            ? null
            : known.Select(candidate => (candidate, Distance: Distance(lowered, candidate.ToLowerInvariant())))
                .Where(found => found.Distance <= Math.Max(1, Math.Min(word.Length, found.candidate.Length) / 3))
                .OrderBy(found => found.Distance)
                .Select(found => found.candidate)
                .FirstOrDefault();
    }

    // Levenshtein's, one row at a time.
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[other.Length];
    }
}
