using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portal.Data;
using Portal.Features.Teams;

namespace Portal.Features.Ssh;

/// <summary>A role of Vault's SSH engine that can be granted.</summary>
public sealed class SshRole
{
    public required string Name { get; init; }

    /// <summary>What it allows, in words.</summary>
    public required string Allows { get; set; }

    /// <summary>Which hosts it opens, in words: <c>web servers of the shop</c>.</summary>
    public required string Hosts { get; set; }

    /// <summary>The accounts that a certificate may name.</summary>
    public required List<string> Principals { get; set; }

    /// <summary>What each certificate permits beside a login, such as <c>permit-pty</c>.</summary>
    public required List<string> Extensions { get; set; }

    /// <summary>The role's <c>max_ttl</c> in Vault, in seconds.</summary>
    public int MaxDurationSeconds { get; set; }
}

/// <summary>Lets a team use a role.</summary>
public sealed class SshGrant
{
    public Guid Id { get; init; }

    public Guid TeamId { get; init; }

    public Team Team { get; init; } = null!;

    public required string RoleName { get; init; }

    public SshRole Role { get; init; } = null!;

    /// <summary>Those of the role's principals that the team may use; none: all.</summary>
    public required List<string> Principals { get; set; }

    /// <summary>Longest life of a certificate, in seconds.</summary>
    public int MaxDurationSeconds { get; set; }

    public bool RequiresApproval { get; set; }
}

public static class SshRoleData
{
    extension(PortalDb db)
    {
        public DbSet<SshRole> SshRoles => db.Set<SshRole>();

        public DbSet<SshGrant> SshGrants => db.Set<SshGrant>();
    }

    private sealed class RoleMapping : IEntityTypeConfiguration<SshRole>
    {
        public void Configure(EntityTypeBuilder<SshRole> builder)
        {
            builder.ToTable("SshRoles");
            builder.HasKey(role => role.Name);
            builder.Property(role => role.Name).HasMaxLength(63);
            builder.Property(role => role.Allows).HasMaxLength(200);
            builder.Property(role => role.Hosts).HasMaxLength(200);
        }
    }

    private sealed class GrantMapping : IEntityTypeConfiguration<SshGrant>
    {
        public void Configure(EntityTypeBuilder<SshGrant> builder)
        {
            builder.ToTable("SshGrants");
            builder.HasIndex(grant => new { grant.TeamId, grant.RoleName }).IsUnique();
            builder.HasOne(grant => grant.Team).WithMany().HasForeignKey(grant => grant.TeamId);
            builder.HasOne(grant => grant.Role).WithMany().HasForeignKey(grant => grant.RoleName);
        }
    }
}
