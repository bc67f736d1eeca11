using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Vault;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Vault;

/// <summary>A Vault and the sandbox's Kubernetes API, the product's own set-up, and the product's client before them.</summary>
public sealed class SandboxVault : IAsyncLifetime
{
    private readonly List<IDisposable> _files = [];
    private readonly List<ServiceProvider> _clients = [];
    private PortalVault _vault = null!;
    private KubernetesServer _kubernetes = null!;

    /// <summary>For a Vault in memory as well as for clients that are given no other.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public string Prefix => _vault.Prefix;

    /// <summary>Path of the Kubernetes auth method, without <c>auth/</c>.</summary>
    public string AuthPath => _vault.Access.AuthPath;

    public string RootToken => _vault.RootToken;

    public TemporaryFile TokenFile { get; private set; } = null!;

    public VaultControl Control => _vault.Control;

    /// <inheritdoc cref="PortalVault.Named"/>
    public string Named(string path) => _vault.Named(path);

    public async ValueTask InitializeAsync()
    {
        _kubernetes = await KubernetesServer.StartAsync(new KubernetesServerOptions { TimeProvider = Time });
        TokenFile = Keep(ServiceAccountToken("portal"));
        _vault = await PortalVault.StartAsync(Time);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            await client.DisposeAsync();
        await _vault.DisposeAsync();
        await _kubernetes.DisposeAsync();
        foreach (var file in _files)
            file.Dispose();
    }

    public string ServiceAccountToken(string name) => _kubernetes.CreateToken("portal", name, null, TimeSpan.FromHours(1));

    public TemporaryFile Keep(string text)
    {
        var file = new TemporaryFile(text);
        _files.Add(file);
        return file;
    }

    public IConfiguration Configuration(params IEnumerable<(string Key, string? Value)> settings) => new ConfigurationBuilder()
        .AddInMemoryCollection([.. _vault.Settings, new("Vault:TokenFile", TokenFile.Path), new("VAULT_TOKEN", RootToken)])
        .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)))
        .Build();

    /// <summary>The product's services, as in the portal.</summary>
    public IServiceProvider Client(LogCapture? log = null, TimeProvider? time = null, Action<IServiceCollection>? more = null, params IEnumerable<(string, string?)> settings)
    {
        var services = new ServiceCollection()
            .AddSingleton(Configuration(settings))
            .AddSingleton(time ?? Time)
            .AddLogging(logging =>
            {
                if (log is not null)
                    logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
            })
            .AddVault();
        more?.Invoke(services);
        var provider = services.BuildServiceProvider();
        _clients.Add(provider);
        return provider;
    }

    /// <summary>Reads and writes as root.</summary>
    public VaultAdmin Root() => Client().GetRequiredService<VaultAdmin>().WithToken(RootToken);

    public string[] SetUpFlags =>
    [
        "--kubernetes-host", _kubernetes.Address.ToString().TrimEnd('/'),
        "--kubernetes-ca-file", Keep(_kubernetes.CaPem).Path,
        "--token-reviewer-jwt-file", Keep(_kubernetes.ReviewerToken).Path,
    ];

    public Task<SetUpRun> SetUpAsync(params string[] more) => SetUpWithAsync([], [.. SetUpFlags, .. more]);

    public async Task<SetUpRun> SetUpWithAsync(IEnumerable<(string, string?)> settings, string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await SetupVault.RunAsync(args, Configuration(settings), output, error, TestContext.Current.CancellationToken);
        return new SetUpRun(code, Lines(output), Lines(error));
    }

    private static string[] Lines(StringWriter text) => text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

public sealed record SetUpRun(int Code, IReadOnlyList<string> Output, IReadOnlyList<string> Errors)
{
    public SetUpRun ShouldBeFine()
    {
        Errors.ShouldBeEmpty();
        Code.ShouldBe(0);
        return this;
    }
}
