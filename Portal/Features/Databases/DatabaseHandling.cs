using Portal.Features.Credentials;

namespace Portal.Features.Databases;

/// <summary>What the lists of credentials can do with those of databases.</summary>
public static class DatabaseHandling
{
    public static CredentialHandling Create(IServiceProvider services)
    {
        var credentials = services.GetRequiredService<DatabaseCredentials>();
        return new(
            CredentialKind.Database,
            DatabasesFeature.Scope,
            MudBlazor.Icons.Material.Outlined.Storage,
            credentials.ExtendAsync,
            credentials.RevokeAsync,
            credential => $"/databases?role={Uri.EscapeDataString(credential.Role)}");
    }
}
