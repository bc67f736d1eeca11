using System.Globalization;

namespace Portal.Features.CloudCredentials.Verifiers;

/// <summary>What others say, fit for pages: short, of one line, and without what they were told in secret.</summary>
internal static class CloudWords
{
    private const int Longest = 200;

    // Shorter ones stand in ordinary words by chance.
    private const int ShortestSecret = 6;
    private const string Withheld = "(withheld)";

    public static string Short(string words)
    {
        var line = string.Concat(words.Select(character => char.IsControl(character) || IsInvisible(character) ? ' ' : character)).Trim();
        return line.Length <= Longest ? line : $"{line.AsSpan(0, char.IsHighSurrogate(line[Longest - 1]) ? Longest - 1 : Longest)}…";
    }

    /// <summary>Facts whose value is known.</summary>
    public static List<CloudFact> Facts(params IEnumerable<(string Name, string? Value)> facts) =>
        [.. facts.Where(fact => !string.IsNullOrWhiteSpace(fact.Value)).Select(fact => new CloudFact(fact.Name, Short(fact.Value!)))];

    public static CloudVerdict Without(IEnumerable<string?> secrets, CloudVerdict verdict)
    {
        // A key of several lines is as secret line by line.
        string[] lines = [.. secrets.OfType<string>().SelectMany(secret => secret.Split('\n')).Select(line => line.Trim()).Where(line => line.Length >= ShortestSecret)];
        return verdict switch
        {
            CloudVerdict.Good good => new CloudVerdict.Good(Clean(good.Identity)),
            CloudVerdict.Bad bad => new CloudVerdict.Bad(Word(bad.Message), [.. bad.Missing.Select(Word)], Clean(bad.Identity)),
            CloudVerdict.Unreachable unreachable => new CloudVerdict.Unreachable(Word(unreachable.Message)),
            _ => verdict,
        };

        List<CloudFact> Clean(IReadOnlyList<CloudFact> facts) => [.. facts.Select(fact => fact with { Value = Word(fact.Value) })];

        // One cut short may hold the beginning of a secret.
        string Word(string words) => lines.Any(line => words.Contains(line[..ShortestSecret], StringComparison.Ordinal) && IsToldBy(words, line)) ? Withheld : words;
    }

    private static bool IsToldBy(string words, string secret) =>
        words.Contains(secret, StringComparison.Ordinal)
        || (words.EndsWith('…') && Enumerable.Range(ShortestSecret, secret.Length - ShortestSecret).Any(length => words.EndsWith(secret[..length] + "…", StringComparison.Ordinal)));

    private static bool IsInvisible(char character) =>
        char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
