using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

public sealed class VaultDoorTests : VaultControlTests
{
    private VaultServer _behind = null!;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _behind.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "sys/mounts")]
    [InlineData("GET", "sys/health?activecode=299")]
    [InlineData("LIST", "sys/policies/acl")]
    [InlineData("GET", "nowhere/at/all")]
    [InlineData("HEAD", "sys/health")]
    [InlineData("PATCH", "sys/mounts")]
    [InlineData("PUT", "sys/policies/acl/a", """{"policy":""}""")]
    [InlineData("POST", "auth/token/create", "{")]
    [InlineData("GET", "cubbyhole/a%3Fb%23c%20d%252e/../%2e%2e/ö")]
    public async Task What_passes_is_as_it_was(string method, string path, string? body = null)
    {
        using var direct = new HttpClient { BaseAddress = _behind.Address };
        direct.DefaultRequestHeaders.Add("X-Vault-Token", "root");

        (await AskAsync(Http, method, path, body)).ShouldBe(await AskAsync(direct, method, path, body));
    }

    [Fact]
    public async Task A_path_arrives_with_the_escapes_that_it_came_with()
    {
        (await Http.PostAsJsonAsync("v1/cubbyhole/a%3Fb%23c%20d%252e", new { k = "v" }, Cancelled)).EnsureSuccessStatusCode();

        (await _behind.Control.RequestsAsync(Cancelled)).ShouldHaveSingleItem().Path.ShouldBe((await Vault.Control.RequestsAsync(Cancelled)).Single().Path);
        var listed = await Http.GetFromJsonAsync<JsonObject>("v1/cubbyhole?list=true", Cancelled);
        ((string)listed!["data"]!["keys"]![0]!).ShouldBe("a?b#c d%2e");
    }

    [Fact]
    public async Task Headers_for_Vaults_audit_log_arrive()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/auth/token/lookup-self");
        request.Headers.Add("X-Portal-User", "alice");
        (await Http.SendAsync(request, Cancelled)).EnsureSuccessStatusCode();

        (await _behind.Control.RequestsAsync(Cancelled)).ShouldHaveSingleItem().Headers["X-Portal-User"].ShouldBe("alice");
    }

    [Fact]
    public async Task Sealed_at_the_door_the_Vault_behind_is_open_to_others()
    {
        await Vault.Control.SealAsync(Cancelled);

        (await AskAsync(Http, "GET", "sys/health?sealedcode=299", null)).ShouldStartWith("299 application/json {\"initialized\":true,\"sealed\":true");
        using var direct = new HttpClient { BaseAddress = _behind.Address };
        (await AskAsync(direct, "GET", "sys/health", null)).ShouldStartWith("200 application/json {\"initialized\":true,\"sealed\":false");
    }

    [Fact]
    public async Task Tokens_of_others_are_not_forgotten()
    {
        var (own, other) = (await CreateTokenAsync("portal-some"), await CreateTokenAsync("portals"));

        await Vault.Control.ForgetTokensAsync(Cancelled);

        (await LookUpAsync(own)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await LookUpAsync(other)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_Vault_that_is_away_is_away_through_the_door_too()
    {
        await _behind.Control.StopAsync(Cancelled);

        await Should.ThrowAsync<HttpRequestException>(() => LookUpAsync());
    }

    [Fact]
    public async Task A_body_that_is_too_long_for_Vault_is_told_and_the_door_stays_open()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/cubbyhole/x") { Content = new ByteArrayContent(new byte[33 * 1024 * 1024]) };
        // So that the answer comes instead of a cut connection.
        request.Headers.ExpectContinue = true;
        using var answer = await Http.SendAsync(request, Cancelled);

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await LookUpAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    protected override Task<VaultServer> StartAsync(VaultServer memory)
    {
        _behind = memory;
        return VaultServer.OpenDoorAsync(memory.Access);
    }

    /// <summary>All of an answer but what changes with each.</summary>
    private static async Task<string> AskAsync(HttpClient http, string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"v1/{path}") { Content = body is null ? null : new StringContent(body) };
        using var answer = await http.SendAsync(request, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        text = System.Text.RegularExpressions.Regex.Replace(text, "\"(request_id|server_time_utc)\":[^,}]+", "");
        return $"{(int)answer.StatusCode} {answer.Content.Headers.ContentType} {text} {answer.Headers.CacheControl}";
    }
}
