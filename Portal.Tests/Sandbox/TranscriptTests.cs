using Microsoft.Extensions.Time.Testing;
using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Vault;
using Portal.Tests.Support;

namespace Portal.Tests.Sandbox;

/// <summary>The sandbox's Vault, or the outside one, says what a real one said.</summary>
[Collection(VaultGlobals.Name)]
public sealed class TranscriptTests(DatabaseServers databases) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly HttpClient _http = new();
    private readonly Dictionary<string, string> _environment = [];
    private VaultServer? _vault;

    public async ValueTask InitializeAsync()
    {
        if (OutsideVault.Current is { } outside)
        {
            (_http.BaseAddress, _environment["root_token"]) = (outside.Address, outside.Token);
            return;
        }

        _vault = await VaultServer.StartAsync(new VaultServerOptions { TimeProvider = _time });
        _http.BaseAddress = _vault.Address;
        _environment["root_token"] = _vault.RootToken;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_vault is not null)
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

    private async Task ReplayAsync(Transcript transcript)
    {
        if (OutsideVault.Current is not { } outside)
        {
            await new TranscriptReplay(_http, _environment, WaitAsync).RunAsync(transcript);
            return;
        }

        await TranscriptNames.RequireNoneAsync(transcript, outside);
        try
        {
            // Its time is the real one: as long as when it was recorded.
            await new TranscriptReplay(_http, _environment, span => Task.Delay(span, TestContext.Current.CancellationToken), isOutside: true).RunAsync(transcript);
        }
        finally
        {
            await TranscriptNames.ForgetAsync(transcript, outside);
            await outside.RestoreHeadersAsync();
        }
    }

    private Task WaitAsync(TimeSpan span)
    {
        _time.Advance(span);
        return _vault!.Control.SettleAsync(TestContext.Current.CancellationToken);
    }
}
