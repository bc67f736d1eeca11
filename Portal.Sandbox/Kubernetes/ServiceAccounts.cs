using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Kubernetes;

/// <summary>The portal's service accounts at any Kubernetes API, and their tokens, by its public calls alone.</summary>
/// <remarks>Every method throws <see cref="InvalidOperationException"/> with a sentence when the API says no or nothing.</remarks>
internal sealed class ServiceAccounts : IDisposable
{
    private const string Namespace = KubernetesSeed.Namespace;
    private const string Reviewer = KubernetesSeed.Reviewer;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly KubernetesAccess _cluster;
    private readonly HttpClient _http;

    public ServiceAccounts(KubernetesAccess cluster)
    {
        _cluster = cluster;
        _http = TrustingHttp.Client(cluster.CaPem);
        _http.Timeout = s_patience;
    }

    /// <summary>Makes the namespace and the service accounts `portal` and `vault` where they are missing.</summary>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        await EnsureAsync("/api/v1/namespaces", "v1", "Namespace", Namespace, cancellationToken);
        foreach (var account in (string[])["portal", Reviewer])
            await EnsureAsync($"/api/v1/namespaces/{Namespace}/serviceaccounts", "v1", "ServiceAccount", account, cancellationToken);
    }

    /// <summary>A token for the API itself; the API may give it a shorter life than asked for.</summary>
    public async Task<string> TokenAsync(string account, TimeSpan life, CancellationToken cancellationToken)
    {
        var path = $"/api/v1/namespaces/{Namespace}/serviceaccounts/{account}/token";
        var body = Object("authentication.k8s.io/v1", "TokenRequest", null);
        body["spec"] = new JsonObject { ["expirationSeconds"] = (long)life.TotalSeconds };
        var (_, answer) = await SendAsync(HttpMethod.Post, path, body, _cluster.AdminToken, cancellationToken);
        return (string?)answer?["status"]?["token"] ?? throw No("create", path, (string?)answer?["message"]);
    }

    /// <summary>A token of the account `vault`, which may create TokenReviews: allowed to where it was not yet.</summary>
    public async Task<string> ReviewerTokenAsync(TimeSpan life, CancellationToken cancellationToken)
    {
        var token = await TokenAsync(Reviewer, life, cancellationToken);
        if (await MayReviewAsync(token, cancellationToken))
            return token;
        var binding = Object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", $"{Namespace}-{Reviewer}-token-reviews");
        binding["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = "system:auth-delegator" };
        binding["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = Reviewer, ["namespace"] = Namespace });
        var (status, answer) = await SendAsync(
            HttpMethod.Post, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding, _cluster.AdminToken, cancellationToken);
        return status is HttpStatusCode.Created or HttpStatusCode.Conflict ? token : throw new InvalidOperationException(
            $"The service account {Namespace}/{Reviewer} may not create TokenReviews at {_cluster}, and the token given may not allow it ({(string?)answer?["message"]}). "
            + $"An administrator can: kubectl create clusterrolebinding {Namespace}-{Reviewer}-token-reviews --clusterrole=system:auth-delegator --serviceaccount={Namespace}:{Reviewer}");
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> MayReviewAsync(string token, CancellationToken cancellationToken)
    {
        var review = Object("authentication.k8s.io/v1", "TokenReview", null);
        review["spec"] = new JsonObject { ["token"] = token };
        return (await SendAsync(HttpMethod.Post, "/apis/authentication.k8s.io/v1/tokenreviews", review, token, cancellationToken)).Status == HttpStatusCode.Created;
    }

    private async Task EnsureAsync(string path, string version, string kind, string name, CancellationToken cancellationToken)
    {
        var (status, _) = await SendAsync(HttpMethod.Get, $"{path}/{name}", null, _cluster.AdminToken, cancellationToken);
        if (status == HttpStatusCode.OK)
            return;
        var (made, answer) = await SendAsync(HttpMethod.Post, path, Object(version, kind, name), _cluster.AdminToken, cancellationToken);
        if (made is not (HttpStatusCode.Created or HttpStatusCode.Conflict))
            throw No("create", $"{path}/{name}", (string?)answer?["message"]);
    }

    private static JsonObject Object(string version, string kind, string? name) => new()
    {
        ["apiVersion"] = version,
        ["kind"] = kind,
        ["metadata"] = name is null ? new JsonObject() : new JsonObject { ["name"] = name },
    };

    private async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(
        HttpMethod method, string path, JsonObject? body, string token, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(_cluster.Address, path)) { Content = body is null ? null : JsonContent.Create(body) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await _http.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.Unauthorized)
                throw new InvalidOperationException($"The Kubernetes API at {_cluster} does not know the token.");
            return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken));
        }
        catch (HttpRequestException exception) when (exception.InnerException is AuthenticationException)
        {
            throw new InvalidOperationException($"The Kubernetes API at {_cluster} is not vouched for by the authority given (--kubernetes-ca).");
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new InvalidOperationException($"There is no Kubernetes API at {_cluster} that answers: {exception.Message}");
        }
    }

    private InvalidOperationException No(string verb, string path, string? words) =>
        new($"The Kubernetes API at {_cluster} does not let the token {verb} {path}: {words}");
}
