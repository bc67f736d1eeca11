using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portal.Data;

namespace Portal.Features.Credentials;

public enum CredentialKind
{
    Database,
    SshCertificate,
}

public enum CredentialState
{
    /// <summary>Recorded, not yet handed over. Older than a minute, it is taken back.</summary>
    Pending,
    Active,

    /// <summary>To be ended; tried again until Vault says it is gone.</summary>
    Revoking,
    Revoked,
    Expired,
}

/// <summary>
/// What was issued, to whom, and the handles to take it back. Recorded before the secret is asked for; never holds the secret.
/// Names are kept as they were at the issue: the inventory outlives grants, roles and teams.
/// </summary>
public sealed class Credential
{
    public Guid Id { get; init; }

    public CredentialKind Kind { get; init; }

    public Guid OwnerId { get; init; }

    public required string OwnerLogin { get; init; }

    public Guid TeamId { get; init; }

    public required string TeamName { get; init; }

    public Guid GrantId { get; init; }

    /// <summary>The role it was issued under.</summary>
    public required string Role { get; init; }

    /// <summary>What it opens, in words: <c>PostgreSQL shop</c>.</summary>
    public required string Target { get; init; }

    public required string Reason { get; init; }

    /// <summary>Made by the asker once a wish: the same key again is the same wish. What was never handed over leaves its key to the next try.</summary>
    public required string RequestKey { get; set; }

    public CredentialState State { get; private set; }

    public DateTimeOffset IssuedAt { get; init; }

    /// <summary>The real end: the earlier of token and lease. Until active, the end that was asked for.</summary>
    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>No extension goes beyond.</summary>
    public DateTimeOffset LatestEnd { get; init; }

    /// <summary>The name of the account at the target.</summary>
    public string? Username { get; private set; }

    /// <summary>Vault's handle of the token that carries the lease.</summary>
    public string? Accessor { get; private set; }

    public string? LeaseId { get; private set; }

    /// <summary>When the browser confirmed that it showed the secret.</summary>
    public DateTimeOffset? ShownAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Who or what asked for the end: a login, or such as <c>lost membership of payments</c>.</summary>
    public string? EndedBy { get; private set; }

    /// <summary>Revocations that failed so far, and when the next is due.</summary>
    public int Attempts { get; private set; }

    public DateTimeOffset? NextAttemptAt { get; private set; }

    /// <summary>Why the last revocation failed, in Vault's words.</summary>
    public string? LastError { get; private set; }

    /// <summary>Concurrency token: of two writers one wins.</summary>
    public Guid Version { get; private set; }

    /// <summary>The handle is known: from here on it can be taken back.</summary>
    public void Carry(string accessor)
    {
        Accessor = accessor;
        Changed();
    }

    /// <summary>It may be handed over.</summary>
    public void Activate(string username, string leaseId, DateTimeOffset expiresAt)
    {
        LeaseId = leaseId;
        Activate(username, expiresAt);
    }

    /// <inheritdoc cref="Activate(string, string, DateTimeOffset)"/>
    public void Activate(string username, DateTimeOffset expiresAt)
    {
        (State, Username, ExpiresAt) = (CredentialState.Active, username, expiresAt);
        Changed();
    }

    public void Extend(DateTimeOffset expiresAt)
    {
        ExpiresAt = expiresAt;
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
        if (State == CredentialState.Pending)
            RequestKey = $"{Id:N}";
        (State, EndedBy, Attempts, NextAttemptAt, LastError) = (CredentialState.Revoking, by, 0, now, null);
        Changed();
    }

    public void RetryRevoking(string error, DateTimeOffset next)
    {
        (Attempts, NextAttemptAt, LastError) = (Attempts + 1, next, error);
        Changed();
    }

    /// <summary>Vault says it is gone.</summary>
    public void End(CredentialState state, string by, DateTimeOffset now)
    {
        (State, EndedBy, EndedAt, NextAttemptAt, LastError) = (state, by, now, null, null);
        Changed();
    }

    private void Changed() => Version = Guid.CreateVersion7();
}

public static class CredentialData
{
    extension(PortalDb db)
    {
        public DbSet<Credential> Credentials => db.Set<Credential>();
    }

    private sealed class Mapping : IEntityTypeConfiguration<Credential>
    {
        public void Configure(EntityTypeBuilder<Credential> builder)
        {
            builder.ToTable("Credentials");
            builder.HasIndex(credential => new { credential.OwnerId, credential.RequestKey }).IsUnique();
            builder.HasIndex(credential => new { credential.OwnerId, credential.State, credential.ExpiresAt });
            builder.HasIndex(credential => new { credential.State, credential.NextAttemptAt });
            builder.HasIndex(credential => new { credential.Kind, credential.State, credential.ExpiresAt });
            builder.Property(credential => credential.Version).IsConcurrencyToken();
        }
    }
}
