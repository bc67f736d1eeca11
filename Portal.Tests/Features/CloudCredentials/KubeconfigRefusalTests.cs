using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Portal.Features.CloudCredentials;
using Portal.Features.CloudCredentials.Types;

namespace Portal.Tests.Features.CloudCredentials;

public class KubeconfigRefusalTests
{
    private static readonly string s_certificate = $"client-certificate-data: {KubeconfigText.Base64(KubeconfigText.Client.Certificate)}";
    private static readonly string s_key = $"client-key-data: {KubeconfigText.Base64(KubeconfigText.Client.Key)}";

    public static TheoryData<string, string> InUser => new()
    {
        { "exec: {command: /bin/true, apiVersion: x}", "exec runs a program" },
        { "auth-provider: {name: gcp}", "auth-provider needs a program" },
        { "client-certificate: /etc/hostname", "client-certificate names a file" },
        { "client-key: relative.pem", "client-key names a file" },
        { "tokenFile: /var/run/token", "tokenFile names a file" },
        { "as: admin", "as acts in another's name" },
        { "as-uid: '1'", "as-uid acts" },
        { "as-groups: [system:masters]", "as-groups acts" },
        { "as-user-extra: {a: [b]}", "as-user-extra acts" },
        { "username: admin", "no longer taken by Kubernetes" },
        { "password: hunter2", "no longer taken by Kubernetes" },
        { "extensions: []", "no credential" },
        { "token: REDACTED", "--raw" },
        { "token: two words", "token is no token" },
        { "token: [a]", "a text belongs here" },
        { "client-key-data: DATA+OMITTED", "--raw" },
        { s_certificate, "one is missing" },
        { s_key, "one is missing" },
        { $"{s_certificate}\n    client-key-data: '*'", "not PEM in base64" },
        { $"{s_certificate}\n    client-key-data: {KubeconfigText.Base64("hello")}", "holds no private key" },
        { $"{s_certificate}\n    client-key-data: {KubeconfigText.Base64(KubeconfigText.Pair(ECDsa.Create(ECCurve.NamedCurves.nistP256)).Key)}", "not the key of the certificate" },
        { $"{s_key}\n    client-certificate-data: {KubeconfigText.Base64(KubeconfigText.Client.Key)}", "something else than certificates" },
    };

    public static TheoryData<string, string> InCluster => new()
    {
        { "insecure-skip-tls-verify: true", "trusts anybody" },
        { "insecure-skip-tls-verify: yes", "trusts anybody" },
        { "insecure-skip-tls-verify: 'false'", "trusts anybody" },
        { "proxy-url: http://10.0.0.1:3128", "proxy-url is not taken" },
        { "certificate-authority: /etc/hostname", "certificate-authority names a file" },
        { "certificate-authority-data: DATA+OMITTED", "--raw" },
        { "certificate-authority-data: '%'", "not PEM in base64" },
        { "certificate-authority-data: /w==", "not PEM in base64" },
        { $"certificate-authority-data: {KubeconfigText.Base64("hello")}", "holds no certificate" },
        { $"certificate-authority-data: {KubeconfigText.Base64("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")}", "cannot be read" },
        { $"certificate-authority-data: {KubeconfigText.Base64(KubeconfigText.Authority + "\n-----BEGIN CERTIFICATE-----\nAA")}", "is damaged" },
        { $"certificate-authority-data: {KubeconfigText.Base64(string.Join('\n', Enumerable.Repeat(KubeconfigText.Authority, 21)))}", "21 certificates; give at most 20" },
        { "tls-server-name: a b", "no host name" },
    };

    public static TheoryData<string, string> Whole => new()
    {
        { "", "the file is empty" },
        { "hello", "no kubeconfig" },
        { "[]", "no kubeconfig" },
        { "{}", "contexts is missing" },
        { "kind: Secret", "kind is not Config" },
        { "a: b\na: c", "this key is here already" },
        { "{", "this is not YAML." },
        { "a: [b", "Line 2: this is not YAML." },
        { $"{KubeconfigText.Whole}\n---\na: b", "a second document" },
        { KubeconfigText.With(end: "current-context: other"), "names a context that is not here" },
        { KubeconfigText.Whole.Replace("cluster: example", "cluster: other"), "names a cluster that is not here" },
        { KubeconfigText.Whole.Replace("user: program", "user: other"), "names a user that is not here" },
        { KubeconfigText.Whole.Replace("    user: program", "    nothing: here"), "the context has no user" },
        { KubeconfigText.Whole.Replace("contexts:", "contexts:\n- {name: b, context: {cluster: example, user: program}}"), "2 contexts are here; keep one: kubectl config view" },
        { KubeconfigText.Whole.Replace("clusters:", "clusters:\n- {name: b, cluster: {server: https://example.org}}"), "2 clusters are here" },
        { KubeconfigText.Whole.Replace("users:", "users:\n- {name: b, user: {token: abc}}"), "2 users are here" },
        { KubeconfigText.Whole.Replace("users:", "nobody:"), "the list users is missing" },
        { KubeconfigText.Whole.Replace("- name: program", "- nom: program"), "lacks the keys name and user" },
    };

