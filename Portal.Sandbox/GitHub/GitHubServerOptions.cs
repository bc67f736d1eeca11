namespace Portal.Sandbox.GitHub;

public sealed record GitHubServerOptions
{
    /// <summary>Loopback port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Port on which other processes change the state (<see cref="GitHubControl"/>); 0 takes a free one, null opens none.</summary>
    public int? ControlPort { get; init; }

    /// <summary>The registered OAuth application.</summary>
    public string ClientId { get; init; } = "Iv23sandboxportal";

    public string ClientSecret { get; init; } = "sandbox-client-secret";

    public string ApplicationName { get; init; } = "Vault Portal";

    /// <summary>
    /// Where the application may send people back: same scheme, host and port, same path or below. As at GitHub, the port of 127.0.0.1 and [::1] is free.
    /// The first one receives errors about the others.
    /// </summary>
    public IReadOnlyList<Uri> CallbackUrls { get; init; } = [new("http://127.0.0.1/sign-in/github/callback")];

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
