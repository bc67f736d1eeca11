using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Kubernetes;

/// <summary>Namespaces and service accounts: list, get, create, delete.</summary>
internal sealed class ObjectEndpoints(Cluster cluster, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/namespaces", (HttpRequest request) => List(request, ClusterKind.Namespace, null))
            .WithMetadata(new Permission("list", "namespaces"));
        api.MapPost("/api/v1/namespaces", (HttpRequest request) => CreateAsync(request, ClusterKind.Namespace, null))
            .WithMetadata(new Permission("create", "namespaces"));
        api.MapGet("/api/v1/namespaces/{name}", (HttpRequest request, string name) => Get(request, ClusterKind.Namespace, null, name))
            .WithMetadata(new Permission("get", "namespaces"));
        api.MapDelete("/api/v1/namespaces/{name}", (string name) => Delete(ClusterKind.Namespace, null, name))
            .WithMetadata(new Permission("delete", "namespaces"));

        api.MapGet("/api/v1/serviceaccounts", (HttpRequest request) => List(request, ClusterKind.ServiceAccount, null))
            .WithMetadata(new Permission("list", "serviceaccounts"));
        const string accounts = "/api/v1/namespaces/{ns}/serviceaccounts";
        api.MapGet(accounts, (HttpRequest request, string ns) => List(request, ClusterKind.ServiceAccount, ns))
            .WithMetadata(new Permission("list", "serviceaccounts"));
        api.MapPost(accounts, (HttpRequest request, string ns) => CreateAsync(request, ClusterKind.ServiceAccount, ns))
            .WithMetadata(new Permission("create", "serviceaccounts"));
        api.MapGet(accounts + "/{name}", (HttpRequest request, string ns, string name) => Get(request, ClusterKind.ServiceAccount, ns, name))
            .WithMetadata(new Permission("get", "serviceaccounts"));
        api.MapDelete(accounts + "/{name}", (string ns, string name) => Delete(ClusterKind.ServiceAccount, ns, name))
            .WithMetadata(new Permission("delete", "serviceaccounts"));
    }

    private IResult List(HttpRequest request, ClusterKind kind, string? inNamespace)
    {
        var page = ListPage.Of(cluster.List(kind, inNamespace), request.Query);
        var metadata = new { resourceVersion = $"{cluster.Version}", @continue = page.Continue, remainingItemCount = page.Remaining };
        return ObjectTable.IsAskedFor(request)
            ? ObjectTable.Answer(kind, page.Items, metadata, time.GetUtcNow())
            : KubernetesJson.Answer(new { kind = $"{kind}List", apiVersion = "v1", metadata, items = page.Items.Select(o => o.ToJson(false)) });
    }

    private IResult Get(HttpRequest request, ClusterKind kind, string? inNamespace, string name)
    {
        var found = cluster.Find(kind, inNamespace, name) ?? throw ApiException.NotFound(Plural(kind), name);
        return ObjectTable.IsAskedFor(request)
            ? ObjectTable.Answer(kind, [found], new { resourceVersion = $"{found.Version}" }, time.GetUtcNow())
            : KubernetesJson.Answer(found.ToJson(true));
    }

    private async Task<IResult> CreateAsync(HttpRequest request, ClusterKind kind, string? inNamespace)
    {
        var body = await KubernetesJson.ReadAsync(request);
        KubernetesJson.RequireKind(body, "v1", $"{kind}");
        if (body.Get<string>("metadata", "namespace") is { Length: > 0 } other && kind == ClusterKind.ServiceAccount && other != inNamespace)
            throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        var labels = body.Get<Dictionary<string, string>>("metadata", "labels");
        var annotations = body.Get<Dictionary<string, string>>("metadata", "annotations");
        var name = Name(body, kind);
        var created = kind == ClusterKind.Namespace
            ? cluster.CreateNamespace(name, labels, annotations)
            : cluster.CreateServiceAccount(inNamespace!, name, labels, annotations);
        return KubernetesJson.Answer(created.ToJson(true), StatusCodes.Status201Created);
    }

    private IResult Delete(ClusterKind kind, string? inNamespace, string name)
    {
        var deleted = cluster.Delete(kind, inNamespace, name) ?? throw ApiException.NotFound(Plural(kind), name);
        return KubernetesJson.Answer(new
        {
            kind = "Status",
            apiVersion = "v1",
            metadata = new { },
            status = "Success",
            details = new { name, kind = Plural(kind), uid = deleted.Uid },
        });
    }

    private static string Name(JsonObject body, ClusterKind kind)
    {
        if (body.Get<string>("metadata", "name") is { Length: > 0 } name)
            return name;
        return body.Get<string>("metadata", "generateName") is { Length: > 0 } prefix
            ? prefix + RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 5)
            : throw ApiException.Invalid("", $"{kind}", "", "metadata.name", "Required value: name or generateName is required");
    }

    private static string Plural(ClusterKind kind) => kind == ClusterKind.Namespace ? "namespaces" : "serviceaccounts";
}
