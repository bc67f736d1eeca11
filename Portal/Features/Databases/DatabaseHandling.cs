using Portal.Features.Credentials;

namespace Portal.Features.Databases;

/// <summary>What the lists of credentials can do with those of databases.</summary>
public static class DatabaseHandling
{
    public static readonly CredentialWords Words = new(
        Where: credential => credential.Target,
        Handle: credential => credential.Username,
        HandleTitle: "user name",
        End: "End now",
        EndVerb: "End",
        Ending: "Ending…",
        Question: "End credentials",
        Effect: "Log-in is refused from then on, and every session still open with them is cut. Running queries are lost.",
        Ended: "is ended",
        NeverShown: "The portal does not know that its password was shown. If you do not have it, end it and ask again.");

    public static CredentialHandling Create(IServiceProvider services)
    {
        var credentials = services.GetRequiredService<DatabaseCredentials>();
        return new(
            CredentialKind.Database,
            DatabasesFeature.Scope,
            MudBlazor.Icons.Material.Outlined.Storage,
            Words,
            CanExtend: true,
            ExtendAsync: credentials.ExtendAsync,
            EndAsync: credentials.RevokeAsync,
            AskAgain: credential => $"/databases?role={Uri.EscapeDataString(credential.Role)}");
    }
}
