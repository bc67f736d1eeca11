using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portal.Data;
using Portal.Features.Credentials;

namespace Portal.Features.Ssh;

/// <summary>What makes a credential an SSH certificate. Recorded with it before Vault is asked, so that its key id can always be revoked.</summary>
public sealed class IssuedCertificate
{
    public Guid CredentialId { get; init; }

    public Credential Credential { get; init; } = null!;

    /// <summary><c>login:credential-id</c>, as the certificate says and hosts log.</summary>
    public required string KeyId { get; init; }

    /// <summary>Of the public key that it is for.</summary>
    public required string KeyFingerprint { get; init; }

    /// <summary>Who signed it, or was about to: see <see cref="SshAuthority"/>.</summary>
    public required string AuthorityFingerprint { get; set; }

    /// <summary>Null until it is signed.</summary>
    public ulong? Serial { get; set; }
}

/// <summary>A key that signs certificates, as seen at Vault. Kept when Vault has another: what it signed may still have to be revoked.</summary>
public sealed class SshAuthority
{
    public required string Fingerprint { get; init; }

    /// <summary>One line of OpenSSH's form, without a comment.</summary>
    public required string PublicKey { get; init; }

    /// <summary>The latest one signs.</summary>
    public DateTimeOffset CurrentSince { get; set; }
}

/// <summary>A public key that hosts refuse, whatever certificate it has, until a portal admin lifts it.</summary>
public sealed class RevokedSshKey
{
    public Guid Id { get; init; }

    public required string Fingerprint { get; init; }

    public Guid RevokedById { get; init; }

    public required string RevokedBy { get; init; }

    public DateTimeOffset RevokedAt { get; init; }
}

/// <summary>The one row that says which revocation list is the latest, so that all replicas serve the same.</summary>
public sealed class RevocationVersion
{
    public const int TheOnly = 1;

    public int Id { get; init; } = TheOnly;

    public long Version { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>Certificates that ended before are no longer listed. A replica whose clock is a little behind keeps to it, so that it lists no more than the others.</summary>
    public DateTimeOffset EndedBefore { get; set; }

    /// <summary>SHA-256 of what is in the list, apart from version and time.</summary>
    public required byte[] Content { get; set; }
}

public static class IssuedCertificateData
{
    extension(PortalDb db)
    {
        public DbSet<IssuedCertificate> IssuedCertificates => db.Set<IssuedCertificate>();

        public DbSet<SshAuthority> SshAuthorities => db.Set<SshAuthority>();

        public DbSet<RevokedSshKey> RevokedSshKeys => db.Set<RevokedSshKey>();

        public DbSet<RevocationVersion> RevocationVersions => db.Set<RevocationVersion>();
    }

    private sealed class CertificateMapping : IEntityTypeConfiguration<IssuedCertificate>
    {
        public void Configure(EntityTypeBuilder<IssuedCertificate> builder)
        {
            builder.ToTable("SshCertificates");
            builder.HasKey(certificate => certificate.CredentialId);
            builder.HasOne(certificate => certificate.Credential).WithOne().HasForeignKey<IssuedCertificate>(certificate => certificate.CredentialId);
            builder.HasIndex(certificate => certificate.KeyFingerprint);
            builder.Property(certificate => certificate.KeyId).HasMaxLength(100);
            builder.Property(certificate => certificate.KeyFingerprint).HasMaxLength(50);
            builder.Property(certificate => certificate.AuthorityFingerprint).HasMaxLength(50);
            // No database has unsigned 64-bit numbers in common with the others.
            builder.Property(certificate => certificate.Serial).HasConversion<string>().HasMaxLength(20);
        }
    }

    private sealed class AuthorityMapping : IEntityTypeConfiguration<SshAuthority>
    {
        public void Configure(EntityTypeBuilder<SshAuthority> builder)
        {
            builder.ToTable("SshAuthorities");
            builder.HasKey(authority => authority.Fingerprint);
            builder.Property(authority => authority.Fingerprint).HasMaxLength(50);
        }
    }

    private sealed class RevokedKeyMapping : IEntityTypeConfiguration<RevokedSshKey>
    {
        public void Configure(EntityTypeBuilder<RevokedSshKey> builder)
        {
            builder.ToTable("RevokedSshKeys");
            builder.HasIndex(key => key.Fingerprint).IsUnique();
            builder.Property(key => key.Fingerprint).HasMaxLength(50);
        }
    }

    private sealed class VersionMapping : IEntityTypeConfiguration<RevocationVersion>
    {
        public void Configure(EntityTypeBuilder<RevocationVersion> builder)
        {
            builder.ToTable("SshRevocationVersions");
            builder.Property(version => version.Id).ValueGeneratedNever();
            builder.Property(version => version.Version).IsConcurrencyToken();
        }
    }
}
