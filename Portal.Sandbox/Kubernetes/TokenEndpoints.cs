using System.Text.Json.Nodes;

namespace Portal.Sandbox.Kubernetes;

/// <summary>TokenRequest makes tokens of service accounts, TokenReview checks them, and SelfSubjectReview tells whose one's own is.</summary>
internal sealed class TokenEndpoints(Cluster cluster, ServiceAccountTokens tokens, Authentication authentication)
{
    private const string Group = "authentication.k8s.io";
    private const long Shortest = 10 * 60;
    private const long Longest = 1L << 32;

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/api/v1/namespaces/{ns}/serviceaccounts/{name}/token", RequestAsync)
            .WithMetadata(new Permission("create", "serviceaccounts/token"));
        api.MapPost($"/apis/{Group}/v1/tokenreviews", ReviewAsync).WithMetadata(new Permission("create", "tokenreviews", Group));
        // Whoever is known may ask who that is.
        api.MapPost($"/apis/{Group}/v1/selfsubjectreviews", ReviewSelfAsync);
    }

    private async Task<IResult> ReviewSelfAsync(HttpRequest request)
    {
        var body = await KubernetesJson.ReadAsync(request);
        KubernetesJson.RequireKind(body, $"{Group}/v1", "SelfSubjectReview");
        return KubernetesJson.Answer(
            new { kind = "SelfSubjectReview", apiVersion = $"{Group}/v1", metadata = new { }, status = new { userInfo = authentication.Authenticate(request).ToUserInfo() } },
            StatusCodes.Status201Created);
    }

    private async Task<IResult> RequestAsync(HttpRequest request, string ns, string name)
    {
        var body = await KubernetesJson.ReadAsync(request);
        KubernetesJson.RequireKind(body, $"{Group}/v1", "TokenRequest");
        var account = cluster.Find(ClusterKind.ServiceAccount, ns, name) ?? throw ApiException.NotFound("serviceaccounts", name);
        var seconds = body.Get<long?>("spec", "expirationSeconds") ?? 3600;
        if (seconds < Shortest)
            throw InvalidDuration(seconds, "may not specify a duration less than 10 minutes");
        if (seconds > Longest)
            throw InvalidDuration(seconds, "may not specify a duration larger than 2^32 seconds");
        // The sandbox runs no pods and keeps no secrets that a token could be bound to.
        if (body.Get<JsonObject>("spec", "boundObjectRef") is { } bound)
            throw ApiException.NotFound($"{bound.Get<string>("kind")}s".ToLowerInvariant(), bound.Get<string>("name") ?? "");

        var audiences = body.Get<string[]>("spec", "audiences") is { Length: > 0 } asked ? asked : [authentication.Audience];
        var issued = tokens.Create(account, audiences, TimeSpan.FromSeconds(seconds));
        return KubernetesJson.Answer(new
        {
            kind = "TokenRequest",
            apiVersion = $"{Group}/v1",
            metadata = new { name, @namespace = ns },
            spec = new { audiences, expirationSeconds = seconds },
            status = new { token = issued.Token, expirationTimestamp = KubernetesJson.Time(issued.Expires) },
        }, StatusCodes.Status201Created);
    }

    private async Task<IResult> ReviewAsync(HttpRequest request)
    {
        var body = await KubernetesJson.ReadAsync(request);
        KubernetesJson.RequireKind(body, $"{Group}/v1", "TokenReview");
        if (body.Get<string>("spec", "token") is not { Length: > 0 } token)
            throw ApiException.BadRequest("token is required for TokenReview in authentication");
        var audiences = body.Get<string[]>("spec", "audiences");
        var (caller, error) = authentication.Authenticate(token, audiences ?? []);
        object status = caller is null
            ? new { user = new { }, error }
            : new { authenticated = true, user = caller.ToUserInfo(), audiences = caller.Audiences };
        return KubernetesJson.Answer(
            new { kind = "TokenReview", apiVersion = $"{Group}/v1", metadata = new { }, spec = new { token, audiences }, status },
            StatusCodes.Status201Created);
    }

    private static ApiException InvalidDuration(long seconds, string problem) =>
        ApiException.Invalid(Group, "TokenRequest", "", "spec.expirationSeconds", $"Invalid value: {seconds}: {problem}");
}
