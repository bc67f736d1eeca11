using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Portal.Sandbox.Vault;

/// <summary>A web server on loopback that can be closed and opened again at the same port.</summary>
internal sealed class Listener(int port, Action<WebApplication> configure) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private WebApplication? _app;

    public Uri Address => new($"http://127.0.0.1:{port}");

    public async Task OpenAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_app is not null)
                return;
            var app = Build();
            configure(app);
            await app.StartAsync();
            port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
            _app = app;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Requests under way are cut.</summary>
    public async Task CloseAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_app is null)
                return;
            await _app.StopAsync(new CancellationToken(canceled: true));
            await _app.DisposeAsync();
            _app = null;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _gate.Dispose();
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.Zero);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
            kestrel.Limits.MaxRequestBodySize = VaultEndpoint.MaxBodyBytes;
            // Slow on purpose, in tests.
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        return builder.Build();
    }

    /// <summary>Ctrl+C is for the one who started this.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
