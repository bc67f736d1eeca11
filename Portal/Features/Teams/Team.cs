using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portal.Data;
using Portal.Features.SignIn;

namespace Portal.Features.Teams;

/// <summary>An adopted team of the identity provider. A team made anew under an old slug has another subject: a stranger.</summary>
public sealed class Team
{
    public Guid Id { get; init; }

    /// <summary>The portal's own name, a DNS label.</summary>
    public required string Name { get; set; }

    /// <summary><c>github</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's immutable id of the team; for GitHub its number.</summary>
    public required string Subject { get; init; }

    /// <summary>Where people find it at the provider, such as <c>acme/payments</c>; a label.</summary>
    public required string Label { get; set; }
}

public enum TeamRole
{
    Member,

    /// <summary>Team admin.</summary>
    Maintainer,
}

public sealed class Membership
{
    public Guid UserId { get; init; }

    public User User { get; init; } = null!;

    public Guid TeamId { get; init; }

    public Team Team { get; init; } = null!;

    public TeamRole Role { get; set; }
}

public static class TeamData
{
    extension(PortalDb db)
    {
        public DbSet<Team> Teams => db.Set<Team>();

        public DbSet<Membership> Memberships => db.Set<Membership>();

        /// <summary>Asked in the transaction that hands out something by a membership: it may have ended since it was looked up.</summary>
        public Task<bool> IsMemberAsync(Guid userId, Guid teamId, CancellationToken cancellationToken) => db.Memberships.AnyAsync(
            membership => membership.UserId == userId && membership.TeamId == teamId && membership.User.SuspendedAt == null, cancellationToken);
    }

    private sealed class TeamMapping : IEntityTypeConfiguration<Team>
    {
        public void Configure(EntityTypeBuilder<Team> builder)
        {
            builder.ToTable("Teams");
            builder.HasIndex(team => team.Name).IsUnique();
            builder.HasIndex(team => new { team.Provider, team.Subject }).IsUnique();
            builder.Property(team => team.Name).HasMaxLength(63);
            builder.Property(team => team.Provider).HasMaxLength(20);
            builder.Property(team => team.Subject).HasMaxLength(100);
            builder.Property(team => team.Label).HasMaxLength(200);
        }
    }

    private sealed class MembershipMapping : IEntityTypeConfiguration<Membership>
    {
        public void Configure(EntityTypeBuilder<Membership> builder)
        {
            builder.ToTable("Memberships");
            builder.HasKey(membership => new { membership.UserId, membership.TeamId });
            builder.HasOne(membership => membership.User).WithMany().HasForeignKey(membership => membership.UserId);
            builder.HasOne(membership => membership.Team).WithMany().HasForeignKey(membership => membership.TeamId);
        }
    }
}
