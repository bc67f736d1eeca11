using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Sandbox.Kubernetes;

namespace Portal.Tests.Sandbox;

/// <summary>What the transcripts do not show of logins by service account.</summary>
public sealed class KubernetesAuthTests : IAsyncLifetime
{
    private KubernetesServer _kubernetes = null!;
    private VaultUnderTest _vault = null!;

    public async ValueTask InitializeAsync()
    {
        _kubernetes = await KubernetesServer.StartAsync();
        _vault = await VaultUnderTest.StartAsync();
        await _vault.DoAsync("POST", "sys/auth/kubernetes", new { type = "kubernetes" });
        await ConfigureAsync(_kubernetes.CaPem);
        await RoleAsync(new { });
    }

    public async ValueTask DisposeAsync()
    {
        await _vault.DisposeAsync();
        await _kubernetes.DisposeAsync();
    }

    [Theory]
    [InlineData("{\"kubernetes_ca_cert\": \"x\"}", "no host provided")]
    [InlineData("{\"kubernetes_host\": \"https://localhost\"}", "one of pem_keys or kubernetes_ca_cert must be set")]
    [InlineData("{\"kubernetes_host\": \"https://localhost\", \"kubernetes_ca_cert\": \"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\"}", "Configured CA PEM data contained no valid certificates")]
    public Task A_configuration_that_makes_no_sense_is_refused(string config, string message) => _vault.RefusesAsync(400, message, "POST", "auth/kubernetes/config", config);

    [Theory]
    [InlineData("{\"bound_service_account_names\": \"portal\"}", "\"bound_service_account_namespaces\" can not be empty")]
    [InlineData("{\"bound_service_account_names\": \"*\", \"bound_service_account_namespaces\": \"*\"}", "service_account_names and service_account_namespaces can not both be \"*\"")]
    [InlineData("{\"bound_service_account_names\": \"a\", \"bound_service_account_namespaces\": \"b\", \"token_ttl\": \"2h\", \"token_max_ttl\": \"1h\"}", "'token_ttl' cannot be greater than 'token_max_ttl'")]
    public Task A_role_that_makes_no_sense_is_refused(string role, string message) => _vault.RefusesAsync(400, message, "POST", "auth/kubernetes/role/bad", role);

    [Fact]
    public async Task Without_configuration_nobody_logs_in()
    {
        await _vault.DoAsync("POST", "sys/auth/other", new { type = "kubernetes" });
        await _vault.DoAsync("POST", "auth/other/role/portal", new { bound_service_account_names = "portal", bound_service_account_namespaces = "portal" });
        await _vault.RefusesAsync(500, "could not load backend configuration", "POST", "auth/other/login", new { role = "portal", jwt = Token() });
    }

    [Fact]
    public async Task Namespace_and_audience_count()
    {
        await RoleAsync(new { bound_service_account_namespaces = "other" });
        await RefusesAsync(500, "namespace not authorized", Token());
        await RoleAsync(new { bound_service_account_namespaces = "por*", audience = "vault" });
        await RefusesAsync(500, "invalid audience (aud) claim: audience claim does not match any expected audience", Token());
        ((int)(await LoginAsync(Token("vault")))["auth"]!["lease_duration"]!).ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("a.b.c")]
    [InlineData("a.e30")]
    [InlineData("a.W10.c")]
    public Task What_is_no_token_is_refused(string jwt) => RefusesAsync(500, "not a compact JWS", jwt);

    [Fact]
    public async Task An_api_server_that_another_authority_vouches_for_is_not_believed()
    {
        await using var other = await KubernetesServer.StartAsync();
        await ConfigureAsync(other.CaPem);
        await RefusesAsync(403, "permission denied", Token());
        await ConfigureAsync(_kubernetes.CaPem);
        await LoginAsync(Token());
    }

    [Fact]
    public async Task When_its_role_is_gone_a_login_is_not_renewed()
    {
        var token = (string)(await LoginAsync(Token()))["auth"]!["client_token"]!;
        await _vault.DoAsync("POST", "auth/token/renew", new { token });
        await _vault.DoAsync("DELETE", "auth/kubernetes/role/portal");
        await _vault.RefusesAsync(400, "role portal does not exist during renewal", "POST", "auth/token/renew", new { token });
    }

    private string Token(string? audience = null) => _kubernetes.CreateToken("portal", "portal", audience, TimeSpan.FromHours(1));

    private Task<JsonNode> ConfigureAsync(string ca) => _vault.DoAsync("POST", "auth/kubernetes/config", new
    {
        kubernetes_host = _kubernetes.Address.AbsoluteUri,
        kubernetes_ca_cert = ca,
        token_reviewer_jwt = _kubernetes.ReviewerToken,
    });

    private Task<JsonNode> RoleAsync(object terms)
    {
        var role = JsonSerializer.SerializeToNode(terms)!.AsObject();
        role.TryAdd("bound_service_account_names", "portal");
        role.TryAdd("bound_service_account_namespaces", "portal");
        role.TryAdd("token_policies", "default");
        return _vault.DoAsync("POST", "auth/kubernetes/role/portal", role);
    }

    private Task<JsonNode> LoginAsync(string jwt) => _vault.DoAsync("POST", "auth/kubernetes/login", new { role = "portal", jwt });

    private Task RefusesAsync(int status, string message, string jwt) => _vault.RefusesAsync(status, message, "POST", "auth/kubernetes/login", new { role = "portal", jwt });
}
