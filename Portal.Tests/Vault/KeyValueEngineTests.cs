using Microsoft.Extensions.DependencyInjection;
using Portal.Vault;

namespace Portal.Tests.Vault;

public sealed class KeyValueEngineTests : IAsyncLifetime
{
    private const string UserPath = "users/0193a1b2-0000-7000-8000-000000000001/github";
    private static readonly OnBehalfOf s_alice = new("alice");
    private readonly SandboxVault _vault = new();
    private KeyValueEngine _engine = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _vault.InitializeAsync();
        (await _vault.SetUpAsync()).ShouldBeFine();
        _engine = _vault.Client().GetRequiredService<KeyValueEngine>();
    }

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Fact]
    public async Task What_is_written_is_read()
    {
        await WriteAsync("one \"ü\" \n");

        (await ReadAsync()).ShouldNotBeNull().Data.ShouldBe(new Dictionary<string, string> { ["access_token"] = "one \"ü\" \n" });
    }

    [Fact]
    public async Task Each_write_is_a_version()
    {
        await WriteAsync("one");
        await WriteAsync("two");

        (await ReadAsync()).ShouldNotBeNull().ShouldSatisfyAllConditions(secret => secret.Version.ShouldBe(2), secret => secret.Data["access_token"].ShouldBe("two"));
        (await ReadVersionAsync(1)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_replaced_secret_leaves_no_earlier_version()
    {
        await WriteAsync("one");
        await _engine.ReplaceAsync(VaultRole.SignIn, UserPath, Data("two"), s_alice, Ct);

        (await ReadAsync()).ShouldNotBeNull().Data["access_token"].ShouldBe("two");
        (await ReadVersionAsync(1)).ShouldBeNull();
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_again_is_fine()
    {
        await WriteAsync("one");

        await _engine.DeleteAsync(VaultRole.SignIn, UserPath, s_alice, Ct);
        (await ReadAsync()).ShouldBeNull();
        await _engine.DeleteAsync(VaultRole.SignIn, UserPath, s_alice, Ct);

        await WriteAsync("two");
        (await ReadAsync()).ShouldNotBeNull().Version.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_not_there_is_null() => (await ReadAsync()).ShouldBeNull();

    [Fact]
    public async Task A_missing_mount_is_no_missing_secret()
    {
        await _vault.Root().DeleteAsync($"sys/mounts/{_vault.Prefix}-kv", Ct);

        (await Should.ThrowAsync<VaultException>(ReadAsync)).Words.ShouldContain("no handler for route");
    }

    private Task<KeyValueSecret?> ReadAsync() => _engine.ReadAsync(VaultRole.SignIn, UserPath, Ct);

    private Task WriteAsync(string token) => _engine.WriteAsync(VaultRole.SignIn, UserPath, Data(token), s_alice, Ct);

    private static Dictionary<string, string> Data(string token) => new() { ["access_token"] = token };

    private Task<byte[]?> ReadVersionAsync(int version) => _vault.Client().GetRequiredService<VaultTransport>().SendAsync(
        new VaultRequest(HttpMethod.Get, $"{_vault.Prefix}-kv/data/{UserPath}") { Query = $"version={version}" }, _vault.RootToken, Ct);
}
