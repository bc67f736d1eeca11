using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Portal.Features.SignIn;
using Portal.Tests.Features.Health;
using Portal.Tests.Vault;

namespace Portal.Tests.Features.SignIn;

/// <summary>The keys of Data Protection rest in the database, and only Vault opens them.</summary>
public sealed class KeyRingTests : IAsyncLifetime
{
    private readonly SandboxVault _vault = new();
    private readonly HealthPortal _portal;

    public KeyRingTests() => _portal = new HealthPortal(_vault);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IDataProtector Protector => _portal.Get<IDataProtectionProvider>().CreateProtector("test");

    public async ValueTask InitializeAsync()
    {
        await _vault.InitializeAsync();
        (await _vault.SetUpAsync()).ShouldBeFine();
    }

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        await _vault.DisposeAsync();
    }

    [Fact]
    public async Task A_key_rests_encrypted_by_Vault()
    {
        await StartAsync();

        var key = (await KeysAsync()).ShouldHaveSingleItem();

        key.ShouldMatch("<vaultTransit[^>]*>vault:v1:");
        key.ShouldNotContain("masterKey");
        key.ShouldNotContain("<value>");
    }

    [Fact]
    public async Task What_was_protected_before_a_restart_is_read_after_it_with_the_same_key()
    {
        await StartAsync();
        var secret = Protector.Protect("before");

        await StartAsync();

        Protector.Unprotect(secret).ShouldBe("before");
        (await KeysAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Vault_going_away_later_does_not_matter()
    {
        await StartAsync();
        await _vault.Control.StopAsync(Ct);

        Protector.Unprotect(Protector.Protect("while away")).ShouldBe("while away");
    }

    [Fact]
    public async Task Started_while_Vault_is_away_it_refuses_at_once_and_makes_no_second_key_when_Vault_is_back()
    {
        await StartAsync();
        var secret = Protector.Protect("before");
        await _vault.Control.StopAsync(Ct);

        await _portal.StartAsync();
        Should.Throw<Exception>(() => Protector.Protect("now")).ToString().ShouldContain("The session keys wait for Vault.");
        await _vault.Control.StartAsync(Ct);
        await _portal.WaitUntilReadyAsync();

        Protector.Unprotect(secret).ShouldBe("before");
        (await KeysAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_loads_the_ring_before_the_portal_listens()
    {
        await StartAsync();

        _portal.Get<IEnumerable<IHostedService>>().ShouldNotContain(service => service.GetType().Name.StartsWith("DataProtection"));
    }

    [Fact]
    public async Task A_ring_can_be_loaded_again()
    {
        await StartAsync();

        await _portal.Get<KeyRing>().LoadAsync(Ct);

        (await KeysAsync()).Count.ShouldBe(1);
    }

    private async Task StartAsync()
    {
        await _portal.StartAsync();
        await _portal.WaitUntilReadyAsync();
    }

    private Task<List<string>> KeysAsync() => _portal.DatabaseAsync(db => db.DataProtectionKeys.Select(key => key.Xml!).ToListAsync(Ct));
}
