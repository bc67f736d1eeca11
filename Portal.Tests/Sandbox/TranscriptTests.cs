using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Servers;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

/// <summary>The sandbox's Vault says what a real one said.</summary>
public sealed class TranscriptTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly HttpClient _http = new();
    private readonly Dictionary<string, string> _environment = [];
    private VaultServer _vault = null!;

    public async ValueTask InitializeAsync()
    {
        _vault = await VaultServer.StartAsync(new VaultServerOptions { TimeProvider = _time });
        _http.BaseAddress = _vault.Address;
        _environment["root_token"] = _vault.RootToken;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _vault.DisposeAsync();
    }

    [Theory]
    [InlineData("system")]
    [InlineData("tokens")]
    [InlineData("kv-v2")]
    [InlineData("transit")]
    [InlineData("wrapping")]
    public Task It_answers_as_recorded(string scenario) => ReplayAsync(Transcript.Load(scenario));

    [Theory]
    [InlineData("database-postgresql")]
    [InlineData("credential-lifetime")]
    public async Task It_answers_as_recorded_about_databases(string scenario)
    {
        var folder = Directory.CreateTempSubdirectory("transcripts-");
        await using (var postgres = await PostgresServer.StartAsync(Path.Combine(folder.FullName, "postgres")))
        {
            await CreateDatabaseAsync(postgres);
            (_environment["postgres_addr"], _environment["postgres_user"], _environment["postgres_password"]) =
                ($"{postgres.Host}:{postgres.Port}", postgres.Superuser, postgres.SuperuserPassword);
            await ReplayAsync(WithoutMySql(Transcript.Load(scenario)));
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_answers_as_recorded_about_kubernetes_logins()
    {
        await using var kubernetes = await KubernetesServer.StartAsync();
        _environment["k8s_host"] = kubernetes.Address.AbsoluteUri;
        _environment["k8s_ca"] = kubernetes.CaPem;
        _environment["k8s_reviewer_jwt"] = kubernetes.ReviewerToken;
        _environment["sa_jwt"] = kubernetes.CreateToken("portal", "portal", null, TimeSpan.FromHours(1));
        _environment["other_jwt"] = kubernetes.CreateToken("portal", "other", null, TimeSpan.FromHours(1));
        await ReplayAsync(Transcript.Load("kubernetes-auth"));
    }

    private static async Task CreateDatabaseAsync(PostgresServer postgres)
    {
        await using var source = NpgsqlDataSource.Create(postgres.AdminConnectionString("postgres"));
        await using var command = source.CreateCommand("CREATE DATABASE app");
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static Transcript WithoutMySql(Transcript transcript) => transcript with
    {
        Steps = [.. transcript.Steps.Where(step => !step.Name.Contains("MySQL", StringComparison.Ordinal) && (string?)step.Request.Body?["plugin_name"] != "mysql-database-plugin")],
    };

    private Task ReplayAsync(Transcript transcript) => new TranscriptReplay(_http, _environment, WaitAsync).RunAsync(transcript);

    private Task WaitAsync(TimeSpan span)
    {
        _time.Advance(span);
        return _vault.Control.SettleAsync(TestContext.Current.CancellationToken);
    }
}
