namespace Portal.Features.Access;

/// <summary>What an access file says, free of mistakes. Every part keeps the line it stands on, counted from 1.</summary>
public sealed record AccessFile(
    IReadOnlyList<TeamEntry> Teams, IReadOnlyList<ConnectionEntry> Connections, IReadOnlyList<GrantEntry> Grants);

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

public sealed record GrantEntry(int Line, string Team, string Role, TimeSpan Longest, bool Approval);

/// <summary>A password that the file points to. Its text never says it.</summary>
public sealed class GivenPassword(string value)
{
    public string Value => value;

    public override string ToString() => "(hidden)";
}
