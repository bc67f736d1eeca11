using System.Text.RegularExpressions;

namespace Portal.Sandbox.Kubernetes;

/// <summary>What the cluster holds: namespaces, their service accounts, and what service accounts may do. Thread-safe.</summary>
public sealed partial class Cluster(TimeProvider time)
{
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    private const string LabelRule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";

    private const string SubdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, ClusterObject> _objects = new(StringComparer.Ordinal);
    private readonly HashSet<(string Namespace, string Name, ClusterRole Role)> _bindings = [];
    private long _version = 100;

    public long Version => Interlocked.Read(ref _version);

    /// <summary>In order of namespace and name.</summary>
    public IReadOnlyList<ClusterObject> List(ClusterKind kind, string? inNamespace = null)
    {
        lock (_lock)
            return [.. _objects.Values.Where(o => o.Kind == kind && (inNamespace is null || o.Namespace == inNamespace))];
    }

    public ClusterObject? Find(ClusterKind kind, string? inNamespace, string name)
    {
        lock (_lock)
            return _objects.GetValueOrDefault(Key(kind, inNamespace, name));
    }

    /// <summary>Also makes its service account <c>default</c>, as a cluster does.</summary>
    public ClusterObject CreateNamespace(
        string name, IReadOnlyDictionary<string, string>? labels = null, IReadOnlyDictionary<string, string>? annotations = null)
    {
        if (name.Length > 63 || !Label().IsMatch(name))
            throw ApiException.Invalid("", "Namespace", name, "metadata.name", $"Invalid value: \"{name}\": {LabelRule}");
        lock (_lock)
        {
            var all = new Dictionary<string, string>(labels ?? None) { ["kubernetes.io/metadata.name"] = name };
            var created = Add(ClusterKind.Namespace, null, name, all, annotations ?? None);
            Add(ClusterKind.ServiceAccount, name, "default", None, None);
            return created;
        }
    }

    public ClusterObject CreateServiceAccount(
        string inNamespace, string name, IReadOnlyDictionary<string, string>? labels = null, IReadOnlyDictionary<string, string>? annotations = null)
    {
        if (name.Length > 253 || !Subdomain().IsMatch(name))
            throw ApiException.Invalid("", "ServiceAccount", name, "metadata.name", $"Invalid value: \"{name}\": {SubdomainRule}");
        lock (_lock)
        {
            if (!_objects.ContainsKey(Key(ClusterKind.Namespace, null, inNamespace)))
                throw ApiException.NotFound("namespaces", inNamespace);
            return Add(ClusterKind.ServiceAccount, inNamespace, name, labels ?? None, annotations ?? None);
        }
    }

    /// <summary>Deletes a namespace with its service accounts, or a service account. Null: there is none.</summary>
    public ClusterObject? Delete(ClusterKind kind, string? inNamespace, string name)
    {
        lock (_lock)
        {
            if (!_objects.Remove(Key(kind, inNamespace, name), out var deleted))
                return null;
            if (kind == ClusterKind.Namespace)
                foreach (var account in List(ClusterKind.ServiceAccount, name))
                    _objects.Remove(Key(account.Kind, account.Namespace, account.Name));
            Interlocked.Increment(ref _version);
            return deleted;
        }
    }

    /// <summary>Binds a cluster role to a service account by name, whether it exists or not, as a ClusterRoleBinding does.</summary>
    public void Bind(string inNamespace, string serviceAccount, ClusterRole role)
    {
        lock (_lock)
            _bindings.Add((inNamespace, serviceAccount, role));
    }

    public void Unbind(string inNamespace, string serviceAccount, ClusterRole role)
    {
        lock (_lock)
            _bindings.Remove((inNamespace, serviceAccount, role));
    }

    internal bool IsBound(string inNamespace, string serviceAccount, ClusterRole role)
    {
        lock (_lock)
            return _bindings.Contains((inNamespace, serviceAccount, role));
    }

    private ClusterObject Add(
        ClusterKind kind, string? inNamespace, string name, IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> annotations)
    {
        var created = new ClusterObject(
            kind, inNamespace, name, Guid.CreateVersion7(), Interlocked.Increment(ref _version), time.GetUtcNow(), labels, annotations);
        if (!_objects.TryAdd(Key(kind, inNamespace, name), created))
            throw ApiException.AlreadyExists(kind == ClusterKind.Namespace ? "namespaces" : "serviceaccounts", name);
        return created;
    }

    // As in etcd, whose order lists keep.
    private static string Key(ClusterKind kind, string? inNamespace, string name) => $"{kind}/{inNamespace}/{name}";

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Subdomain();
}

/// <summary>What the sandbox knows of Kubernetes' built-in cluster roles.</summary>
public enum ClusterRole
{
    /// <summary><c>system:auth-delegator</c>: may create TokenReviews.</summary>
    AuthDelegator,

    /// <summary><c>view</c> and the listing of namespaces.</summary>
    View,

    /// <summary><c>cluster-admin</c>.</summary>
    ClusterAdmin,
}
