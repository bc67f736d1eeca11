namespace Portal.Features.Databases;

/// <param name="RequestKey">Made by the asking page once a form: the same key again is the same wish, not a second one.</param>
public sealed record IssueRequest(string Role, int DurationSeconds, string Reason, string RequestKey)
{
    public const int LongestReason = 500;
    public const int LongestRequestKey = 64;

    /// <summary>What the form breaks, by field; empty when nothing.</summary>
    public Dictionary<string, string> Check(TimeSpan shortest, TimeSpan longest)
    {
        var errors = new Dictionary<string, string>();
        if (CheckDuration(DurationSeconds, shortest, longest) is { } wrongDuration)
            errors["durationSeconds"] = wrongDuration;
        if (string.IsNullOrWhiteSpace(Reason))
            errors["reason"] = "Say why you need it, such as a ticket number: it stands in the audit trail.";
        else if (Reason.Length > LongestReason)
            errors["reason"] = $"The reason has {Reason.Length} characters; at most {LongestReason} are kept.";
        else if (Reason.Any(char.IsControl))
            errors["reason"] = "The reason is one line of text, without control characters.";
        if (RequestKey is not { Length: > 0 and <= LongestRequestKey })
            errors["requestKey"] = $"The request key is a text of 1 to {LongestRequestKey} characters, new for each wish.";
        return errors;
    }

    /// <returns>What is wrong with the duration and what would be right; null when nothing.</returns>
    public static string? CheckDuration(int seconds, TimeSpan shortest, TimeSpan longest) =>
        seconds < shortest.TotalSeconds || seconds > longest.TotalSeconds
            ? $"The duration must be between {Words(shortest)} and {Words(longest)}."
            : null;

    /// <summary>Such as <c>1 h 30 min</c>.</summary>
    public static string Words(TimeSpan duration)
    {
        var parts = new List<string>(3);
        if (duration.TotalHours >= 1)
            parts.Add($"{(int)duration.TotalHours} h");
        if (duration.Minutes > 0)
            parts.Add($"{duration.Minutes} min");
        if (duration.Seconds > 0 || parts.Count == 0)
            parts.Add($"{duration.Seconds} s");
        return string.Join(' ', parts);
    }
}

/// <summary>What became of a wish for credentials.</summary>
public abstract record IssueOutcome
{
    private IssueOutcome()
    {
    }

    public sealed record Issued(IssuedCredential Credential) : IssueOutcome;

    /// <summary>The role is unknown, or no team of the person has a grant for it.</summary>
    public sealed record NotFound : IssueOutcome;

    public sealed record ApprovalNeeded : IssueOutcome;

    /// <summary>The same request key was there before; its secret is not shown again.</summary>
    public sealed record AlreadyIssued(Guid Id) : IssueOutcome;

    /// <summary>The same request key was there before, for something else.</summary>
    public sealed record KeyReused : IssueOutcome;

    /// <summary>Somebody, or the loss of a membership, ended it before it could be handed over.</summary>
    public sealed record EndedMeanwhile : IssueOutcome;

    /// <param name="Errors">By field, what is wrong and what would be right.</param>
    public sealed record Rejected(IReadOnlyDictionary<string, string> Errors) : IssueOutcome;
}

/// <summary>A database login in clear, on its way to the one who asked. Never kept.</summary>
public sealed record IssuedCredential(
    Guid Id, string Username, string Password, DatabaseAddress Address, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
{
    // The compiler's text would carry the password into logs.
    public override string ToString() => $"IssuedCredential {Id}";
}

/// <param name="Engine">One of <see cref="DatabaseEngines"/>.</param>
/// <param name="TlsMode"><c>disable</c>, <c>require</c>, <c>verify-ca</c> or <c>verify-full</c>.</param>
public sealed record DatabaseAddress(string Engine, string Host, int Port, string Database, string TlsMode);
