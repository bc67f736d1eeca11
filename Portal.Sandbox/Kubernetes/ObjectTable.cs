namespace Portal.Sandbox.Kubernetes;

/// <summary>Lists as kubectl prints them: the server fills the columns.</summary>
internal static class ObjectTable
{
    public static bool IsAskedFor(HttpRequest request) =>
        request.Headers.Accept.ToString().Contains("as=Table;v=v1;g=meta.k8s.io", StringComparison.OrdinalIgnoreCase);

    public static IResult Answer(ClusterKind kind, IEnumerable<ClusterObject> items, object metadata, DateTimeOffset now) => KubernetesJson.Answer(new
    {
        kind = "Table",
        apiVersion = "meta.k8s.io/v1",
        metadata,
        columnDefinitions = new[]
        {
            Column("Name", "string", "name"),
            kind == ClusterKind.Namespace ? Column("Status", "string", "") : Column("Secrets", "integer", ""),
            Column("Age", "string", ""),
        },
        rows = items.Select(item => new
        {
            cells = new object[] { item.Name, kind == ClusterKind.Namespace ? "Active" : 0, Age(now - item.CreatedAt) },
            @object = new { kind = "PartialObjectMetadata", apiVersion = "meta.k8s.io/v1", metadata = item.Metadata },
        }),
    });

    private static object Column(string name, string type, string format) => new { name, type, format, description = "", priority = 0 };

    private static string Age(TimeSpan age) => age switch
    {
        { TotalMinutes: < 2 } => $"{Math.Max(0, (int)age.TotalSeconds)}s",
        { TotalHours: < 3 } => $"{(int)age.TotalMinutes}m",
        { TotalDays: < 2 } => $"{(int)age.TotalHours}h",
        _ => $"{(int)age.TotalDays}d",
    };
}
