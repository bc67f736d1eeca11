namespace Portal.Sandbox.Kubernetes;

/// <summary>Who speaks to the API: the administrator, a service account, or nobody known.</summary>
/// <param name="Audiences">Those of the token that the check asked for.</param>
internal sealed record Caller(
    string Name, string? Uid, IReadOnlyList<string> Groups, IReadOnlyList<string> Audiences, (string Namespace, string Name)? Account, string? TokenId)
{
    public const string Masters = "system:masters";

    public static Caller Anonymous { get; } = new("system:anonymous", null, ["system:unauthenticated"], [], null, null);

    public bool IsAnonymous => this == Anonymous;

    public static Caller Administrator(IReadOnlyList<string> audiences) =>
        new("kubernetes-admin", null, [Masters, "system:authenticated"], audiences, null, null);

    public static Caller ServiceAccount(ClusterObject account, IReadOnlyList<string> audiences, string? tokenId) => new(
        UserNames.ServiceAccount(account.Namespace!, account.Name), account.Uid.ToString(),
        ["system:serviceaccounts", $"system:serviceaccounts:{account.Namespace}", "system:authenticated"],
        audiences, (account.Namespace!, account.Name), tokenId);

    /// <summary>The caller as <c>UserInfo</c>.</summary>
    public object ToUserInfo() => new
    {
        username = Name,
        uid = Uid,
        groups = Groups,
        extra = TokenId is null ? null : new Dictionary<string, string[]> { ["authentication.kubernetes.io/credential-id"] = [$"JTI={TokenId}"] },
    };
}

internal static class UserNames
{
    public static string ServiceAccount(string inNamespace, string name) => $"system:serviceaccount:{inNamespace}:{name}";
}
