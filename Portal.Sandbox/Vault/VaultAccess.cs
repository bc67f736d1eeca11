namespace Portal.Sandbox.Vault;

/// <summary>A Vault that somebody may use: where it is, with which token, and how the portal's things are called in it.</summary>
/// <param name="RootToken">May do everything that `setup-vault` and `apply` do.</param>
public sealed record VaultAccess(Uri Address, string RootToken)
{
    /// <summary>What mounts, roles and policies of the portal start with.</summary>
    public string Prefix { get; init; } = "portal";

    /// <summary>Path of the Kubernetes auth method, without <c>auth/</c>.</summary>
    public string AuthPath { get; init; } = "kubernetes";

    /// <summary>PEM file with the authorities that vouch for it; absent: the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>The client of its control port.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public VaultControl Control
    {
        get => field ?? throw new InvalidOperationException("That Vault has no control port.");
        init;
    }

    public override string ToString() => Address.GetLeftPart(UriPartial.Authority);
}
