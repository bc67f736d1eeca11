namespace Portal.Features.CloudCredentials;

/// <summary>A person as the identity provider knows them, so that what is kept in Vault means the same when the portal's database is lost.</summary>
/// <param name="Provider"><c>github</c>.</param>
/// <param name="Subject">The provider's immutable id.</param>
/// <param name="Login">A label, as it was then.</param>
public sealed record CloudIdentity(string Provider, string Subject, string Login)
{
    /// <summary>Whether both are the same person, whatever the logins.</summary>
    public bool Is(CloudIdentity other) => Provider == other.Provider && Subject == other.Subject;
}
