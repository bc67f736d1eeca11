using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Portal.Features.CloudCredentials.Verifiers;

/// <summary>Asks the cluster for its version, and then who the user of the kubeconfig is to it. By plain HTTP: clients of Kubernetes do more with such a file.</summary>
internal sealed class KubernetesVerifier(CloudCalls calls) : CloudVerifier(calls)
{
    private const string Field = "K8Sconfig";

    private const string Review = """{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""";

    public override string Type => "kubernetes";

    protected override string Cloud => "The cluster";

    protected override IEnumerable<string?> Secrets(IReadOnlyDictionary<string, string> values)
    {
        var config = Kubeconfig.Read(values.GetValueOrDefault(Field, ""), out _);
        return [config?.Token, config?.ClientKey];
    }

    protected override async Task<CloudVerdict> AskAsync(IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        if (Kubeconfig.Read(values.GetValueOrDefault(Field, ""), out var mistake) is not { } config)
            return new CloudVerdict.Bad($"The kubeconfig cannot be used: {mistake}");
        X509Certificate2Collection authorities = [.. config.CaCertificates.Select(certificate => X509CertificateLoader.LoadCertificate(certificate.Span))];
        using var own = OwnCertificate(config);
        using var client = Clients.ForUsers(authorities, own is null ? null : SslStreamCertificateContext.Create(own, Chain(config), offline: true));
        try
        {
            return await AskAsync(client, config, cancellationToken);
        }
        finally
        {
            foreach (var authority in authorities)
                authority.Dispose();
        }
    }

    private async Task<CloudVerdict> AskAsync(HttpClient client, Kubeconfig config, CancellationToken cancellationToken)
    {
        var version = await CallAsync(client, config, HttpMethod.Get, "version", null, cancellationToken);
        if (version.Status == HttpStatusCode.Unauthorized)
            return Unknown();
        // Some clusters tell nobody their version who is not an administrator.
        if (!version.IsGood && version.Status != HttpStatusCode.Forbidden)
            return new CloudVerdict.Bad($"What answers at {config.Server.Authority} is no API server of Kubernetes ({(int)version.Status}).");
        if (version.IsGood && version.Text("gitVersion") is null)
            return CloudAnswer.Nonsense(Cloud);

        // Anybody may ask for the version: only this says whether the key is good. Clusters before 1.28 do not have it.
        var who = await CallAsync(client, config, HttpMethod.Post, "apis/authentication.k8s.io/v1/selfsubjectreviews", Review, cancellationToken);
        if (who.Status == HttpStatusCode.Unauthorized)
            return Unknown();
        var user = who.IsGood ? who.Text("status", "userInfo", "username") : null;
        if (user == "system:anonymous")
            return Unknown();
        if (user is null && version.Status == HttpStatusCode.Forbidden)
            return new CloudVerdict.Bad("The cluster knows the user of the kubeconfig and denies it to look at the cluster's version.");
        return new CloudVerdict.Good(CloudWords.Facts(
            ("Server version", version.Text("gitVersion")), ("User", user), ("Server", config.Server.Authority), ("Context", config.Context)));
    }

    private static CloudVerdict.Bad Unknown() => new("The cluster does not know the user of the kubeconfig: its token or certificate was revoked, is over, or belongs to another cluster.");

    private async Task<CloudAnswer> CallAsync(HttpClient client, Kubeconfig config, HttpMethod method, string path, string? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri($"{config.Server.AbsoluteUri.TrimEnd('/')}/{path}"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        // The name for TLS is taken from it.
        request.Headers.Host = config.TlsServerName;
        if (config.Token is not null)
            request.Headers.Authorization = new("Bearer", config.Token);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await SendAsync(client, request, cancellationToken);
    }

    private static X509Certificate2? OwnCertificate(Kubeconfig config)
    {
        if (config is not { ClientCertificate: { } certificate, ClientKey: { } key })
            return null;
        try
        {
            return X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new CloudVerdictException(new CloudVerdict.Bad("The client certificate of the kubeconfig cannot be read, or its key is not its own."));
        }
    }

    private static X509Certificate2Collection Chain(Kubeconfig config)
    {
        X509Certificate2Collection chain = [];
        chain.ImportFromPem(config.ClientCertificate);
        return chain;
    }
}
