using Portal.Features.Credentials;
using Portal.Features.Databases;

namespace Portal.Tests.Features.Credentials;

internal static class CredentialSamples
{
    public static readonly CredentialHandling Handling = new(
        CredentialKind.Database, "databases", "<path d=\"M0 0\" />", DatabaseHandling.Words, CanExtend: true,
        (_, _, _, _) => Task.FromResult<ExtendOutcome>(new ExtendOutcome.NotFound()), (_, _, _) => Task.FromResult<RevokeOutcome>(new RevokeOutcome.Revoked()),
        credential => $"/databases?role={credential.Role}");

    public static readonly CredentialHandling SshHandling = Handling with
    {
        Kind = CredentialKind.SshCertificate, Words = Portal.Features.Ssh.SshHandling.Words, CanExtend = false, AskAgain = credential => $"/ssh?role={credential.Role}",
    };

    /// <summary>Active, with an hour left of eight.</summary>
    public static CredentialView Active(DateTimeOffset now, string reason = "fix order 42") => new(
        Guid.CreateVersion7(), CredentialKind.Database, "alice", "shop-readonly", "PostgreSQL shop", reason, "v-alice-shop-readonly-x7", CredentialState.Active,
        now.AddMinutes(-5), now.AddHours(1), now.AddHours(8), null, null, NeverShown: false, LastError: null);

    /// <summary>An active SSH certificate, with an hour left.</summary>
    public static CredentialView Certificate(DateTimeOffset now) => Active(now, "INC-42") with
    {
        Kind = CredentialKind.SshCertificate, OwnerLogin = "bob", Role = "oncall", Target = "web servers", Username = "deploy, ubuntu", LatestEnd = now.AddHours(1),
    };

    public static CredentialView Ended(DateTimeOffset now, string by) =>
        Active(now) with { State = CredentialState.Revoked, EndedAt = now.AddMinutes(-10), EndedBy = by };
}
