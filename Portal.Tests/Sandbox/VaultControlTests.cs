using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

/// <summary>The faults that a control port orders, in a Vault in memory and at a door to another one alike.</summary>
public abstract class VaultControlTests : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private VaultServer _vault = null!;

    protected VaultServer Vault => _vault;

    protected HttpClient Http => _http;

    protected static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _vault = await StartAsync(await VaultServer.StartAsync(new VaultServerOptions { RootToken = "root" }));
        _http.BaseAddress = _vault.Address;
        _http.DefaultRequestHeaders.Add("X-Vault-Token", "root");
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _http.Dispose();
        await _vault.DisposeAsync();
    }

    [Fact]
    public async Task Sealed_it_answers_503_until_it_is_unsealed()
    {
        await _vault.Control.SealAsync(Cancelled);
        using var answer = await LookUpAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync(Cancelled)).ShouldContain("Vault is sealed");
        (await _http.GetAsync("v1/sys/health", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await _http.GetAsync("v1/sys/seal-status", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await _vault.Control.UnsealAsync(Cancelled);
        (await LookUpAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Stopped_it_refuses_connections_and_started_again_it_has_forgotten_nothing()
    {
        var address = _vault.Address;
        (await _http.PutAsJsonAsync("v1/sys/policies/acl/kept", new { policy = "path \"a\" { capabilities = [\"read\"] }" }, Cancelled)).EnsureSuccessStatusCode();

        await _vault.Control.StopAsync(Cancelled);
        await Should.ThrowAsync<HttpRequestException>(() => LookUpAsync());
        await _vault.Control.StartAsync(Cancelled);

        _vault.Address.ShouldBe(address);
        (await _http.GetAsync("v1/sys/policies/acl/kept", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_request_under_way_is_cut_when_it_stops()
    {
        await _vault.Control.SlowAsync(TimeSpan.FromMinutes(1), cancellationToken: Cancelled);
        var slow = LookUpAsync();
        await SeenAsync(count: 1);
        await _vault.Control.StopAsync(Cancelled);
        await Should.ThrowAsync<HttpRequestException>(() => slow);
    }

    [Fact]
    public async Task Slow_paths_take_their_time_and_others_none()
    {
        var clock = TimeProvider.System;
        await _vault.Control.SlowAsync(TimeSpan.FromMilliseconds(300), "auth/token/*", Cancelled);
        var start = clock.GetTimestamp();
        (await LookUpAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        clock.GetElapsedTime(start).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(290));

        await _vault.Control.SlowAsync(TimeSpan.FromMinutes(1), "auth/token/*", Cancelled);
        (await _http.GetAsync("v1/sys/mounts", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Denied_paths_answer_403_until_it_is_reset()
    {
        await _vault.Control.DenyAsync("auth/token/*", Cancelled);
        (await LookUpAsync()).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await _http.GetAsync("v1/sys/mounts", Cancelled)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await _vault.Control.ResetAsync(Cancelled);
        (await LookUpAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task It_forgets_tokens_and_keeps_the_root_token()
    {
        var token = await CreateTokenAsync();
        await _vault.Control.ForgetTokensAsync(Cancelled);
        (await LookUpAsync(token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await LookUpAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_answer_is_held_after_the_request_was_carried_out_and_delivered_on_release()
    {
        await _vault.Control.HoldAsync("POST", "auth/token/create", Cancelled);
        var held = CreateTokenAsync();
        await _vault.Control.WaitUntilHeldAsync(Cancelled);

        held.IsCompleted.ShouldBeFalse();
        (await AccessorsAsync()).ShouldBe(2);
        // One alone is held.
        await CreateTokenAsync();
        await _vault.Control.ReleaseAsync(Cancelled);
        (await LookUpAsync(await held)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_held_answer_can_be_lost_on_the_way()
    {
        await _vault.Control.HoldAsync("*", "auth/token/*", Cancelled);
        var held = CreateTokenAsync();
        await _vault.Control.WaitUntilHeldAsync(Cancelled);
        await _vault.Control.DropAsync(Cancelled);
        await Should.ThrowAsync<HttpRequestException>(() => held);
        (await AccessorsAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task It_tells_which_requests_came_with_the_portals_headers_and_no_tokens()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/auth/token/lookup-self");
        request.Headers.Add("X-Portal-User", "alice");
        await _http.SendAsync(request, Cancelled);

        var seen = (await _vault.Control.RequestsAsync(Cancelled)).ShouldHaveSingleItem();
        (seen.Method, seen.Path).ShouldBe(("GET", "auth/token/lookup-self"));
        seen.Headers.ShouldHaveSingleItem().ShouldBe(KeyValuePair.Create("X-Portal-User", "alice"));
    }

    /// <summary>What is tested, given a Vault in memory whose root token is <c>root</c>.</summary>
    protected abstract Task<VaultServer> StartAsync(VaultServer memory);

    private async Task SeenAsync(int count)
    {
        while ((await _vault.Control.RequestsAsync(Cancelled)).Count < count)
            await Task.Yield();
    }

    protected async Task<HttpResponseMessage> LookUpAsync(string token = "root")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/auth/token/lookup-self");
        request.Headers.Add("X-Vault-Token", token);
        return await _http.SendAsync(request, Cancelled);
    }

    protected async Task<string> CreateTokenAsync(string policy = "portal-some")
    {
        using var response = await _http.PostAsJsonAsync("v1/auth/token/create", new { policies = policy }, Cancelled);
        var body = await response.Content.ReadFromJsonAsync<JsonObject>(Cancelled);
        return (string)body!["auth"]!["client_token"]!;
    }

    private async Task<int> AccessorsAsync()
    {
        var body = await _http.GetFromJsonAsync<JsonObject>("v1/auth/token/accessors?list=true", Cancelled);
        return ((JsonArray)body!["data"]!["keys"]!).Count;
    }
}
