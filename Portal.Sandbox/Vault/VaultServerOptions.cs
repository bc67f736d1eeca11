namespace Portal.Sandbox.Vault;

public sealed record VaultServerOptions
{
    /// <summary>Port of the API on loopback; 0 = any free one.</summary>
    public int Port { get; init; }

    /// <summary>Port of the control API on loopback; 0 = any free one.</summary>
    public int ControlPort { get; init; }

    /// <summary>Made up when absent.</summary>
    public string? RootToken { get; init; }

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>First pause after a revocation that failed; it doubles each time. Vault's is ten seconds.</summary>
    public TimeSpan RevocationRetry { get; init; } = TimeSpan.FromSeconds(10);
}
