using Portal.Sandbox.Vault;

namespace Portal.Tests.Support;

/// <summary>
/// A Vault for a portal under test, which the test may break: one in memory, or a part of the run's outside Vault with a door before it.
/// </summary>
public sealed class PortalVault : IAsyncDisposable
{
    private readonly VaultServer _server;

    private PortalVault(VaultServer server, VaultAccess access)
    {
        _server = server;
        Access = access with { Address = server.Address, Control = server.Control };
    }

    public VaultAccess Access { get; }

    public Uri Address => Access.Address;

    public string RootToken => Access.RootToken;

    public VaultControl Control => Access.Control;

    /// <summary>What the portal's mounts, roles and policies start with there.</summary>
    public string Prefix => Access.Prefix;

    /// <summary>What the portal has to be told about it, by key.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Vault:Address"] = Address.GetLeftPart(UriPartial.Authority),
        ["Vault:Prefix"] = Prefix,
        ["Vault:AuthPath"] = Access.AuthPath,
    };

    /// <param name="time">The clock of a Vault in memory.</param>
    public static async Task<PortalVault> StartAsync(TimeProvider? time = null)
    {
        if (OutsideVault.Current?.Part() is { } part)
            return new PortalVault(await VaultServer.OpenDoorAsync(part), part);
        var server = await VaultServer.StartAsync(new VaultServerOptions { TimeProvider = time ?? TimeProvider.System });
        return new PortalVault(server, server.Access);
    }

    /// <summary>Fills in the prefix and the path of the Kubernetes login: <c>{prefix}-kv/data/x</c>, <c>auth/{kubernetes}/login</c>.</summary>
    public string Named(string path) =>
        path.Replace("{prefix}", Prefix, StringComparison.Ordinal).Replace("{kubernetes}", Access.AuthPath, StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        if (OutsideVault.Current is { } outside)
            await outside.CleanAsync(Prefix);
    }
}
