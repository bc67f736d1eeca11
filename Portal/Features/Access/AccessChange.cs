namespace Portal.Features.Access;

public enum ChangeKind
{
    Added,
    Changed,
    Removed,
}

/// <summary>Something that differs between the file on one side, Vault and the portal's database on the other.</summary>
/// <param name="Name">Kind and name of the thing, such as <c>role shop-readonly</c>.</param>
/// <param name="Details">What of it, such as <c>longest 8h → 4h</c>.</param>
public sealed record AccessChange(ChangeKind Kind, string Name, IReadOnlyList<string> Details)
{
    /// <summary>The portal knows it, Vault does not.</summary>
    public const string MadeAgain = "made again in Vault";

    public string Detail => string.Join(", ", Details);

    /// <summary>As it is printed.</summary>
    public string Line => (Kind, Details.Count) switch
    {
        (ChangeKind.Added, 0) => $"+ {Name}",
        (ChangeKind.Added, _) => $"+ {Name} ({Detail})",
        (ChangeKind.Removed, 0) => $"- {Name}",
        (ChangeKind.Removed, _) => $"- {Name} ({Detail})",
        _ => $"~ {Name}: {Detail}",
    };

    public static string Team(string name) => $"team {name}";

    public static string Connection(string name) => $"connection {name}";

    public static string Role(string name) => $"role {name}";

    public static string Grant(string team, string role) => $"grant {team} → {role}";

    /// <summary>
    /// One change for each thing, in the file's order and what it no longer names last. What the database lacks is added,
    /// whatever Vault knows; what Vault alone lacks is made again.
    /// </summary>
    public static IReadOnlyList<AccessChange> Merge(AccessFile file, IEnumerable<AccessChange> inDatabase, IEnumerable<AccessChange> inVault)
    {
        var order = Order(file).Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => pair.index);
        return [.. inDatabase.Concat(inVault)
            .GroupBy(change => change.Name)
            .Select(same => same.Aggregate(Join))
            .OrderBy(change => order.GetValueOrDefault(change.Name, int.MaxValue))];
    }

    private static AccessChange Join(AccessChange database, AccessChange vault) =>
        database with { Details = [.. database.Details.Concat(vault.Details.Where(detail => detail != MadeAgain || database.Kind == ChangeKind.Changed)).Distinct()] };

    private static IEnumerable<string> Order(AccessFile file) =>
    [
        .. file.Teams.Select(team => Team(team.Name)),
        .. file.Connections.SelectMany(connection => connection.Roles.Select(role => Role(role.Name)).Prepend(Connection(connection.Name))),
        .. file.SshRoles.Select(role => Role(role.Name)),
        .. file.Grants.Select(grant => Grant(grant.Team, grant.Role)),
    ];
}
