using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portal.Data;

namespace Portal.Features.Audit;

/// <summary>Who did what to which object, from where, with which outcome. Chained: see <see cref="AuditChain"/>.</summary>
public sealed class AuditEvent
{
    /// <summary>Counts from 1 without gaps.</summary>
    public long Id { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Such as <c>credential.issue</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Null when the portal itself or an access file acted.</summary>
    public Guid? ActorId { get; init; }

    public required string ActorLogin { get; init; }

    /// <summary>IP address, empty when there is none.</summary>
    public required string Address { get; init; }

    /// <summary>Kind and id, such as <c>credential 0193…</c>.</summary>
    public required string Object { get; init; }

    /// <summary><c>ok</c>, <c>refused</c> or <c>failed</c>.</summary>
    public required string Outcome { get; init; }

    public string? Detail { get; init; }

    /// <summary>HMAC-SHA-256 over the hash of the event before and this event.</summary>
    public byte[] Hash { get; set; } = [];
}

/// <summary>The chain's HMAC key, wrapped by Vault's transit engine; the clear key is in memory alone.</summary>
public sealed class WrappedAuditKey
{
    public int Id { get; init; }

    public required string Ciphertext { get; init; }
}

public static class AuditData
{
    extension(PortalDb db)
    {
        public DbSet<AuditEvent> AuditEvents => db.Set<AuditEvent>();

        public DbSet<WrappedAuditKey> WrappedAuditKeys => db.Set<WrappedAuditKey>();
    }

    private sealed class EventMapping : IEntityTypeConfiguration<AuditEvent>
    {
        public void Configure(EntityTypeBuilder<AuditEvent> builder)
        {
            builder.ToTable("AuditEvents");
            builder.Property(audited => audited.Id).ValueGeneratedNever();
            builder.HasIndex(audited => new { audited.ActorId, audited.Id });
            builder.Property(audited => audited.Action).HasMaxLength(60);
            builder.Property(audited => audited.ActorLogin).HasMaxLength(100);
            builder.Property(audited => audited.Address).HasMaxLength(64);
            builder.Property(audited => audited.Object).HasMaxLength(200);
            builder.Property(audited => audited.Outcome).HasMaxLength(20);
            builder.Property(audited => audited.Detail).HasMaxLength(2000);
        }
    }

    private sealed class KeyMapping : IEntityTypeConfiguration<WrappedAuditKey>
    {
        public void Configure(EntityTypeBuilder<WrappedAuditKey> builder)
        {
            builder.ToTable("AuditKeys");
            builder.Property(key => key.Id).ValueGeneratedNever();
        }
    }
}
