using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>Where the API server is, and how to know it.</summary>
internal sealed record KubernetesConfig(Uri Host, string CaPem, string ReviewerJwt, string Issuer, bool IsIssuerUnchecked, bool IsLocalCaDisabled)
{
    /// <exception cref="VaultError">something is missing</exception>
    public static KubernetesConfig Read(Fields fields)
    {
        if (!Uri.TryCreate(fields.Text("kubernetes_host"), UriKind.Absolute, out var host))
            throw VaultError.Invalid("no host provided");
        var ca = fields.Text("kubernetes_ca_cert");
        if (ca.Length == 0)
            throw VaultError.Invalid("one of pem_keys or kubernetes_ca_cert must be set");
        return new KubernetesConfig(
            host, ca, fields.Text("token_reviewer_jwt"), fields.Text("issuer"), fields.Flag("disable_iss_validation", true), fields.Flag("disable_local_ca_jwt"));
    }

    public JsonObject Describe() => new()
    {
        ["disable_iss_validation"] = IsIssuerUnchecked,
        ["disable_local_ca_jwt"] = IsLocalCaDisabled,
        ["issuer"] = Issuer,
        ["kubernetes_ca_cert"] = CaPem,
        ["kubernetes_host"] = Host.OriginalString,
        ["pem_keys"] = new JsonArray(),
    };
}

/// <summary>Asks the API server whether a token is good.</summary>
internal sealed class TokenReviews : IDisposable
{
    private readonly X509Certificate2Collection _roots = [];
    private readonly HttpClient _http;

    public TokenReviews(KubernetesConfig config)
    {
        Config = config;
        try
        {
            _roots.ImportFromPem(config.CaPem);
        }
        catch (CryptographicException)
        {
            throw VaultError.Invalid("Configured CA PEM data contained no valid certificates");
        }

        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(certificate, errors) },
        })
        {
            Timeout = TimeSpan.FromSeconds(30),
        };
    }

    public KubernetesConfig Config { get; }

    /// <summary>False as well when the API server cannot be asked, or speaks of another account.</summary>
    public async Task<bool> VouchesForAsync(string jwt, ServiceAccount account, string audience)
    {
        var spec = new JsonObject { ["token"] = jwt };
        if (audience.Length > 0)
            spec["audiences"] = new JsonArray(audience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{Config.Host.OriginalString.TrimEnd('/')}/apis/authentication.k8s.io/v1/tokenreviews")
            {
                Content = JsonContent.Create(new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenReview", ["spec"] = spec }),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Config.ReviewerJwt.Length > 0 ? Config.ReviewerJwt.Trim() : jwt);
            using var response = await _http.SendAsync(request);
            return response.IsSuccessStatusCode && Vouches(await response.Content.ReadFromJsonAsync<JsonObject>(), account);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        foreach (var root in _roots)
            root.Dispose();
    }

    private static bool Vouches(JsonObject? review, ServiceAccount account)
    {
        var user = review?["status"]?["user"];
        return (bool?)review?["status"]?["authenticated"] == true
            && (string?)user?["uid"] == account.Uid
            && (string?)user?["username"] == $"system:serviceaccount:{account.Namespace}:{account.Name}";
    }

    private bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 served || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(served);
    }
}
