namespace Portal.Sandbox.Vault;

internal enum TokenType
{
    Service,
    Batch,
}

/// <summary>A token and what is known of it. Its lock keeps "revoked" and "holds this lease" from crossing.</summary>
internal sealed class TokenEntry
{
    private readonly Lock _lock = new();
    private readonly HashSet<Lease> _leases = [];
    private bool _isRevoked;

    public required string Id { get; init; }

    /// <summary>Empty for batch tokens.</summary>
    public required string Accessor { get; init; }

    /// <summary>Null for orphans.</summary>
    public TokenEntry? Parent { get; set; }

    public bool IsOrphan => Parent is null;

    public required IReadOnlyList<string> Policies { get; init; }

    public required string Path { get; init; }

    public string DisplayName { get; init; } = "token";

    public IReadOnlyDictionary<string, string>? Meta { get; init; }

    public TokenType Type { get; init; }

    public string EntityId { get; init; } = "";

    /// <summary>The token role that made it.</summary>
    public string? Role { get; init; }

    public TimeSpan CreationTtl { get; init; }

    public TimeSpan ExplicitMaxTtl { get; init; }

    public TimeSpan Period { get; init; }

    public bool IsRenewable { get; init; }

    public DateTimeOffset Created { get; init; }

    /// <summary>Uses left; 0 = any number, -1 = this was the last.</summary>
    public int Uses { get; set; }

    /// <summary>What holds at a renewal; null = what holds of the token itself.</summary>
    public Func<TtlLimits, TtlLimits>? RenewalLimits { get; init; }

    public HashSet<TokenEntry> Children { get; } = [];

    /// <summary>As granted last.</summary>
    public TimeSpan Ttl { get; set; }

    /// <summary>Null = never.</summary>
    public DateTimeOffset? Expires { get; set; }

    public DateTimeOffset? Renewed { get; set; }

    public Deadline? Deadline { get; set; }

    /// <summary>The answer that a wrapping token holds.</summary>
    public Wrapped? Wrapped { get; init; }

    public bool IsRoot => Policies.Contains(Vault.Policies.Root);

    public bool IsRevoked
    {
        get
        {
            lock (_lock)
                return _isRevoked;
        }
    }

    /// <summary>False when the token has been revoked.</summary>
    public bool TryAttach(Lease lease)
    {
        lock (_lock)
            return !_isRevoked && _leases.Add(lease);
    }

    public void Detach(Lease lease)
    {
        lock (_lock)
            _leases.Remove(lease);
    }

    /// <summary>No lease can be attached from now on; those that are have to go.</summary>
    public IReadOnlyList<Lease> MarkRevoked()
    {
        lock (_lock)
        {
            _isRevoked = true;
            return [.. _leases];
        }
    }

    /// <summary>Counts one use. False when none was left.</summary>
    public bool TryUse()
    {
        lock (_lock)
        {
            if (_isRevoked || Uses < 0)
                return false;
            if (Uses > 0)
                Uses = Uses == 1 ? -1 : Uses - 1;
            return true;
        }
    }
}

/// <param name="Status">of the answer kept</param>
/// <param name="Body">the whole answer, as text</param>
/// <param name="Accessor">of the token in the answer, if there is one</param>
internal sealed record Wrapped(int Status, string Body, string CreationPath, string? Accessor);
