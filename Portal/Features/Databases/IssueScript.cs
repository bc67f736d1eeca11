using Microsoft.JSInterop;
using Portal.Shell;

namespace Portal.Features.Databases;

/// <param name="Errors">By field, for what breaks a rule.</param>
/// <param name="TraceId">Found again in the log.</param>
public sealed record IssueProblem(string Slug, string? Detail, Dictionary<string, string[]>? Errors, string? TraceId)
{
    public const string UnknownOutcome = "unknown-outcome";

    public static readonly IReadOnlyDictionary<string, string[]> NoErrors = new Dictionary<string, string[]>();

    /// <summary>Nobody knows what became of it: asking again must not make a second one. All other answers settle the wish.</summary>
    public bool IsUnsettled => Slug == UnknownOutcome;

    public Trouble InWords() => Slug switch
    {
        "signed-out" => new("Your session has ended.", "Sign in again; what you typed is kept.", SignedOut: true),
        UnknownOutcome => new(
            "The connection broke before the answer came.",
            "If the credentials were made, the list below says “never shown”: end them there and ask again. What you typed is kept."),
        "already-issued" => new("These were made already.", Detail ?? ""),
        _ => new("No credentials were made.", Detail ?? "The portal did not say why. What you typed is kept.", Detail is null ? TraceId : null),
    };
}

/// <summary>What the script tells the page about an issue: never the secret.</summary>
public sealed record IssueAnswer(Guid? Id, DateTimeOffset? ExpiresAt, IssueProblem? Problem);

/// <summary>
/// Lets the browser ask for credentials and show them, past the circuit (wwwroot/js/issue.js). The reason goes the same way: the script
/// reads it from its field, so no text is too long for the circuit.
/// </summary>
public sealed class IssueScript(IJSRuntime script)
{
    public const string ReasonField = "reason";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public async Task<IssueAnswer> IssueAsync(string role, TimeSpan duration, string requestKey, DotNetObjectReference<Databases> page)
    {
        try
        {
            return await script.InvokeAsync<IssueAnswer>(
                "portal.issue", s_patience, role, (int)duration.TotalSeconds, requestKey, ReasonField, page);
        }
        catch (Exception exception) when (exception is JSException or OperationCanceledException)
        {
            return new(null, null, new(IssueProblem.UnknownOutcome, null, null, null));
        }
    }
}
