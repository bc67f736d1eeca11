using Portal.Vault;

namespace Portal.Features.Health;

/// <summary>What a failure of Vault means for the portal as a whole, in plain words, and what whoever runs it can do.</summary>
/// <param name="Says">For everybody: no path, none of Vault's words.</param>
/// <param name="Remedy">A command or a step.</param>
public sealed record VaultTrouble(string Title, string Says, string Remedy)
{
    public const string SetUpCommand = "dotnet Portal.dll setup-vault";

    public static VaultTrouble Unreachable { get; } = new(
        "Vault does not answer",
        "The portal cannot reach Vault.",
        "Look whether Vault runs, and whether the portal's Vault:Address, Vault:CaFile and network let it through.");

    public static VaultTrouble Sealed { get; } = new(
        "Vault is sealed",
        "Vault runs, but is locked until an operator unseals it.",
        "vault operator unseal");

    public static VaultTrouble NotSetUp { get; } = new(
        "Vault is not set up",
        "Vault runs, but lacks something that the portal needs.",
        SetUpCommand);

    public static VaultTrouble Refuses { get; } = new(
        "Vault refuses the portal",
        "Vault runs, but does not let the portal in.",
        SetUpCommand);

    public static VaultTrouble Unexpected { get; } = new(
        "Vault answers unexpectedly",
        "Vault runs, but does not do what the portal asks.",
        "Vault's own log tells why.");

    public static VaultTrouble Of(VaultException failure) => failure.Failure switch
    {
        VaultFailure.Unreachable => Unreachable,
        VaultFailure.Sealed => Sealed,
        _ when LacksSomething(failure) => NotSetUp,
        VaultFailure.Denied => Refuses,
        _ => Unexpected,
    };

    // No role, no auth method ("missing client token": the path is none that needs no token), no mount, no key.
    private static bool LacksSomething(VaultException failure) => failure.Status is 404
        || failure.Errors.Any(error =>
            error.Contains("invalid role name", StringComparison.Ordinal)
            || error.Contains("missing client token", StringComparison.Ordinal)
            || error.Contains("encryption key not found", StringComparison.Ordinal));
}
