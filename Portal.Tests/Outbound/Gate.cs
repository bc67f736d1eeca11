using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Outbound;
using Portal.Shell;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Outbound;

/// <summary>The product's way out, wired as in the portal, with names that lead where a test says.</summary>
public sealed class Gate : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<IPAddress>> _names = new();
    private readonly ServiceProvider _services;

    public Gate(params IEnumerable<(string Key, string? Value)> settings)
        : this(TimeProvider.System, null, settings)
    {
    }

    /// <param name="resolve">Null: <see cref="With"/> says.</param>
    public Gate(TimeProvider time, OutboundResolver? resolve, params IEnumerable<(string Key, string? Value)> settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Portal:PublicUrl", "https://portal.example.com"), new("Vault:Address", "https://vault.example.com:8200")])
            .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)))
            .Build();
        var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log))
            .AddSingleton(time)
            .AddSingleton(resolve ?? Resolve);
        services.AddOptions<PortalOptions>().BindConfiguration(PortalOptions.Section);
        services.AddOptions<VaultOptions>().BindConfiguration(VaultOptions.Section);
        _services = services.AddOutbound().BuildServiceProvider();
    }

    public LogCapture Log { get; } = new();

    public OutboundClients Clients => _services.GetRequiredService<OutboundClients>();

    public OutboundGate Judge => _services.GetRequiredService<OutboundGate>();

    public IServiceProvider Services => _services;

    /// <summary>What the name leads to, one after another; the last for ever.</summary>
    public Gate With(string name, params string[] addresses)
    {
        _names[name] = new(addresses.Select(IPAddress.Parse));
        return this;
    }

    /// <summary>Why a user's call to that address would be refused; null when it would not.</summary>
    public Task<string?> RefusalAsync(string address, int port = 443, string host = "cluster.example.org") =>
        Judge.RefusalAsync(host, IPAddress.Parse(address), port, TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private IPAddress[] Resolve(string host)
    {
        if (!_names.TryGetValue(host, out var addresses))
            throw new SocketException((int)SocketError.HostNotFound);
        if (addresses.Count > 1 && addresses.TryDequeue(out var next))
            return [next];
        return [addresses.First()];
    }
}
