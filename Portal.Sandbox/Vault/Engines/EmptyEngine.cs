namespace Portal.Sandbox.Vault.Engines;

/// <summary>An engine that can be mounted and knows no path.</summary>
internal sealed class EmptyEngine : Engine;
