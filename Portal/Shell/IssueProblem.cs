namespace Portal.Shell;

/// <summary>What pages say of one kind of secret, and what the script needs to know of it.</summary>
/// <param name="Script">Its name in wwwroot/js/portal.js.</param>
/// <param name="Form">Id of the form. What is typed there never comes here: the script sends it along, and empties the form when it is done.</param>
/// <param name="NotMade">Such as <c>No token was made.</c></param>
/// <param name="MadeBefore">Such as <c>This token was made already.</c></param>
/// <param name="PerhapsMade">What to do when nobody knows whether it was made.</param>
public sealed record IssueKind(string Script, string Form, string NotMade, string MadeBefore, string PerhapsMade);

/// <summary>What the script tells the page about an issue: never the secret.</summary>
public sealed record IssueAnswer(Guid? Id, DateTimeOffset? ExpiresAt, IssueProblem? Problem);

/// <param name="Errors">By field, for what breaks a rule.</param>
/// <param name="TraceId">Found again in the log.</param>
public sealed record IssueProblem(string Slug, string? Detail, Dictionary<string, string[]>? Errors, string? TraceId)
{
    public const string UnknownOutcome = "unknown-outcome";

    public static readonly IReadOnlyDictionary<string, string[]> NoErrors = new Dictionary<string, string[]>();

    /// <summary>Nobody knows what became of it: asking again must not make a second one. All other answers settle the wish.</summary>
    public bool IsUnsettled => Slug == UnknownOutcome;

    public bool IsVaultAway => Slug is "vault-sealed" or "vault-unreachable";

    public Trouble InWords(IssueKind kind) => Slug switch
    {
        "signed-out" => new("Your session has ended.", "Sign in again; what you typed is kept.", SignedOut: true),
        UnknownOutcome => new("The connection broke before the answer came.", $"{kind.PerhapsMade} What you typed is kept."),
        "already-issued" => new(kind.MadeBefore, Detail ?? ""),
        _ => new(kind.NotMade, Detail ?? "The portal did not say why. What you typed is kept.", Detail is null ? TraceId : null),
    };
}
