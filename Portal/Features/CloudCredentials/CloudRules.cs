using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials;

/// <summary>What a cloud credential may be called, and how it may be tagged.</summary>
public static partial class CloudRules
{
    /// <summary>Of a DNS-1123 subdomain, as Kubernetes has it.</summary>
    public const int LongestName = 253;

    public const int LongestTag = 63;
    public const int MostTags = 20;

    /// <summary>Nobody plans further ahead.</summary>
    public static readonly TimeSpan LatestEnd = TimeSpan.FromDays(3650);

    public static bool IsName(string name) => name.Length <= LongestName && NamePattern().IsMatch(name);

    /// <summary>What is wrong with a name; null when nothing is.</summary>
    public static string? CheckName(string name) =>
        name.Length == 0 ? "Give it a name, such as billing-prod."
        : name.Length > LongestName ? $"The name has {name.Length} characters; at most {LongestName} are kept."
        : !NamePattern().IsMatch(name) ? "A name has lower-case letters, digits, hyphens and dots, and starts and ends with a letter or digit (a DNS-1123 subdomain): billing-prod."
        : null;

    public static string? CheckTags(IReadOnlyList<string?> tags) =>
        tags.Count > MostTags ? $"There are {tags.Count} tags; at most {MostTags} are kept."
        : tags.FirstOrDefault(tag => tag is null || !TagPattern().IsMatch(tag)) is var wrong && tags.Any(tag => tag is null || !TagPattern().IsMatch(tag))
            ? $"A tag has lower-case letters, digits and . _ : / = -, up to {LongestTag} characters, and starts with a letter or digit: env:prod.{(wrong is { Length: > 0 and <= LongestTag } ? $" '{wrong}' does not." : "")}"
            : null;

    /// <param name="endsAt">When it is to end by itself.</param>
    /// <param name="now">The present time.</param>
    public static string? CheckEnd(DateTimeOffset? endsAt, DateTimeOffset now) =>
        endsAt <= now ? "The end has passed already: choose a later one, or revoke it now."
        : endsAt > now + LatestEnd ? $"The end lies more than {LatestEnd.TotalDays / 365:0} years ahead."
        : null;

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._:/=-]{0,62}\z")]
    private static partial Regex TagPattern();
}
