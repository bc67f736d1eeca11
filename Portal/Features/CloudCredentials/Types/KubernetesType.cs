namespace Portal.Features.CloudCredentials.Types;

public sealed class KubernetesType : CloudType
{
    private const string Field = "K8Sconfig";

    public override string Name => "kubernetes";

    public override string Title => "Kubernetes";

    public override string Help =>
        "Give the kubeconfig of a service account of its own, bound to a role with what the program does alone; where the program runs in the cluster or can use OpenID Connect, that is better, as there is no lasting token then.";

    public override string AfterRevoke =>
        "The cluster still takes it: run kubectl delete serviceaccount NAME --namespace NAMESPACE, which ends its tokens; a client certificate cannot be revoked, so run kubectl delete rolebinding (or clusterrolebinding) NAME for what its user may do.";

    public override IReadOnlyList<CloudField> Fields { get; } =
    [
        new(Field, "Kubeconfig", "What kubectl config view --raw --minify --flatten prints: one context with its certificates and token written out, without files and programs.")
        {
            IsRequired = true, IsSensitive = true, IsLong = true, Longest = Kubeconfig.Longest, Check = Check,
        },
    ];

    // A kubeconfig mostly has no ending in its name.
    public override CloudFile? File { get; } = new("*/*", "A kubeconfig, made by kubectl config view --raw --minify --flatten > kubeconfig", Drop);

    private static Dictionary<string, string> Drop(string text, IDictionary<string, string> errors)
    {
        if (Check(text) is { } mistake)
            errors[Field] = mistake;
        return new(StringComparer.Ordinal) { [Field] = text };
    }

    private static string? Check(string text)
    {
        Kubeconfig.Read(text, out var mistake);
        return mistake;
    }
}
