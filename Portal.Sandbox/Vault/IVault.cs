namespace Portal.Sandbox.Vault;

/// <summary>A Vault as its listener and its control port see it: the one in memory, or the way to another one.</summary>
internal interface IVault : IAsyncDisposable
{
    string RootToken { get; }

    bool IsSealed { get; set; }

    Task HandleAsync(HttpContext context);

    /// <summary>Revokes tokens, and with them their leases.</summary>
    Task ForgetTokensAsync(CancellationToken cancellationToken);

    /// <summary>Waits until everything that is due to end has been tried.</summary>
    Task SettleAsync(CancellationToken cancellationToken);
}
