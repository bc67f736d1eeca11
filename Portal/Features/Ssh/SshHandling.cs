using Portal.Features.Credentials;

namespace Portal.Features.Ssh;

/// <summary>What the lists of credentials can do with certificates.</summary>
public static class SshHandling
{
    private const string NotExtendable = "A certificate cannot be extended: its end is part of what is signed. Ask for a new one.";

    public static CredentialHandling Create(IServiceProvider services)
    {
        var certificates = services.GetRequiredService<SshCertificates>();
        return new(
            CredentialKind.SshCertificate,
            SshFeature.Scope,
            MudBlazor.Icons.Material.Outlined.Terminal,
            (_, _, _, _) => Task.FromResult<ExtendOutcome>(new ExtendOutcome.Rejected("durationSeconds", NotExtendable)),
            certificates.RevokeAsync,
            credential => $"/ssh?role={Uri.EscapeDataString(credential.Role)}");
    }
}
