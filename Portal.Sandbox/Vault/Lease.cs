namespace Portal.Sandbox.Vault;

/// <summary>What an engine says of a secret that ends: how long, and how it is renewed and revoked.</summary>
internal sealed record LeaseTerms
{
    public TimeSpan Ttl { get; init; }

    public TimeSpan MaxTtl { get; init; }

    public required Func<Task> Revoke { get; init; }

    /// <summary>Carries out the renewal by the wished increment (zero = none said) and tells the terms that hold now.</summary>
    public required Func<Lease, TimeSpan, Task<LeaseTerms>> Renew { get; init; }
}

/// <summary>A secret's end. Its gate lets one renewal or revocation in at a time.</summary>
internal sealed class Lease(string id, Mount mount, TokenEntry? owner, DateTimeOffset issued, LeaseTerms terms)
{
    public string Id { get; } = id;

    public Mount Mount { get; } = mount;

    public TokenEntry? Owner { get; } = owner;

    public DateTimeOffset Issued { get; } = issued;

    public LeaseTerms Terms { get; set; } = terms;

    public TimeSpan Ttl { get; set; }

    public DateTimeOffset Expires { get; set; }

    public DateTimeOffset? Renewed { get; set; }

    public int Failures { get; set; }

    /// <summary>Why Vault gave up revoking it.</summary>
    public string? Irrevocable { get; set; }

    public bool IsGone { get; set; }

    /// <summary>To be revoked before its time; no renewal changes that.</summary>
    public bool IsEnding { get; set; }

    public Deadline Deadline { get; set; } = null!;

    public SemaphoreSlim Gate { get; } = new(1);
}
