using Portal.Shell;

namespace Portal.Features.Credentials;

/// <summary>What every wish for a credential keeps to, whatever its kind.</summary>
public static class IssueRules
{
    public const int LongestReason = 500;

    private const int LongestRequestKey = 64;

    // Of OpenSSH (also the bare text between its lines), PEM of any kind, and PuTTY.
    private static readonly string[] s_private = ["PRIVATE KEY", "b3BlbnNzaC1rZXktdjE", "PuTTY-User-Key-File", "Private-Lines:", "Private-MAC:"];

    /// <returns>What the wish breaks, by field; empty when nothing.</returns>
    public static Dictionary<string, string> Check(int durationSeconds, string reason, string requestKey, TimeSpan shortest, TimeSpan longest)
    {
        var errors = new Dictionary<string, string>();
        if (CheckDuration(durationSeconds, shortest, longest) is { } wrongDuration)
            errors["durationSeconds"] = wrongDuration;
        if (string.IsNullOrWhiteSpace(reason))
            errors["reason"] = "Say why you need it, such as a ticket number: it stands in the audit trail.";
        else if (HoldsPrivateKey(reason))
            errors["reason"] = "The reason holds a private key. It was not kept, but it has left your computer: treat it as known to others and make a new one.";
        else if (reason.Length > LongestReason)
            errors["reason"] = $"The reason has {reason.Length} characters; at most {LongestReason} are kept.";
        else if (reason.Any(char.IsControl))
            errors["reason"] = "The reason is one line of text, without control characters.";
        if (requestKey is not { Length: > 0 and <= LongestRequestKey })
            errors["requestKey"] = $"The request key is a text of 1 to {LongestRequestKey} characters, new for each wish.";
        return errors;
    }

    /// <summary>Whether there are signs of one: as its files write them, since a reason may speak of a private key.</summary>
    public static bool HoldsPrivateKey(string text) => s_private.Any(sign => text.Contains(sign, StringComparison.Ordinal));

    /// <returns>What is wrong with the duration and what would be right; null when nothing.</returns>
    public static string? CheckDuration(int seconds, TimeSpan shortest, TimeSpan longest) =>
        seconds < shortest.TotalSeconds || seconds > longest.TotalSeconds
            ? $"The duration must be between {DurationText.Format(shortest)} and {DurationText.Format(longest)}."
            : null;
}
