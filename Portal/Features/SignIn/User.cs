using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portal.Data;

namespace Portal.Features.SignIn;

/// <summary>A person, tied to one identity. The login is a label: providers rename and reuse logins.</summary>
public sealed class User
{
    /// <summary>The portal's own opaque id.</summary>
    public Guid Id { get; init; }

    /// <summary><c>github</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's immutable id of the account; for GitHub its number.</summary>
    public required string Subject { get; init; }

    public required string Login { get; set; }

    public string? Name { get; set; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset SignedInAt { get; set; }

    /// <summary>When the provider last confirmed the memberships.</summary>
    public DateTimeOffset ConfirmedAt { get; set; }

    /// <summary>Set when the provider refused the user's token; a fresh sign-in clears it.</summary>
    public DateTimeOffset? SuspendedAt { get; set; }

    /// <summary>Access tokens made before do not count.</summary>
    public DateTimeOffset? TokensNotBefore { get; set; }

    /// <summary>Vault may hold a token of the provider for this user: set before it is written there, cleared after it is deleted.</summary>
    public bool TokenKept { get; set; }
}

public static class UserData
{
    extension(PortalDb db)
    {
        public DbSet<User> Users => db.Set<User>();
    }

    private sealed class Mapping : IEntityTypeConfiguration<User>
    {
        public void Configure(EntityTypeBuilder<User> builder)
        {
            builder.ToTable("Users");
            builder.HasIndex(user => new { user.Provider, user.Subject }).IsUnique();
            builder.Property(user => user.Provider).HasMaxLength(20);
            builder.Property(user => user.Subject).HasMaxLength(100);
            builder.Property(user => user.Login).HasMaxLength(100);
            builder.Property(user => user.Name).HasMaxLength(DisplayName.Longest);
        }
    }
}
