using Portal.Features.Credentials;

namespace Portal.Features.Databases;

/// <param name="RequestKey">Made by the asking page once a form: the same key again is the same wish, not a second one.</param>
public sealed record IssueRequest(string Role, int DurationSeconds, string Reason, string RequestKey)
{
    /// <inheritdoc cref="IssueRules.Check"/>
    public Dictionary<string, string> Check(TimeSpan shortest, TimeSpan longest) => IssueRules.Check(DurationSeconds, Reason, RequestKey, shortest, longest);
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
