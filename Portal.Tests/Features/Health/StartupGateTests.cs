using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Vault;

namespace Portal.Tests.Features.Health;

/// <summary>The portal started while Vault cannot give it what it needs.</summary>
public sealed class StartupGateTests : IAsyncLifetime
{
    private readonly SandboxVault _vault = new();
    private readonly HealthPortal _portal;

    public StartupGateTests() => _portal = new HealthPortal(_vault);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _vault.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _portal.DisposeAsync();
        await _vault.DisposeAsync();
    }

    [Fact]
    public async Task With_Vault_in_order_it_serves_at_once()
    {
        (await _vault.SetUpAsync()).ShouldBeFine();

        await _portal.StartAsync();

        (await _portal.Http.GetAsync("/sign-in", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _portal.Http.GetAsync("/readyz", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/sign-in")]
    [InlineData("/health")]
    [InlineData("/no/such/page")]
    public async Task With_Vault_away_every_page_says_so_and_looks_again_by_itself(string address)
    {
        await _vault.SetUpAsync();
        await _vault.Control.StopAsync(Ct);
        await _portal.StartAsync();

        using var answer = await _portal.Http.GetAsync(address, Ct);

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var text = await answer.Content.ReadAsStringAsync(Ct);
        text.ShouldContain("<h1>Vault does not answer</h1>");
        text.ShouldContain("""<meta http-equiv="refresh" content="5" """.TrimEnd());
    }

    [Fact]
    public async Task With_Vault_away_a_program_is_told_by_a_problem()
    {
        await _vault.SetUpAsync();
        await _vault.Control.StopAsync(Ct);
        await _portal.StartAsync();

        using var answer = await _portal.Http.GetAsync("/api/v1/me", Ct);

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(5));
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!["type"]!.GetValue<string>().ShouldBe("urn:portal:starting");
    }

    [Fact]
    public async Task It_goes_on_by_itself_when_Vault_is_back_and_never_closes_again()
    {
        await _vault.SetUpAsync();
        await _vault.Control.StopAsync(Ct);
        await _portal.StartAsync();
        (await _portal.Http.GetAsync("/sign-in", Ct)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        await _vault.Control.StartAsync(Ct);
        await _portal.WaitUntilReadyAsync();
        (await _portal.Http.GetAsync("/sign-in", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await _vault.Control.StopAsync(Ct);
        _portal.Time.Advance(TimeSpan.FromMinutes(5));
        (await _portal.Http.GetAsync("/sign-in", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _portal.Http.GetAsync("/readyz", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_sealed_Vault_is_told_from_one_that_is_away()
    {
        await _vault.SetUpAsync();
        await _vault.Control.SealAsync(Ct);
        await _portal.StartAsync();

        (await PageAsync()).ShouldContain("<h1>Vault is sealed</h1>");
    }

    [Fact]
    public async Task A_Vault_that_is_not_set_up_is_told_with_the_command_that_helps()
    {
        await _portal.StartAsync();

        var page = await PageAsync();
        page.ShouldContain("<h1>Vault is not set up</h1>");
        page.ShouldContain("<code>dotnet Portal.dll setup-vault</code>");

        (await _vault.SetUpAsync()).ShouldBeFine();
        await _portal.WaitUntilReadyAsync();
    }

    [Fact]
    public async Task A_Vault_that_refuses_is_told_without_paths_or_its_words()
    {
        await _vault.SetUpAsync();
        await _vault.Root().WriteAsync($"sys/policies/acl/{_vault.Prefix}-sign-in", new JsonObject { ["policy"] = "path \"x\" { capabilities = [\"read\"] }" }, Ct);
        await _portal.StartAsync();

        var page = await PageAsync();
        page.ShouldContain("<h1>Vault refuses the portal</h1>");
        page.ShouldNotContain($"{_vault.Prefix}-transit");
        page.ShouldNotContain("permission denied");
    }

    [Fact]
    public async Task The_audit_key_is_waited_for_too()
    {
        await _vault.SetUpAsync();
        await _vault.Control.DenyAsync($"{_vault.Prefix}-transit/*/audit", Ct);
        await _portal.StartAsync();
        (await PageAsync()).ShouldContain("<h1>Vault refuses the portal</h1>");

        await _vault.Control.ResetAsync(Ct);
        await _portal.WaitUntilReadyAsync();
    }

    [Fact]
    public async Task Probes_and_files_are_served_meanwhile()
    {
        await _vault.Control.StopAsync(Ct);
        await _portal.StartAsync();
        await PageAsync();

        (await _portal.Http.GetAsync("/livez", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _portal.Http.GetAsync("/css/plain.css", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var ready = await _portal.Http.GetAsync("/readyz", Ct);
        ready.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await ready.Content.ReadAsStringAsync(Ct)).ShouldContain("Vault does not answer");
    }

    [Fact]
    public async Task A_pages_own_script_gets_a_problem_that_it_can_read()
    {
        await _vault.Control.StopAsync(Ct);
        await _portal.StartAsync();

        using var answer = await _portal.Http.PostAsync("/browser/databases/x/credentials", null, Ct);

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await answer.Content.ReadAsStringAsync(Ct)).ShouldContain("urn:portal:starting");
    }

    [Fact]
    public async Task Why_is_logged_once_and_not_every_two_seconds()
    {
        await _vault.Control.StopAsync(Ct);
        await _portal.StartAsync();
        await PageAsync();
        for (var seconds = 0; seconds < 20; seconds++)
        {
            _portal.Time.Advance(TimeSpan.FromSeconds(2));
            await _portal.Http.GetAsync("/readyz", Ct);
        }

        _portal.Log.Text.Split('\n').Count(line => line.Contains("could not be loaded yet", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_slow_Vault_does_not_keep_the_portal_from_listening()
    {
        await _vault.SetUpAsync();
        await _vault.Control.SlowAsync(TimeSpan.FromHours(1), cancellationToken: Ct);

        await _portal.StartAsync().WaitAsync(TimeSpan.FromSeconds(8), Ct);

        (await PageAsync()).ShouldContain("<h1>The portal is starting</h1>");
    }

    private async Task<string> PageAsync()
    {
        using var answer = await _portal.Http.GetAsync("/sign-in", Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        return await answer.Content.ReadAsStringAsync(Ct);
    }
}
