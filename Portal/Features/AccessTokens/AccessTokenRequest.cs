using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.AccessTokens;

/// <param name="ExpiresInSeconds">From now.</param>
/// <param name="RequestKey">Made by the asker once a wish: the same key again is the same wish, not a second one.</param>
public sealed record AccessTokenRequest(string Name, IReadOnlyList<string> Scopes, long ExpiresInSeconds, string RequestKey)
{
    public const int LongestName = 100;
    public const int LongestRequestKey = 64;

    /// <summary>What the wish breaks, by field; empty when nothing.</summary>
    /// <param name="known">All scopes of this portal.</param>
    /// <param name="longest">Longest life.</param>
    /// <param name="asker">The token that asks, which hands on no more than it has; null for a person.</param>
    /// <param name="now">The present time.</param>
    public Dictionary<string, string> Check(IReadOnlyList<string> known, TimeSpan longest, BearerToken? asker, DateTimeOffset now)
    {
        var errors = new Dictionary<string, string>();
        if (string.IsNullOrWhiteSpace(Name))
            errors["name"] = "Give the token a name that says what it is for, such as the job that uses it.";
        else if (Name.Trim().Length > LongestName)
            errors["name"] = $"The name has {Name.Trim().Length} characters; at most {LongestName} are kept.";
        else if (DisplayName.Clean(Name) != Name.Trim())
            errors["name"] = "The name is one line of text, without control characters.";
        if (CheckScopes(known, asker) is { } wrongScopes)
            errors["scopes"] = wrongScopes;
        if (CheckLife(longest, asker, now) is { } wrongLife)
            errors["expiresInSeconds"] = wrongLife;
        if (RequestKey is not { Length: > 0 and <= LongestRequestKey })
            errors["requestKey"] = $"The request key is a text of 1 to {LongestRequestKey} characters, new for each wish.";
        return errors;
    }

    private string? CheckScopes(IReadOnlyList<string> known, BearerToken? asker)
    {
        if (Scopes.Count == 0)
            return $"Choose at least one scope: {string.Join(", ", known)}.";
        // A hostile body may hold a null.
        if (Scopes.Select(scope => scope ?? "").FirstOrDefault(scope => !known.Contains(scope)) is { } unknown)
            return $"There is no scope {Short(unknown)}; scopes are {string.Join(", ", known)}.";
        return asker is not null && Scopes.FirstOrDefault(scope => !asker.Scopes.Contains(scope)) is { } more
            ? $"A token hands on no more than it has, and this one lacks {more}: {string.Join(", ", asker.Scopes)}."
            : null;
    }

    private string? CheckLife(TimeSpan longest, BearerToken? asker, DateTimeOffset now)
    {
        var shortest = AccessTokensOptions.Validation.ShortestLife;
        if (ExpiresInSeconds < shortest.TotalSeconds || ExpiresInSeconds > longest.TotalSeconds)
            return $"The life must be between {DurationText.Format(shortest)} and {DurationText.Format(longest)}.";
        return asker is not null && now.AddSeconds(ExpiresInSeconds) > asker.ExpiresAt
            ? $"A token hands on no longer a life than its own, which ends {asker.ExpiresAt:yyyy-MM-dd HH:mm:ss} UTC: at most {(long)(asker.ExpiresAt - now).TotalSeconds} seconds."
            : null;
    }

    private static string Short(string text) => text.Length <= 40 ? $"'{text}'" : $"'{text[..40]}…'";
}

/// <summary>A token in clear, on its way to the one who asked. Never kept.</summary>
public sealed record IssuedAccessToken(
    Guid Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string Token)
{
    // The compiler's text would carry the token into logs.
    public override string ToString() => $"IssuedAccessToken {Id}";
}

/// <summary>What became of a wish for an access token.</summary>
public abstract record AccessTokenOutcome
{
    private AccessTokenOutcome()
    {
    }

    public sealed record Issued(IssuedAccessToken Token) : AccessTokenOutcome;

    /// <summary>The same request key was there before; its text is not shown again.</summary>
    public sealed record AlreadyIssued(Guid Id) : AccessTokenOutcome;

    /// <summary>The same request key was there before, for something else.</summary>
    public sealed record KeyReused : AccessTokenOutcome;

    /// <summary>Somebody, or a suspension, ended it before it could be handed over.</summary>
    public sealed record EndedMeanwhile : AccessTokenOutcome;

    /// <param name="Errors">By field, what is wrong and what would be right.</param>
    public sealed record Rejected(IReadOnlyDictionary<string, string> Errors) : AccessTokenOutcome;
}
