namespace Portal.Sandbox.Kubernetes;

internal static class KubernetesSeed
{
    public const string Namespace = "portal";
    public const string Reviewer = "vault";

    public static void Plant(Cluster cluster)
    {
        foreach (var name in (string[])["default", "kube-node-lease", "kube-public", "kube-system", Namespace])
            cluster.CreateNamespace(name);
        foreach (var name in (string[])["portal", "other", Reviewer])
            cluster.CreateServiceAccount(Namespace, name);
        cluster.Bind(Namespace, Reviewer, ClusterRole.AuthDelegator);
    }
}
