using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portal.Data;

namespace Portal.Features.CloudCredentials;

/// <summary>
/// The index of what Vault keeps. No row refers to a team's or a user's: the index is made from Vault alone, also before the teams are
/// adopted again and their people have signed in.
/// </summary>
public static class CloudData
{
    extension(PortalDb db)
    {
        public DbSet<CloudCredential> CloudCredentials => db.Set<CloudCredential>();

        public DbSet<CloudVersion> CloudVersions => db.Set<CloudVersion>();

        public DbSet<CloudReveal> CloudReveals => db.Set<CloudReveal>();

        public DbSet<CloudMark> CloudMarks => db.Set<CloudMark>();
    }

    private static PropertyBuilder<T> HasJson<T>(this PropertyBuilder<T> property, JsonTypeInfo<T> type) => property.HasConversion(
        value => JsonSerializer.Serialize(value, type),
        text => JsonSerializer.Deserialize(text, type)!,
        new ValueComparer<T>(
            (one, other) => JsonSerializer.Serialize(one!, type) == JsonSerializer.Serialize(other!, type),
            value => JsonSerializer.Serialize(value, type).GetHashCode(StringComparison.Ordinal),
            value => value));

    private sealed class CredentialMapping : IEntityTypeConfiguration<CloudCredential>
    {
        public void Configure(EntityTypeBuilder<CloudCredential> builder)
        {
            builder.ToTable("CloudCredentials");
            // A name is free again once Vault has nothing below it.
            builder.HasIndex(credential => new { credential.TeamId, credential.Name }).IsUnique().HasFilter($"\"State\" <> '{nameof(CloudState.Revoked)}'");
            builder.HasIndex(credential => new { credential.State, credential.NextAttemptAt });
            builder.HasIndex(credential => new { credential.State, credential.NextCheckAt });
            builder.HasIndex(credential => new { credential.State, credential.EndsAt });
            builder.Ignore(credential => credential.Owner);
            builder.Ignore(credential => credential.TagList);
            builder.Property(credential => credential.Name).HasMaxLength(CloudRules.LongestName);
            builder.Property(credential => credential.Type).HasMaxLength(40);
            builder.Property(credential => credential.OwnerProvider).HasMaxLength(20);
            builder.Property(credential => credential.OwnerSubject).HasMaxLength(100);
            builder.Property(credential => credential.OwnerLogin).HasMaxLength(100);
            builder.Property(credential => credential.ChangedBy).HasMaxLength(100);
            builder.Property(credential => credential.EndedBy).HasMaxLength(200);
            builder.Property(credential => credential.Fields).HasJson(CloudJson.Default.IReadOnlyListCloudFieldState);
            builder.Property(credential => credential.Missing).HasJson(CloudJson.Default.IReadOnlyListString);
            builder.Property(credential => credential.Identity).HasJson(CloudJson.Default.IReadOnlyListCloudFact);
            builder.Property(credential => credential.Stamp).IsConcurrencyToken();
        }
    }

    private sealed class VersionMapping : IEntityTypeConfiguration<CloudVersion>
    {
        public void Configure(EntityTypeBuilder<CloudVersion> builder)
        {
            builder.ToTable("CloudVersions");
            builder.HasKey(version => new { version.CredentialId, version.Number });
            builder.Ignore(version => version.By);
            builder.Property(version => version.ByProvider).HasMaxLength(20);
            builder.Property(version => version.BySubject).HasMaxLength(100);
            builder.Property(version => version.ByLogin).HasMaxLength(100);
            builder.Property(version => version.Act).HasMaxLength(100);
            builder.Property(version => version.Changed).HasJson(CloudJson.Default.IReadOnlyListString);
        }
    }

    private sealed class RevealMapping : IEntityTypeConfiguration<CloudReveal>
    {
        public void Configure(EntityTypeBuilder<CloudReveal> builder)
        {
            builder.ToTable("CloudReveals");
            builder.HasIndex(reveal => reveal.CredentialId);
            builder.Ignore(reveal => reveal.Who);
            builder.Property(reveal => reveal.Field).HasMaxLength(100);
            builder.Property(reveal => reveal.Provider).HasMaxLength(20);
            builder.Property(reveal => reveal.Subject).HasMaxLength(100);
            builder.Property(reveal => reveal.Login).HasMaxLength(100);
        }
    }

    private sealed class MarkMapping : IEntityTypeConfiguration<CloudMark>
    {
        public void Configure(EntityTypeBuilder<CloudMark> builder)
        {
            builder.ToTable("CloudMarks");
            builder.HasIndex(mark => new { mark.TeamId, mark.Name });
            builder.Property(mark => mark.Name).HasMaxLength(CloudRules.LongestName);
        }
    }
}
