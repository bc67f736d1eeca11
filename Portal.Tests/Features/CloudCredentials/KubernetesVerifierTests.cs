using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portal.Features.CloudCredentials;
using Portal.Sandbox.Kubernetes;
using Portal.Tests.Outbound;

namespace Portal.Tests.Features.CloudCredentials;

public sealed class KubernetesVerifierTests(CloudVisits visits) : IClassFixture<CloudVisits>, IAsyncLifetime
{
    private const string Version = """{"major":"1","minor":"27","gitVersion":"v1.27.3"}""";
    private KubernetesServer _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await KubernetesServer.StartAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_good_token_tells_version_and_user()
    {
        var token = _cluster.CreateToken("portal", "portal", null, TimeSpan.FromHours(1));

        var facts = (await VerifyAsync(_cluster.Address, _cluster.CaPem, $"token: {token}")).ShouldBeGood();

        facts["Server version"].ShouldBe("v1.32.4");
        facts["User"].ShouldBe("system:serviceaccount:portal:portal");
    }

    [Fact]
    public async Task A_token_that_is_over() => (await VerifyAsync(
        _cluster.Address, _cluster.CaPem, $"token: {_cluster.CreateToken("portal", "portal", null, TimeSpan.FromSeconds(-1))}")).ShouldBeBad("does not know the user");

    [Fact]
    public async Task An_address_that_no_setting_allows() =>
        (await visits.VerifyAsync("kubernetes", Config(_cluster.Address, _cluster.CaPem, $"token: {_cluster.AdminToken}"))).ShouldBeUnreachable("Outbound:Allow");

    [Fact]
    public async Task Its_own_authority_alone_is_believed()
    {
        await using var other = await KubernetesServer.StartAsync();

        (await VerifyAsync(_cluster.Address, other.CaPem, $"token: {_cluster.AdminToken}")).ShouldBeUnreachable("certificate");
        // Nor those that the portal believes.
        (await VerifyAsync(visits.Clouds.Address("digitalocean"), _cluster.CaPem, $"token: {_cluster.AdminToken}")).ShouldBeUnreachable("certificate");
    }

    [Fact]
    public async Task A_kubeconfig_that_runs_something() =>
        (await VerifyAsync(_cluster.Address, _cluster.CaPem, "exec: { command: touch, args: [/tmp/x], apiVersion: client.authentication.k8s.io/v1 }")).ShouldBeBad("exec");

    [Fact]
    public async Task A_cluster_too_old_to_say_who_one_is()
    {
        await using var server = await TlsServer.StartAsync(context => context.Request.Path == "/version"
            ? context.Response.WriteAsync(Version)
            : Refuse(context, 404));

        var facts = (await VerifyAsync(server, "token: a-token-of-some-length")).ShouldBeGood();
        facts["Server version"].ShouldBe("v1.27.3");
        facts.ShouldNotContainKey("User");
    }

    [Theory]
    [InlineData(500, "out of order")]
    [InlineData(429, "too often")]
    [InlineData(302, "redirects are not followed")]
    public async Task A_cluster_out_of_order(int status, string words)
    {
        await using var server = await TlsServer.StartAsync(context =>
        {
            context.Response.Headers.Location = _cluster.Address.AbsoluteUri;
            return Refuse(context, status);
        });
        (await VerifyAsync(server, "token: a-token-of-some-length")).ShouldBeUnreachable(words);
    }

    [Fact]
    public async Task No_cluster_at_all()
    {
        await using var page = await TlsServer.StartAsync(context => context.Response.WriteAsync("<html>"));
        await using var nothing = await TlsServer.StartAsync(context => Refuse(context, 404));

        (await VerifyAsync(page, "token: a-token-of-some-length")).ShouldBeUnreachable("cannot be read");
        (await VerifyAsync(nothing, "token: a-token-of-some-length")).ShouldBeBad("no API server");
    }

    [Fact]
    public async Task A_cluster_that_repeats_the_token_is_not_repeated()
    {
        await using var server = await TlsServer.StartAsync(context => context.Response.WriteAsync(context.Request.Path == "/version"
            ? Version
            : $$$"""{"status":{"userInfo":{"username":"you are {{{context.Request.Headers.Authorization.ToString()}}}"} } }"""));
        (await VerifyAsync(server, "token: a-token-of-some-length")).ShouldBeGood()["User"].ShouldBe("(withheld)");
    }

    [Fact]
    public async Task A_client_certificate_is_shown()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=jane", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        await using var server = await TlsServer.StartAsync(context => context.Response.WriteAsync(context.Request.Path == "/version"
            ? Version
            : $$$"""{"status":{"userInfo":{"username":"{{{context.Connection.ClientCertificate?.Subject}}}"} } }"""), asksForCertificate: true);

        var facts = (await VerifyAsync(server, $"""
            client-certificate-data: {Base64(certificate.ExportCertificatePem())}
                client-key-data: {Base64(key.ExportPkcs8PrivateKeyPem())}
            """)).ShouldBeGood();
        facts["User"].ShouldBe("CN=jane");
    }

    [Fact]
    public async Task The_name_for_TLS_may_be_another()
    {
        string? host = null;
        await using var server = await TlsServer.StartAsync(context =>
        {
            host = context.Request.Host.Value;
            return context.Response.WriteAsync(context.Request.Path == "/version" ? Version : "{}");
        });
        var address = new Uri($"https://{CloudVisits.LoopbackName}:{server.Port}");

        (await VerifyAsync(address, server.AuthorityPem, "token: a-token-of-some-length")).ShouldBeUnreachable("certificate");
        (await VerifyAsync(address, server.AuthorityPem, "token: a-token-of-some-length", "tls-server-name: localhost")).ShouldBeGood();
        host.ShouldBe("localhost");
    }

    private Task<CloudVerdict> VerifyAsync(TlsServer server, string user) => VerifyAsync(new Uri($"https://127.0.0.1:{server.Port}"), server.AuthorityPem, user);

    private Task<CloudVerdict> VerifyAsync(Uri address, string caPem, string user, string cluster = "extensions: []") =>
        visits.VerifyAsync("kubernetes", Config(address, caPem, user, cluster), ("Outbound:Allow:0", $"127.0.0.0/8:{address.Port}"));

    private static Dictionary<string, string> Config(Uri address, string caPem, string user, string cluster = "extensions: []") => new()
    {
        ["K8Sconfig"] = $"""
            apiVersion: v1
            kind: Config
            current-context: one
            clusters:
            - name: one
              cluster:
                server: {address.GetLeftPart(UriPartial.Authority)}
                certificate-authority-data: {Base64(caPem)}
                {cluster}
            contexts:
            - name: one
              context: {"{ cluster: one, user: one }"}
            users:
            - name: one
              user:
                {user}
            """,
    };

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static Task Refuse(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync("{}");
    }
}
