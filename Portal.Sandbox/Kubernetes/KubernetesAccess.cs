namespace Portal.Sandbox.Kubernetes;

/// <summary>A Kubernetes API that somebody may use.</summary>
/// <param name="CaPem">The authority that vouches for it.</param>
/// <param name="AdminToken">May make namespaces, service accounts and their tokens.</param>
public sealed record KubernetesAccess(Uri Address, string CaPem, string AdminToken)
{
    public override string ToString() => Address.GetLeftPart(UriPartial.Authority);
}
