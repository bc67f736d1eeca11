using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Features.Access;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Sandbox.Kubernetes;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Features.Access;

/// <param name="Output">Lines.</param>
/// <param name="Error">Lines, the file's path cut off.</param>
public sealed record Applied(int ExitCode, IReadOnlyList<string> Output, IReadOnlyList<string> Error);

/// <summary>A Vault that setup-vault prepared, a folder with access files and passwords, and the portal's own services on an empty database.</summary>
public sealed class AccessBench : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("access-");
    private readonly KubernetesServer _kubernetes;
    private readonly ServiceProvider _services;

    private AccessBench(PortalVault vault, KubernetesServer kubernetes)
    {
        (Vault, _kubernetes) = (vault, kubernetes);
        Configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(vault.Settings)
        {
            ["Database:ConnectionString"] = $"Data Source={DatabaseFile}",
            ["Vault:TokenFile"] = File("service-account"),
        }).Build();
        _services = new ServiceCollection().AddSingleton<IConfiguration>(Configuration).AddLogging()
            .AddData().AddVault().AddAudit().AddCredentials().AddAccess().BuildServiceProvider();
    }

    public PortalVault Vault { get; }

    public string DatabaseFile => File("portal.db");

    public VaultAdmin Operator => Get<VaultAdmin>().WithToken(Vault.RootToken);

    private IConfiguration Configuration { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<AccessBench> StartAsync()
    {
        var bench = new AccessBench(await PortalVault.StartAsync(), await KubernetesServer.StartAsync());
        bench.Write("root-token", bench.Vault.RootToken);
        bench.Write("service-account", bench._kubernetes.CreateToken("portal", "portal", null, TimeSpan.FromHours(1)));
        bench.Write("ca", bench._kubernetes.CaPem);
        bench.Write("reviewer", bench._kubernetes.ReviewerToken);
        string[] setUp =
        [
            "--with-admin", "--vault-token-file", bench.File("root-token"), "--kubernetes-host", bench._kubernetes.Address.GetLeftPart(UriPartial.Authority),
            "--kubernetes-ca-file", bench.File("ca"), "--token-reviewer-jwt-file", bench.File("reviewer"),
        ];
        using var error = new StringWriter();
        (await SetupVault.RunAsync(setUp, bench.Configuration, TextWriter.Null, error, Cancel)).ShouldBe(0, error.ToString());
        return bench;
    }

    public string File(string name) => Path.Combine(_folder.FullName, name);

    public void Write(string name, string text) => System.IO.File.WriteAllText(File(name), text);

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Applies with the root token.</summary>
    public Task<Applied> ApplyAsync(string text, params string[] flags) => RunAsync(text, [.. flags, "--vault-token-file", File("root-token")]);

    public async Task<Applied> RunAsync(string text, params string[] flags)
    {
        // Two runs at once read the same file: the second does not write it under the first one's eyes.
        var path = File("access.yaml");
        if (!System.IO.File.Exists(path) || await System.IO.File.ReadAllTextAsync(path, Cancel) != text)
            Write("access.yaml", text);
        return await RunAsync([File("access.yaml"), .. flags]);
    }

    public async Task<Applied> RunAsync(string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await ApplyAccess.RunAsync(args, _services, output, error, Cancel);
        return new Applied(exitCode, Lines(output), [.. Lines(error).Select(line => line.Replace(File("access.yaml") + ":", "", StringComparison.Ordinal))]);
    }

    public async Task<T> QueryAsync<T>(Func<PortalDb, Task<T>> query)
    {
        await using var db = await Get<IDbContextFactory<PortalDb>>().CreateDbContextAsync(Cancel);
        return await query(db);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Vault.DisposeAsync();
        await _kubernetes.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    private static string[] Lines(StringWriter writer) => writer.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