    [Theory]
    [MemberData(nameof(InUser))]
    public void A_user_that_needs_more_than_the_text_is_refused(string lines, string says) => Refused(KubeconfigText.With(user: lines)).ShouldContain(says);

    [Theory]
    [MemberData(nameof(InCluster))]
    public void A_cluster_that_cannot_be_trusted_or_reached_directly_is_refused(string lines, string says) => Refused(KubeconfigText.With(cluster: lines)).ShouldContain(says);

    [Theory]
    [MemberData(nameof(Whole))]
    public void A_text_that_names_no_one_context_is_refused(string text, string says) => Refused(text).ShouldContain(says);

    [Theory]
    [InlineData("http://example.org")]
    [InlineData("example.org:6443")]
    [InlineData("/var/run/socket")]
    [InlineData("https://")]
    [InlineData("https://user:pass@example.org")]
    [InlineData("https://example.org/?a=b")]
    [InlineData("'https://example.org/#a'")]
    [InlineData("'https://example.org\\evil'")]
    [InlineData("'https://exa mple.org'")]
    [InlineData("https://exämple.org")]
    [InlineData("file:///etc/hostname")]
    [InlineData("''")]
    public void A_server_is_a_plain_https_address(string server) => Refused(KubeconfigText.With(server: server)).ShouldContain("server");

    [Fact]
    public void A_refusal_names_the_line()
    {
        Refused(KubeconfigText.With(cluster: "proxy-url: http://a", user: "exec: {command: a}")).ShouldStartWith("Line 7: proxy-url");
        Refused(KubeconfigText.With(user: "as: a\n    as-uid: b\n    username: c\n    password: d")).ShouldEndWith("There are 4 mistakes in all.");
    }

    [Fact]
    public void Bombs_are_refused_before_they_grow()
    {
        var laughs = new StringBuilder("a0: &a0 [x, x]\n");
        for (var i = 1; i < 30; i++)
            laughs.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        var watch = Stopwatch.StartNew();

        Refused(laughs.ToString()).ShouldContain("anchor");
        Refused(KubeconfigText.With(user: $"token: !!str {KubeconfigText.Token}")).ShouldContain("tag");
        Refused(new string('[', 100_000)).ShouldContain("not YAML");
        Refused(string.Concat(Enumerable.Repeat("{a: ", 30_000))).ShouldContain("not YAML");
        Refused(string.Concat(Enumerable.Repeat("- ", 60_000))).ShouldContain("not YAML");
        Refused(string.Concat(Enumerable.Repeat("? ", 60_000))).ShouldContain("not YAML");
        Refused(new string('x', 2 * 1024 * 1024)).ShouldContain("larger than 128 KiB");
        Refused($"users: [{string.Concat(Enumerable.Repeat("a,", 60_000))}]").ShouldNotBeEmpty();
        new KubernetesType().Refuse(new Dictionary<string, string> { ["K8Sconfig"] = new('x', 2 * 1024 * 1024) })["K8Sconfig"].ShouldContain("at most 131072");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void No_file_is_ever_opened()
    {
        var pipe = Path.Combine(Path.GetTempPath(), $"{Guid.CreateVersion7()}.pipe");
        Process.Start("mkfifo", [pipe]).WaitForExit();
        try
        {
            // Whoever opened the pipe would wait for its other end for ever.
            foreach (var key in new[] { "client-certificate", "client-key", "tokenFile", "client-key-data", "client-certificate-data" })
                Refused(KubeconfigText.With(user: $"{key}: {pipe}"));
            foreach (var key in new[] { "certificate-authority", "certificate-authority-data" })
                Refused(KubeconfigText.With(cluster: $"{key}: {pipe}"));
            Refused(KubeconfigText.With(server: $"file://{pipe}"));
            Refused(pipe);
        }
        finally
        {
            File.Delete(pipe);
        }
    }

    [Fact]
    public void No_text_makes_reading_fail()
    {
        var whole = KubeconfigText.With(user: $"{s_certificate}\n    {s_key}\n    token: {KubeconfigText.Token}", context: "namespace: shop");
        var change = Gen.Select(Gen.Int[0, 3], Gen.Double[0, 1], Gen.OneOf(Gen.Char, Gen.Char["{}[]:,-?*&!|>'\"%@` \n\t#\0\ud800"]), Gen.Int[1, 40]);
        change.Array[1, 4].Sample(
            changes =>
            {
                var text = changes.Aggregate(whole, (text, change) =>
                {
                    var at = (int)(change.Item2 * (text.Length - 1));
                    var end = Math.Min(text.Length, at + change.Item4);
                    return change.Item1 switch
                    {
                        0 => text[..at] + change.Item3 + text[at..],
                        1 => text.Remove(at, 1),
                        2 => text[..at] + text[end..],
                        _ => text[..end] + text[at..],
                    };
                });
                var read = Kubeconfig.Read(text, out var mistake);
                (read is null).ShouldBe(mistake is not null);
            },
            iter: 2000, threads: 1);
    }

    private static string Refused(string text)
    {
        Kubeconfig.Read(text, out var mistake).ShouldBeNull();
        mistake.ShouldNotBeNull().ShouldEndWith(".");
        return mistake;
    }
}
