namespace Portal.Features.Access;

/// <summary>What an access file says, free of mistakes. Every part keeps the line it stands on, counted from 1.</summary>
public sealed record AccessFile(
    IReadOnlyList<TeamEntry> Teams, IReadOnlyList<ConnectionEntry> Connections, IReadOnlyList<SshRoleEntry> SshRoles, IReadOnlyList<GrantEntry> Grants)
{
    public IEnumerable<GrantEntry> DatabaseGrants => Grants.Where(grant => SshRoles.All(role => role.Name != grant.Role));

    public IEnumerable<GrantEntry> SshGrants => Grants.Where(grant => SshRoles.Any(role => role.Name == grant.Role));
}

/// <param name="Subject">GitHub's number of the team, as text.</param>
/// <param name="Label">Such as <c>acme/payments</c>.</param>
public sealed record TeamEntry(int Line, string Name, string Subject, string Label)
{
    public const string GitHub = "github";
}

/// <param name="Host">Where people connect.</param>
/// <param name="VaultAddress">Where Vault connects: <c>host:port</c>.</param>
/// <param name="Rotate">Vault replaces the given password by one of its own.</param>
/// <param name="Owner">The role of the database server that inherits what people leave behind.</param>
public sealed record ConnectionEntry(
    int Line,
    string Name,
    string Engine,
    string Host,
    int Port,
    string Database,
    string VaultAddress,
    string TlsMode,
    string Username,
    GivenPassword Password,
    bool Rotate,
    string Owner,
    IReadOnlyList<RoleEntry> Roles);

/// <param name="Connection">The name of the connection it belongs to.</param>
/// <param name="Longest">Longest life of a credential.</param>
public sealed record RoleEntry(
    int Line, string Name, string Connection, string Allows, IReadOnlyList<string> Statements, TimeSpan Longest);

/// <param name="Hosts">Which hosts it opens, in words.</param>
/// <param name="Principals">Accounts on those hosts.</param>
/// <param name="Extensions">What certificates permit beside a login.</param>
/// <param name="Longest">Longest life of a certificate.</param>
public sealed record SshRoleEntry(
    int Line, string Name, string Allows, string Hosts, IReadOnlyList<string> Principals, IReadOnlyList<string> Extensions, TimeSpan Longest);

/// <param name="Principals">Of an SSH role: those that the team may use; none: all.</param>
public sealed record GrantEntry(int Line, string Team, string Role, TimeSpan Longest, bool Approval, IReadOnlyList<string> Principals);

/// <summary>A password that the file points to. Its text never says it.</summary>
public sealed class GivenPassword(string value)
{
    public string Value => value;

    public override string ToString() => "(hidden)";
}
