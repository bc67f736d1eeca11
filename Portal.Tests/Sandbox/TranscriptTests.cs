using Microsoft.Extensions.Time.Testing;
using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

/// <summary>The sandbox's Vault says what a real one said.</summary>
public sealed class TranscriptTests(DatabaseServers databases) : IAsyncLifetime
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
    [InlineData("ssh")]
    [InlineData("wrapping")]
    public Task It_answers_as_recorded(string scenario) => ReplayAsync(Transcript.Load(scenario));

    [Theory]
    [InlineData("database-postgresql")]
    [InlineData("database-mysql")]
    [InlineData("credential-lifetime")]
    public async Task It_answers_as_recorded_about_databases(string scenario)
    {
        var (postgres, mariaDb) = (await databases.PostgresAsync(), await databases.MariaDbAsync());
        (_environment["postgres_addr"], _environment["postgres_user"], _environment["postgres_password"]) =
            ($"{postgres.Host}:{postgres.Port}", postgres.Superuser, postgres.SuperuserPassword);
        (_environment["mysql_addr"], _environment["mysql_user"], _environment["mysql_password"]) =
            ($"{mariaDb.Host}:{mariaDb.Port}", mariaDb.Superuser, mariaDb.SuperuserPassword);
        await ReplayAsync(Transcript.Load(scenario));
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

    private Task ReplayAsync(Transcript transcript) => new TranscriptReplay(_http, _environment, WaitAsync).RunAsync(transcript);

    private Task WaitAsync(TimeSpan span)
    {
        _time.Advance(span);
        return _vault.Control.SettleAsync(TestContext.Current.CancellationToken);
    }
}
