using Portal.Vault;

namespace Portal.Features.Access;

/// <summary>What Vault's refusals mean to whoever applies a file.</summary>
public static class VaultWords
{
    public static string Of(VaultException exception) => exception switch
    {
        { Failure: VaultFailure.Unreachable } => $"Vault does not answer: {exception.Words}",
        { Failure: VaultFailure.Sealed } => "Vault is sealed",
        { Failure: VaultFailure.Denied } => $"Vault refuses {exception.Path}: this token or login lacks a policy, or is over",
        { Status: 404 } => $"Vault has nothing at {exception.Path}: run setup-vault first",
        _ => $"Vault says: {exception.Words}",
    };
}
