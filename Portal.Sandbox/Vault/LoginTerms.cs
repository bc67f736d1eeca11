namespace Portal.Sandbox.Vault;

/// <summary>What an auth method grants at a login. Zero spans mean not said.</summary>
internal sealed record LoginTerms
{
    public required string DisplayName { get; init; }

    public required IReadOnlyList<string> Policies { get; init; }

    public bool HasNoDefaultPolicy { get; init; }

    public IReadOnlyDictionary<string, string>? Meta { get; init; }

    public string EntityId { get; init; } = "";

    public TokenType Type { get; init; }

    public TimeSpan Ttl { get; init; }

    public TimeSpan MaxTtl { get; init; }

    public TimeSpan ExplicitMaxTtl { get; init; }

    public TimeSpan Period { get; init; }

    public int Uses { get; init; }

    /// <summary>The terms at a renewal, when the role may have changed.</summary>
    /// <exception cref="VaultError">no renewal any more</exception>
    public Func<LoginTerms>? Current { get; init; }
}
