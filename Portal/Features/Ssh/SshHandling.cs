using Portal.Features.Credentials;

namespace Portal.Features.Ssh;

/// <summary>What the lists of credentials can do with certificates.</summary>
public static class SshHandling
{
    private const string NotExtendable = "A certificate cannot be extended: its end is part of what is signed. Ask for a new one.";

    public static readonly CredentialWords Words = new(
        Where: credential => credential.Username is { } principals ? $"{principals} on {credential.Target}" : credential.Target,
        Handle: credential => CertificateWish.KeyIdOf(credential.OwnerLogin, credential.Id),
        HandleTitle: "key id",
        End: "Revoke",
        EndVerb: "Revoke",
        Ending: "Revoking…",
        Question: "Revoke certificate",
        Effect: "Hosts refuse it as soon as they have the new revocation list. Sessions that are open stay open.",
        Ended: "is revoked",
        NeverShown: "The portal does not know that it was shown. If you do not have it, revoke it and ask again.");

    public static CredentialHandling Create(IServiceProvider services)
    {
        var certificates = services.GetRequiredService<SshCertificates>();
        return new(
            CredentialKind.SshCertificate,
            SshFeature.Scope,
            MudBlazor.Icons.Material.Outlined.Terminal,
            Words,
            CanExtend: false,
            ExtendAsync: (_, _, _, _) => Task.FromResult<ExtendOutcome>(new ExtendOutcome.Rejected("durationSeconds", NotExtendable)),
            EndAsync: certificates.RevokeAsync,
            AskAgain: credential => $"/ssh?role={Uri.EscapeDataString(credential.Role)}");
    }
}
