using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portal.Data;
using Portal.Features.Teams;

namespace Portal.Features.Databases;

/// <summary>A database server as Vault knows it, and as people reach it.</summary>
public sealed class DatabaseConnection
{
    /// <summary>Also the connection's name in Vault's database engine.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="DatabaseEngines"/>.</summary>
    public required string Engine { get; set; }

    /// <summary>Where people connect.</summary>
    public required string Host { get; set; }

    public int Port { get; set; }

    public required string Database { get; set; }

    /// <summary>How clients protect the connection: <c>disable</c>, <c>require</c>, <c>verify-ca</c> or <c>verify-full</c>.</summary>
    public required string TlsMode { get; set; }
}

/// <summary>A role of Vault's database engine that can be granted.</summary>
public sealed class DatabaseRole
{
    public required string Name { get; init; }

    public required string ConnectionName { get; set; }

    public DatabaseConnection Connection { get; init; } = null!;

    /// <summary>What it allows, in words.</summary>
    public required string Allows { get; set; }

    /// <summary>The SQL that makes a user, one statement a line, as people may read it.</summary>
    public required string CreationStatements { get; set; }

    /// <summary>The role's <c>max_ttl</c> in Vault, in seconds.</summary>
    public int MaxDurationSeconds { get; set; }
}

/// <summary>Lets a team use a role.</summary>
public sealed class DatabaseGrant
{
    public Guid Id { get; init; }

    public Guid TeamId { get; init; }

    public Team Team { get; init; } = null!;

    public required string RoleName { get; init; }

    public DatabaseRole Role { get; init; } = null!;

    /// <summary>Longest life of a credential from its issue, extensions included, in seconds.</summary>
    public int MaxDurationSeconds { get; set; }

    public bool RequiresApproval { get; set; }
}

public static class DatabaseRoleData
{
    extension(PortalDb db)
    {
        public DbSet<DatabaseConnection> DatabaseConnections => db.Set<DatabaseConnection>();

        public DbSet<DatabaseRole> DatabaseRoles => db.Set<DatabaseRole>();

        public DbSet<DatabaseGrant> DatabaseGrants => db.Set<DatabaseGrant>();
    }

    private sealed class ConnectionMapping : IEntityTypeConfiguration<DatabaseConnection>
    {
        public void Configure(EntityTypeBuilder<DatabaseConnection> builder)
        {
            builder.ToTable("DatabaseConnections");
            builder.HasKey(connection => connection.Name);
            builder.Property(connection => connection.Name).HasMaxLength(63);
            builder.Property(connection => connection.Engine).HasMaxLength(20);
            builder.Property(connection => connection.Host).HasMaxLength(255);
            builder.Property(connection => connection.Database).HasMaxLength(63);
            builder.Property(connection => connection.TlsMode).HasMaxLength(20);
        }
    }

    private sealed class RoleMapping : IEntityTypeConfiguration<DatabaseRole>
    {
        public void Configure(EntityTypeBuilder<DatabaseRole> builder)
        {
            builder.ToTable("DatabaseRoles");
            builder.HasKey(role => role.Name);
            builder.Property(role => role.Name).HasMaxLength(63);
            builder.HasOne(role => role.Connection).WithMany().HasForeignKey(role => role.ConnectionName);
        }
    }

    private sealed class GrantMapping : IEntityTypeConfiguration<DatabaseGrant>
    {
        public void Configure(EntityTypeBuilder<DatabaseGrant> builder)
        {
            builder.ToTable("DatabaseGrants");
            builder.HasIndex(grant => new { grant.TeamId, grant.RoleName }).IsUnique();
            builder.HasOne(grant => grant.Team).WithMany().HasForeignKey(grant => grant.TeamId);
            builder.HasOne(grant => grant.Role).WithMany().HasForeignKey(grant => grant.RoleName);
        }
    }
}
