namespace Portal.Vault;

/// <summary>Calls Vault with the login of a role. Refused, it logs in afresh once: Vault may have forgotten the token.</summary>
public sealed class VaultClient(VaultTransport transport, VaultLogins logins)
{
    /// <returns>The answer's body, empty when there is none; <see langword="null"/> when what was asked for is not there.</returns>
    /// <exception cref="VaultException">Every failure but the caller's own cancellation.</exception>
    public async Task<byte[]?> SendAsync(VaultRole role, VaultRequest request, CancellationToken cancellationToken)
    {
        var login = await logins.GetAsync(role, cancellationToken);
        try
        {
            return await transport.SendAsync(request, login.Token, cancellationToken);
        }
        catch (VaultException refusal) when (refusal.Failure == VaultFailure.Denied)
        {
            var fresh = await logins.ReplaceAsync(role, login, cancellationToken);
            return await transport.SendAsync(request, fresh.Token, cancellationToken);
        }
    }
}
