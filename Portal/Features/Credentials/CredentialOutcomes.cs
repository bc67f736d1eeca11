namespace Portal.Features.Credentials;

/// <summary>What became of the wish to extend a credential.</summary>
public abstract record ExtendOutcome
{
    private ExtendOutcome()
    {
    }

    /// <summary>Null when it is done, else why not.</summary>
    public string? Complaint => this switch
    {
        Rejected(_, var message) => message,
        NotFound => "It has ended meanwhile.",
        _ => null,
    };

    public sealed record Extended(DateTimeOffset ExpiresAt) : ExtendOutcome;

    public sealed record NotFound : ExtendOutcome;

    public sealed record Rejected(string Field, string Message) : ExtendOutcome;
}

/// <summary>What became of the wish to end a credential.</summary>
public abstract record RevokeOutcome
{
    private RevokeOutcome()
    {
    }

    /// <summary>Null when it is done, or when the portal goes on trying, which the list shows; else why not.</summary>
    public string? Complaint => this is NotFound ? "You hold no such credentials." : null;

    public sealed record Revoked : RevokeOutcome;

    /// <summary>It was gone before.</summary>
    public sealed record HadEnded : RevokeOutcome;

    /// <summary>Not gone yet; the portal goes on trying.</summary>
    public sealed record Revoking(string Why) : RevokeOutcome;

    public sealed record NotFound : RevokeOutcome;
}
