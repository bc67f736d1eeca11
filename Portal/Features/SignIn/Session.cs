using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portal.Data;

namespace Portal.Features.SignIn;

/// <summary>A signed-in browser. The cookie holds the key; here rests only its SHA-256.</summary>
public sealed class Session
{
    public Guid Id { get; init; }

    public required byte[] KeyHash { get; init; }

    public Guid UserId { get; init; }

    public User User { get; init; } = null!;

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset LastUsedAt { get; set; }

    public DateTimeOffset ExpiresAt { get; init; }

    public required string Address { get; init; }
}

public static class SessionData
{
    extension(PortalDb db)
    {
        public DbSet<Session> Sessions => db.Set<Session>();
    }

    private sealed class Mapping : IEntityTypeConfiguration<Session>
    {
        public void Configure(EntityTypeBuilder<Session> builder)
        {
            builder.ToTable("Sessions");
            builder.HasIndex(session => session.KeyHash).IsUnique();
            builder.HasOne(session => session.User).WithMany().HasForeignKey(session => session.UserId);
            builder.Property(session => session.Address).HasMaxLength(64);
        }
    }
}
