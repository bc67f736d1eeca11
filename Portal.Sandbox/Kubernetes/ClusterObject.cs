namespace Portal.Sandbox.Kubernetes;

/// <summary>A namespace (<see cref="Namespace"/> is null) or a service account.</summary>
public sealed record ClusterObject(
    ClusterKind Kind, string? Namespace, string Name, Guid Uid, long Version, DateTimeOffset CreatedAt,
    IReadOnlyDictionary<string, string> Labels, IReadOnlyDictionary<string, string> Annotations)
{
    internal object Metadata => new
    {
        name = Name,
        @namespace = Namespace,
        uid = Uid,
        resourceVersion = $"{Version}",
        creationTimestamp = KubernetesJson.Time(CreatedAt),
        labels = Labels.Count == 0 ? null : Labels,
        annotations = Annotations.Count == 0 ? null : Annotations,
    };

    internal object ToJson(bool standalone) => Kind == ClusterKind.Namespace
        ? new
        {
            kind = standalone ? "Namespace" : null,
            apiVersion = standalone ? "v1" : null,
            metadata = Metadata,
            spec = new { finalizers = new[] { "kubernetes" } },
            status = new { phase = "Active" },
        }
        : new { kind = standalone ? "ServiceAccount" : null, apiVersion = standalone ? "v1" : null, metadata = Metadata };
}

public enum ClusterKind
{
    Namespace,
    ServiceAccount,
}
