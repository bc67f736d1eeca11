namespace Portal.Sandbox.Vault;

[Flags]
internal enum Capabilities
{
    None = 0,
    Create = 1,
    Delete = 2,
    Deny = 4,
    List = 8,
    Read = 16,
    Sudo = 32,
    Update = 64,
}

/// <param name="Text">as it was written</param>
internal sealed record Policy(string Name, string Text, IReadOnlyList<PolicyRule> Rules);

/// <param name="Path">without the trailing <c>*</c></param>
internal sealed record PolicyRule(string Path, bool IsPrefix, Capabilities Capabilities)
{
    public bool HasWildcards { get; } = Path.Split('/').Contains("+");
}
