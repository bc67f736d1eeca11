namespace Portal.Features.CloudCredentials;

/// <summary>What is wished for a new cloud credential.</summary>
/// <param name="Type">As <see cref="CloudType.Name"/>.</param>
/// <param name="Values">By field. Never logged.</param>
/// <param name="File">The text of a file that holds the fields, instead of them or beside some: see <see cref="CloudType.File"/>.</param>
/// <param name="EndsAt">When it is to be revoked by itself; null for never.</param>
/// <param name="Verify">Ask the cloud first, and keep it only if the cloud finds it good.</param>
public sealed record CloudRegistration(
    string Name, string Type, IReadOnlyDictionary<string, string?> Values, string? File, IReadOnlyList<string?> Tags, DateTimeOffset? EndsAt, bool Verify)
{
    public override string ToString() => $"registration of {Name}";
}

/// <summary>What is wished to change. What is null stays.</summary>
/// <param name="Values">Fields that are left out keep their values; an empty one is cleared.</param>
/// <param name="Tags">All of them; null: as they are.</param>
/// <param name="EndsAt">Counts if <paramref name="SetsEnd"/>; null then: it ends no more by itself.</param>
/// <param name="Tag">Of the version that the wish builds on: see <see cref="CloudCredentialView.Tag"/>.</param>
public sealed record CloudChange(
    string Tag, IReadOnlyDictionary<string, string?> Values, string? File, IReadOnlyList<string?>? Tags, bool SetsEnd, DateTimeOffset? EndsAt, bool Verify)
{
    public override string ToString() => "change of a cloud credential";
}

/// <summary>What became of a wish about a cloud credential.</summary>
public abstract record CloudOutcome
{
    private CloudOutcome()
    {
    }

    /// <param name="Verdict">What the cloud said; null when it was not asked.</param>
    public sealed record Saved(CloudCredentialView Credential, CloudVerdict? Verdict) : CloudOutcome;

    /// <summary>Nothing was stored.</summary>
    /// <param name="Errors">By field, what is wrong and what would be right.</param>
    public sealed record Rejected(IReadOnlyDictionary<string, string> Errors) : CloudOutcome;

    /// <summary>The team has one of that name. Nothing was stored.</summary>
    public sealed record NameTaken(string Name) : CloudOutcome;

    /// <summary>The cloud does not find it good, or could not be asked. Nothing was stored.</summary>
    public sealed record NotVerified(CloudVerdict Verdict) : CloudOutcome;

    /// <summary>Somebody else was faster: theirs stands, and nothing of the wish was stored.</summary>
    /// <param name="Current">As it is now.</param>
    /// <param name="Since">The versions that came after the one the wish builds on, latest first.</param>
    public sealed record Conflict(CloudCredentialView Current, IReadOnlyList<CloudVersionView> Since) : CloudOutcome;

    /// <param name="Why">For somebody who may see it, but not do this.</param>
    public sealed record NotAllowed(string Why) : CloudOutcome;

    /// <summary>Not there, or not for the one who asks.</summary>
    public sealed record NotFound : CloudOutcome;
}
