namespace Portal.Vault;

/// <summary>A kind of work at Vault. Each has a Kubernetes role and a policy of its own, and nothing more.</summary>
public enum VaultRole
{
    /// <summary>Keeps people's GitHub tokens; wraps the session keys.</summary>
    SignIn,

    /// <summary>Issues, extends and ends database credentials.</summary>
    Databases,

    /// <summary>Signs SSH certificates.</summary>
    Ssh,

    /// <summary>Signs access tokens and keeps the list of those that count.</summary>
    AccessTokens,

    /// <summary>Keeps the teams' cloud credentials.</summary>
    CloudCredentials,

    /// <summary>Wraps the key of the audit trail.</summary>
    Audit,

    /// <summary>Looks at Vault for <c>/health</c>.</summary>
    Health,

    /// <summary>Configures engines. There only after <c>setup-vault --with-admin</c>.</summary>
    Admin,
}
