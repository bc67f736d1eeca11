using Microsoft.Extensions.Logging.Abstractions;

namespace Portal.Sandbox.Vault;

/// <summary>A Vault on loopback with a control port beside it: one in memory, or a door to another one.</summary>
public sealed class VaultServer : IAsyncDisposable
{
    private readonly IVault _vault;
    private readonly Listener _api;
    private readonly Listener _control;
    private readonly HttpClient _controlHttp = new();

    private VaultServer(IVault vault, VaultServerOptions options)
    {
        _vault = vault;
        var hooks = new ControlHooks(options.TimeProvider);
        _api = new Listener(options.Port, app =>
        {
            app.Use(hooks.InvokeAsync);
            app.Run(vault.HandleAsync);
        });
        _control = new Listener(options.ControlPort, app => new ControlEndpoints(vault, hooks, _api).Map(app));
        Control = new VaultControl(_controlHttp);
    }

    public Uri Address => _api.Address;

    public Uri ControlAddress => _control.Address;

    public string RootToken => _vault.RootToken;

    public VaultControl Control { get; }

    /// <summary>All that a client needs, under the portal's usual names.</summary>
    public VaultAccess Access => new(Address, RootToken) { Control = Control };

    /// <summary>Starts a Vault in memory.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static Task<VaultServer> StartAsync(VaultServerOptions options, ILoggerFactory? loggers = null)
    {
        loggers ??= NullLoggerFactory.Instance;
        return OpenAsync(new VaultEndpoint(new VaultCore(options, loggers), loggers.CreateLogger<VaultEndpoint>()), options);
    }

    /// <summary>Opens a door to a Vault that runs elsewhere, so that whoever comes through it meets the faults that the control port orders.</summary>
    public static Task<VaultServer> OpenDoorAsync(VaultAccess vault) => OpenAsync(new VaultDoor(vault), new VaultServerOptions());

    public async ValueTask DisposeAsync()
    {
        _controlHttp.Dispose();
        await _control.DisposeAsync();
        await _api.DisposeAsync();
        await _vault.DisposeAsync();
    }

    private static async Task<VaultServer> OpenAsync(IVault vault, VaultServerOptions options)
    {
        var server = new VaultServer(vault, options);
        try
        {
            await server._api.OpenAsync();
            await server._control.OpenAsync();
            server._controlHttp.BaseAddress = server.ControlAddress;
            server._controlHttp.Timeout = Timeout.InfiniteTimeSpan;
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
