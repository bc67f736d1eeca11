using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Vault;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Vault;

/// <summary>
/// The sandbox's Vault and Kubernetes API, the product's own set-up, and the product's client before them. With
/// PORTAL_TEST_VAULT_ADDR and PORTAL_TEST_VAULT_TOKEN that Vault instead, under names of its own.
/// </summary>
public sealed class SandboxVault : IAsyncLifetime
{
    private readonly string? _outside = Environment.GetEnvironmentVariable("PORTAL_TEST_VAULT_ADDR");
    private readonly List<IDisposable> _files = [];
    private readonly List<ServiceProvider> _clients = [];
    private VaultServer? _server;
    private KubernetesServer _kubernetes = null!;

    /// <summary>For the Vault as well as for clients that are given no other.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public string Prefix { get; private set; } = "portal";

    public string RootToken { get; private set; } = "";

    public TemporaryFile TokenFile { get; private set; } = null!;

    public VaultControl Control => _server?.Control ?? throw new InvalidOperationException("Only the sandbox's Vault has a control port.");

    /// <summary>Skips the test where the Vault is no sandbox.</summary>
    public void NeedsControl() => Assert.SkipWhen(_server is null, "Only the sandbox's Vault can be sealed, slowed down and so on.");

    public async ValueTask InitializeAsync()
    {
        _kubernetes = await KubernetesServer.StartAsync(new KubernetesServerOptions { TimeProvider = Time });
        TokenFile = Keep(ServiceAccountToken("portal"));
        if (_outside is null)
        {
            _server = await VaultServer.StartAsync(new VaultServerOptions { TimeProvider = Time });
            RootToken = _server.RootToken;
        }
        else
        {
            Prefix = $"pt{Guid.CreateVersion7():N}"[^16..];
            RootToken = Environment.GetEnvironmentVariable("PORTAL_TEST_VAULT_TOKEN") ?? "";
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_outside is not null)
            await CleanUpAsync();
        foreach (var client in _clients)
            await client.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
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
        .AddInMemoryCollection(
        [
            new("Vault:Address", _outside ?? _server!.Address.ToString()),
            new("Vault:Prefix", Prefix),
            new("Vault:AuthPath", _outside is null ? "kubernetes" : $"{Prefix}-kubernetes"),
            new("Vault:TokenFile", TokenFile.Path),
            new("VAULT_TOKEN", RootToken),
        ])
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

    private async Task CleanUpAsync()
    {
        var (root, names) = (Root(), Client().GetRequiredService<VaultNames>());
        foreach (var mount in new[] { names.Kv, names.Database, names.Transit })
            await root.DeleteAsync($"sys/mounts/{mount}", CancellationToken.None);
        await root.DeleteAsync($"sys/auth/{names.AuthPath}", CancellationToken.None);
        foreach (var policy in (await root.ListAsync("sys/policies/acl", CancellationToken.None)).Where(policy => policy.StartsWith($"{Prefix}-", StringComparison.Ordinal)))
            await root.DeleteAsync($"sys/policies/acl/{policy}", CancellationToken.None);
    }
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
