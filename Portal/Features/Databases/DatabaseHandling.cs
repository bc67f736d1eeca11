using Portal.Features.Credentials;
using Portal.Features.SignIn;

namespace Portal.Features.Databases;

/// <summary>What the lists of credentials can do with those of databases, with the answers in words.</summary>
public static class DatabaseHandling
{
    public static CredentialHandling Create(IServiceProvider services)
    {
        var credentials = services.GetRequiredService<DatabaseCredentials>();
        return new(
            CredentialKind.Database,
            MudBlazor.Icons.Material.Outlined.Storage,
            async (actor, id, duration, ct) => await credentials.ExtendAsync(actor, id, duration, ct) switch
            {
                ExtendOutcome.Rejected(_, var message) => message,
                ExtendOutcome.NotFound => "It has ended meanwhile.",
                _ => null,
            },
            (actor, id, ct) => EndAsync(credentials, actor, id, ct),
            credential => $"/databases?role={Uri.EscapeDataString(credential.Role)}");
    }

    /// <returns>Null when done, or when the portal goes on trying, which the list shows; else why not.</returns>
    public static async Task<string?> EndAsync(DatabaseCredentials credentials, Actor actor, Guid id, CancellationToken cancellationToken) =>
        await credentials.RevokeAsync(actor, id, cancellationToken) is RevokeOutcome.NotFound ? "You hold no such credentials." : null;
}
