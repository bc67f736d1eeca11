using System.Globalization;

namespace Portal.Shell;

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

    /// <summary>Repeats words of the file, in quotes.</summary>
    public static string Quote(string text) => $"'{Tame(text, LongestQuote)}'";

    /// <summary>Makes words from outside stay on one line and do no harm to a terminal.</summary>
    public static string Tame(string text, int longest = 200)
    {
        var shown = text.Length > longest ? text[..longest] + "…" : text;
        return new string([.. shown.Select(letter => IsHarmless(letter) ? letter : '?')]);
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

    // Format characters turn the direction of what follows, or hide it.
    private static bool IsHarmless(char letter) => char.GetUnicodeCategory(letter) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    // Letters replaced, added, left out, or two neighbours swapped.
    private static int Distance(string one, string other)
    {
        var distances = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
                distances[i, j] = i == 0 || j == 0 ? i + j : Cheapest(i, j);
        }

        return distances[one.Length, other.Length];

        int Cheapest(int i, int j)
        {
            var replaced = distances[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
            var cheapest = Math.Min(replaced, Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1);
            return i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1]
                ? Math.Min(cheapest, distances[i - 2, j - 2] + 1)
                : cheapest;
        }
    }
}
