namespace Portal.Sandbox.Kubernetes;

/// <summary>What clients ask before they ask: version, liveness, groups and resources, and how tokens are verified.</summary>
internal sealed class DiscoveryEndpoints(ServiceAccountTokens tokens, string issuer)
{
    private const string Version = """
        { "major": "1", "minor": "32", "gitVersion": "v1.32.4", "gitTreeState": "clean", "compiler": "gc", "platform": "linux/amd64" }
        """;

    private const string Versions = """
        { "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [] }
        """;

    private const string CoreResources = """
        { "kind": "APIResourceList", "groupVersion": "v1", "resources": [
          { "name": "namespaces", "singularName": "namespace", "namespaced": false, "kind": "Namespace",
            "verbs": ["create", "delete", "get", "list"], "shortNames": ["ns"] },
          { "name": "serviceaccounts", "singularName": "serviceaccount", "namespaced": true, "kind": "ServiceAccount",
            "verbs": ["create", "delete", "get", "list"], "shortNames": ["sa"] },
          { "name": "serviceaccounts/token", "singularName": "", "namespaced": true, "kind": "TokenRequest",
            "group": "authentication.k8s.io", "version": "v1", "verbs": ["create"] } ] }
        """;

    private const string AuthenticationGroup = """
        { "kind": "APIGroup", "apiVersion": "v1", "name": "authentication.k8s.io",
          "versions": [{ "groupVersion": "authentication.k8s.io/v1", "version": "v1" }],
          "preferredVersion": { "groupVersion": "authentication.k8s.io/v1", "version": "v1" } }
        """;

    private const string Groups = $$"""{ "kind": "APIGroupList", "apiVersion": "v1", "groups": [{{AuthenticationGroup}}] }""";

    private const string AuthenticationResources = """
        { "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "authentication.k8s.io/v1", "resources": [
          { "name": "selfsubjectreviews", "singularName": "selfsubjectreview", "namespaced": false, "kind": "SelfSubjectReview", "verbs": ["create"] },
          { "name": "tokenreviews", "singularName": "tokenreview", "namespaced": false, "kind": "TokenReview", "verbs": ["create"] } ] }
        """;

    public void Map(IEndpointRouteBuilder api)
    {
        foreach (var path in (string[])["/livez", "/readyz", "/healthz"])
            api.MapGet(path, () => Results.Text("ok")).WithMetadata(new OpenToAll());
        api.MapGet("/version", () => Document(Version)).WithMetadata(new OpenToAll());
        api.MapGet("/api", () => Document(Versions));
        api.MapGet("/api/v1", () => Document(CoreResources));
        api.MapGet("/apis", () => Document(Groups));
        api.MapGet("/apis/authentication.k8s.io", () => Document(AuthenticationGroup));
        api.MapGet("/apis/authentication.k8s.io/v1", () => Document(AuthenticationResources));
        api.MapGet("/.well-known/openid-configuration", (HttpRequest request) => Document($$"""
            { "issuer": "{{issuer}}", "jwks_uri": "https://{{request.Host}}/openid/v1/jwks", "response_types_supported": ["id_token"],
              "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"] }
            """));
        api.MapGet("/openid/v1/jwks", () => Results.Json(tokens.KeySet, contentType: "application/jwk-set+json"));
    }

    private static IResult Document(string json) => Results.Text(json, "application/json");
}
