using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portal.Data;

namespace Portal.Features.AccessTokens;

public enum AccessTokenState
{
    /// <summary>Recorded, not yet handed over. Older than a minute, it is taken back.</summary>
    Pending,
    Active,

    /// <summary>Refused already; its entry on the whitelist is still to be deleted.</summary>
    Revoking,
    Revoked,
    Expired,
}

/// <summary>
/// What is known of an access token beside its text, which nobody keeps. Recorded before Vault signs it. Whether a token counts is said
/// by the whitelist in Vault, see <see cref="Whitelist"/>: a row alone opens nothing, one that is ended closes at once.
/// </summary>
public sealed class AccessToken
{
    /// <summary>Its <c>jti</c>.</summary>
    public Guid Id { get; init; }

    public Guid OwnerId { get; init; }

    public required string OwnerLogin { get; init; }

    /// <summary>The token that asked for it and that it ends with; null when a person did.</summary>
    public Guid? ParentId { get; init; }

    public required string Name { get; init; }

    /// <summary>As the claim has them: separated by spaces.</summary>
    public required string Scopes { get; init; }

    /// <summary>Made by the asker once a wish: the same key again is the same wish. What was never handed over leaves its key to the next try.</summary>
    public required string RequestKey { get; set; }

    public AccessTokenState State { get; private set; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When the browser, or the program, had its text.</summary>
    public DateTimeOffset? ShownAt { get; private set; }

    /// <summary>The day of the last call, in UTC.</summary>
    public DateOnly? LastUsedOn { get; init; }

    /// <summary>The network that the last call came from, such as <c>192.0.2.0/24</c>.</summary>
    public string? LastUsedFrom { get; init; }

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Who or what asked for the end: a login, or such as <c>left the organisation</c>.</summary>
    public string? EndedBy { get; private set; }

    /// <summary>Deletions from the whitelist that failed so far, and when the next is due.</summary>
    public int Attempts { get; private set; }

    public DateTimeOffset? NextAttemptAt { get; private set; }

    /// <summary>Concurrency token: of two writers one wins.</summary>
    public Guid Version { get; private set; }

    public void Activate()
    {
        State = AccessTokenState.Active;
        Changed();
    }

    public void Shown(DateTimeOffset now)
    {
        ShownAt = now;
        Changed();
    }

    /// <param name="by">Who or what asked for the end.</param>
    public void StartRevoking(string by, DateTimeOffset now)
    {
        LeaveKey();
        (State, EndedBy, EndedAt, NextAttemptAt) = (AccessTokenState.Revoking, by, now, now);
        Changed();
    }

    public void RetryRevoking(DateTimeOffset at)
    {
        (Attempts, NextAttemptAt) = (Attempts + 1, at);
        Changed();
    }

    /// <summary>It is off the whitelist.</summary>
    /// <param name="state"><see cref="AccessTokenState.Revoked"/> or <see cref="AccessTokenState.Expired"/>.</param>
    public void End(AccessTokenState state, string by, DateTimeOffset now)
    {
        LeaveKey();
        (State, EndedBy, EndedAt, NextAttemptAt) = (state, EndedBy ?? by, EndedAt ?? now, null);
        Changed();
    }

    private void LeaveKey()
    {
        if (State == AccessTokenState.Pending)
            RequestKey = $"{Id:N}";
    }

    private void Changed() => Version = Guid.CreateVersion7();
}

public static class AccessTokenData
{
    extension(PortalDb db)
    {
        public DbSet<AccessToken> AccessTokens => db.Set<AccessToken>();
    }

    private sealed class Mapping : IEntityTypeConfiguration<AccessToken>
    {
        public void Configure(EntityTypeBuilder<AccessToken> builder)
        {
            builder.ToTable("AccessTokens");
            builder.HasIndex(token => new { token.OwnerId, token.RequestKey }).IsUnique();
            builder.HasIndex(token => new { token.OwnerId, token.State, token.ExpiresAt });
            builder.HasIndex(token => new { token.State, token.NextAttemptAt });
            builder.HasIndex(token => token.ParentId);
            builder.Property(token => token.OwnerLogin).HasMaxLength(100);
            builder.Property(token => token.Name).HasMaxLength(AccessTokenRequest.LongestName);
            builder.Property(token => token.Scopes).HasMaxLength(400);
            builder.Property(token => token.RequestKey).HasMaxLength(AccessTokenRequest.LongestRequestKey);
            builder.Property(token => token.LastUsedFrom).HasMaxLength(64);
            builder.Property(token => token.EndedBy).HasMaxLength(200);
            builder.Property(token => token.Version).IsConcurrencyToken();
        }
    }
}
