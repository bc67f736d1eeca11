using System.Text.Json.Nodes;
using k8s;
using Portal.Features.CloudCredentials;

namespace Portal.Tests.Features.CloudCredentials;

public class KubeconfigTests
{
    private static readonly string s_pair = $"""
        client-certificate-data: {KubeconfigText.Base64(KubeconfigText.Client.Certificate)}
            client-key-data: {KubeconfigText.Base64(KubeconfigText.Client.Key)}
        """;

    [Fact]
    public void A_kubeconfig_with_a_token_is_read()
    {
        var read = Accepted(KubeconfigText.With(context: "namespace: shop"));

        read.Server.ShouldBe(new Uri("https://kubernetes.example.org:6443"));
        (read.Context, read.Cluster, read.User, read.Namespace).ShouldBe(("work", "example", "program", "shop"));
        read.Token.ShouldBe(KubeconfigText.Token);
        read.ClientCertificate.ShouldBeNull();
        read.ClientKey.ShouldBeNull();
        read.TlsServerName.ShouldBeNull();
        KubeconfigText.Authority.ShouldContain(Convert.ToBase64String(read.CaCertificates.ShouldHaveSingleItem().Span)[..60]);
    }

    [Fact]
    public void A_kubeconfig_with_a_certificate_is_read()
    {
        var read = Accepted(KubeconfigText.With(cluster: "tls-server-name: kubernetes.default", user: s_pair, server: "https://192.0.2.1/k8s/clusters/c-1"));

        read.ClientCertificate.ShouldBe(KubeconfigText.Client.Certificate);
        read.ClientKey.ShouldBe(KubeconfigText.Client.Key);
        read.Token.ShouldBeNull();
        read.TlsServerName.ShouldBe("kubernetes.default");
        read.CaCertificates.ShouldBeEmpty();
        read.Server.AbsolutePath.ShouldBe("/k8s/clusters/c-1");
    }

    [Fact]
    public void What_is_read_is_what_the_client_of_Kubernetes_reads()
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(KubeconfigText.With(user: s_pair)));
        var theirs = KubernetesClientConfiguration.BuildConfigFromConfigFile(stream);
        var ours = Accepted(KubeconfigText.With(user: s_pair));

        ours.Server.ShouldBe(new Uri(theirs.Host));
        ours.Context.ShouldBe(theirs.CurrentContext);
        KubeconfigText.Base64(ours.ClientKey!).ShouldBe(theirs.ClientCertificateKeyData);
        ours.CaCertificates[0].ToArray().ShouldBe(theirs.SslCaCerts[0].RawData);
    }

    [Fact]
    public void Json_is_read_too()
    {
        // Longer than a key of YAML may be.
        var token = string.Concat(Enumerable.Repeat(KubeconfigText.Token + "/+", 20));
        var json = new JsonObject
        {
            ["kind"] = "Config",
            ["clusters"] = new JsonArray(new JsonObject { ["name"] = "c", ["cluster"] = new JsonObject { ["server"] = "https://example.org" } }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = "u", ["user"] = new JsonObject { ["token"] = token } }),
            ["contexts"] = new JsonArray(new JsonObject { ["name"] = "x", ["context"] = new JsonObject { ["cluster"] = "c", ["user"] = "u" } }),
        };

        Accepted(json.ToJsonString()).Token.ShouldBe(token);
        Accepted(json.ToJsonString(new() { WriteIndented = true })).Context.ShouldBe("x");
    }

    [Theory]
    [InlineData("")]
    [InlineData("current-context: \"\"")]
    [InlineData("preferences: {}\nextensions: []")]
    public void One_context_needs_not_be_named(string end) => Accepted(KubeconfigText.With(end: end)).Context.ShouldBe("work");

    [Theory]
    [InlineData("insecure-skip-tls-verify: false")]
    [InlineData("certificate-authority: \"\"")]
    [InlineData("proxy-url: null")]
    public void What_says_nothing_is_no_refusal(string cluster) => Accepted(KubeconfigText.With(cluster));

    [Fact]
    public void Its_text_shows_no_secret()
    {
        var text = Accepted(KubeconfigText.With(user: $"token: {KubeconfigText.Token}\n    {s_pair}")).ToString();

        text.ShouldBe("work at https://kubernetes.example.org:6443/");
        $"{Accepted(KubeconfigText.Whole)}".ShouldNotContain(KubeconfigText.Token);
    }

    private static Kubeconfig Accepted(string text)
    {
        var read = Kubeconfig.Read(text, out var mistake);
        mistake.ShouldBeNull();
        return read.ShouldNotBeNull();
    }
}
