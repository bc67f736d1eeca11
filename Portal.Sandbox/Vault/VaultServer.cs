using Microsoft.Extensions.Logging.Abstractions;

namespace Portal.Sandbox.Vault;

/// <summary>A Vault in memory, on loopback, with a control port beside it.</summary>
public sealed class VaultServer : IAsyncDisposable
{
    private readonly VaultCore _core;
    private readonly Listener _api;
    private readonly Listener _control;
    private readonly HttpClient _controlHttp = new();

    private VaultServer(VaultServerOptions options, ILoggerFactory loggers)
    {
        _core = new VaultCore(options, loggers);
        var endpoint = new VaultEndpoint(_core, loggers.CreateLogger<VaultEndpoint>());
        var hooks = new ControlHooks(options.TimeProvider);
        _api = new Listener(options.Port, app =>
        {
            app.Use(hooks.InvokeAsync);
            app.Run(endpoint.HandleAsync);
        });
        _control = new Listener(options.ControlPort, app => new ControlEndpoints(_core, hooks, _api).Map(app));
        Control = new VaultControl(_controlHttp);
    }

    public Uri Address => _api.Address;

    public Uri ControlAddress => _control.Address;

    public string RootToken => _core.RootToken.Id;

    public VaultControl Control { get; }

    public static async Task<VaultServer> StartAsync(VaultServerOptions options, ILoggerFactory? loggers = null)
    {
        var server = new VaultServer(options, loggers ?? NullLoggerFactory.Instance);
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

    public async ValueTask DisposeAsync()
    {
        _controlHttp.Dispose();
        await _control.DisposeAsync();
        await _api.DisposeAsync();
        await _core.DisposeAsync();
    }
}
