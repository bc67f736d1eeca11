using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Vault;

/// <summary>The client before a Vault that is sealed, slow, stopped, forgetful or strict.</summary>
public sealed class VaultTroubleTests : IAsyncLifetime
{
    private const string Key = VaultNames.AuditKey;
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly LogCapture _log = new();
    private readonly SandboxVault _vault;
    private IServiceProvider _client = null!;
    private TransitEngine _transit = null!;

    public VaultTroubleTests() => _vault = new SandboxVault { Time = _time };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _vault.InitializeAsync();
        (await _vault.SetUpAsync()).ShouldBeFine();
        _client = _vault.Client(_log);
        _transit = _client.GetRequiredService<TransitEngine>();
        await EncryptAsync();
        await _vault.Control.ResetAsync(Ct);
    }

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Fact]
    public async Task A_sealed_Vault_is_told_and_works_again_with_the_same_login_when_unsealed()
    {
        await _vault.Control.SealAsync(Ct);
        (await FailureAsync()).Failure.ShouldBe(VaultFailure.Sealed);

        await _vault.Control.UnsealAsync(Ct);
        await EncryptAsync();

        (await LoginsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_stopped_Vault_is_told_and_works_again_when_it_is_back()
    {
        await _vault.Control.StopAsync(Ct);
        (await FailureAsync()).ShouldSatisfyAllConditions(
            failure => failure.Failure.ShouldBe(VaultFailure.Unreachable),
            failure => failure.Path.ShouldBe($"{_vault.Prefix}-transit/encrypt/audit"),
            failure => failure.Status.ShouldBeNull());

        await _vault.Control.StartAsync(Ct);
        await EncryptAsync();
    }

    [Fact]
    public async Task A_slow_Vault_is_given_up_in_time()
    {
        var hasty = _vault.Client(settings: ("Vault:Timeout", "00:00:01")).GetRequiredService<VaultTransport>();
        await _vault.Control.SlowAsync(TimeSpan.FromHours(1), "sys/*", Ct);

        var failure = await Should.ThrowAsync<VaultException>(() => hasty.SendAsync(new VaultRequest(HttpMethod.Get, "sys/health"), null, Ct));

        failure.Failure.ShouldBe(VaultFailure.Unreachable);
        failure.Words.ShouldBe("no answer within 1 s");
    }

    [Fact]
    public async Task Cut_in_the_middle_of_an_answer_is_unreachable()
    {
        await _vault.Control.HoldAsync("POST", $"{_vault.Prefix}-transit/encrypt/audit", Ct);
        var failure = FailureAsync();
        await _vault.Control.WaitUntilHeldAsync(Ct);
        await _vault.Control.DropAsync(Ct);

        (await failure).Failure.ShouldBe(VaultFailure.Unreachable);
    }

    [Fact]
    public async Task Forgotten_tokens_cost_one_fresh_login_however_many_call()
    {
        await _vault.Control.ForgetTokensAsync(Ct);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => EncryptAsync()));

        (await LoginsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_refusal_is_told_with_its_path_after_one_fresh_login()
    {
        await _vault.Control.DenyAsync($"{_vault.Prefix}-transit/encrypt/audit", Ct);

        (await FailureAsync()).ShouldSatisfyAllConditions(
            failure => failure.Failure.ShouldBe(VaultFailure.Denied),
            failure => failure.Path.ShouldBe($"{_vault.Prefix}-transit/encrypt/audit"));
        (await LoginsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_service_account_that_may_not_log_in_is_denied_at_the_login()
    {
        _vault.TokenFile.Write(_vault.ServiceAccountToken("other"));
        var stranger = _vault.Client().GetRequiredService<TransitEngine>();

        var failure = await Should.ThrowAsync<VaultException>(() => stranger.EncryptAsync(VaultRole.Audit, Key, [1], Ct));

        failure.ShouldSatisfyAllConditions(
            _ => failure.Failure.ShouldBe(VaultFailure.Denied),
            _ => failure.Path.ShouldBe($"auth/{_vault.AuthPath}/login"),
            _ => failure.Words.ShouldContain($"login as {_vault.Prefix}-audit: service account name not authorized"));
    }

    [Fact]
    public async Task The_login_lives_on_by_renewal_and_beyond_its_longest_life_by_a_fresh_login()
    {
        OutsideVault.Skip("It takes hours of Vault's own clock, which moves for a Vault in memory alone.");
        // Steps of eight minutes: every second one passes two thirds of the 20 minutes that a login lives; its longest life is two hours.
        for (var step = 0; step < 30; step++)
        {
            _time.Advance(TimeSpan.FromMinutes(8));
            // Kubernetes replaces it in time.
            _vault.TokenFile.Write(_vault.ServiceAccountToken("portal"));
            await EncryptAsync();
            while ((await _client.GetRequiredService<VaultLogins>().GetAsync(VaultRole.Audit, Ct)).RenewAt <= _time.GetUtcNow())
                await Task.Delay(5, Ct);
        }

        var requests = await _vault.Control.RequestsAsync(Ct);
        requests.Count(request => request.Path == "auth/token/renew-self").ShouldBeInRange(10, 15);
        requests.Count(request => request.Path == $"auth/{_vault.AuthPath}/login").ShouldBeInRange(1, 3);
    }

    [Fact]
    public async Task Nothing_secret_is_logged_through_all_of_it()
    {
        await _vault.Control.ForgetTokensAsync(Ct);
        await EncryptAsync();
        await _vault.Control.DenyAsync($"{_vault.Prefix}-transit/*", Ct);
        var denied = await FailureAsync();
        await _vault.Control.SealAsync(Ct);
        var closed = await FailureAsync();

        var told = $"{_log.Text}\n{denied}\n{closed}";
        told.ShouldContain($"Logged in to Vault as {_vault.Prefix}-audit");
        told.ShouldNotContain(File.ReadAllText(_vault.TokenFile.Path));
        told.ShouldNotMatch(@"\b(s|hvs)\.[A-Za-z0-9]{10,}");
        told.ShouldNotContain("X-Vault-Token");
    }

    private Task<string> EncryptAsync() => _transit.EncryptAsync(VaultRole.Audit, Key, "plain"u8.ToArray(), Ct);

    private Task<VaultException> FailureAsync() => Should.ThrowAsync<VaultException>(EncryptAsync);

    private async Task<int> LoginsAsync() =>
        (await _vault.Control.RequestsAsync(Ct)).Count(request => request.Path == $"auth/{_vault.AuthPath}/login");
}
