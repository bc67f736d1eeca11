using Portal.Shell;

namespace Portal.Features.Access;

/// <summary>A role that the file names, as far as grants have to know it.</summary>
/// <param name="Longest">Null when it is a mistake.</param>
internal record NamedRole(int Line, TimeSpan? Longest);

/// <param name="Principals">Null when one is a mistake.</param>
internal sealed record NamedSshRole(int Line, TimeSpan? Longest, IReadOnlyList<string>? Principals) : NamedRole(Line, Longest);

/// <summary>Reads grants, once teams and roles are known.</summary>
internal sealed class GrantReader(IReadOnlyCollection<string> teams, IReadOnlyDictionary<string, NamedRole> roles, Mistakes mistakes)
{
    private readonly Dictionary<(string Team, string Role), int> _grants = [];

    public GrantEntry? Grant(YamlNode node, string where)
    {
        if (YamlFields.Of(node, GrantTitle(node) ?? where, mistakes, ["team", "role", "longest", "approval", "principals"]) is not { } fields)
            return null;
        var team = fields.Text("team", "team: payments", Known("team", teams));
        var role = fields.Text("role", "role: shop-readonly", Known("role", [.. roles.Keys]));
        var longest = fields.Has("longest") ? fields.Duration("longest", "longest: 8h", AccessFileReader.Shortest, AccessFileReader.Longest) : null;
        var approval = fields.Flag("approval", false);
        if (team is null || role is null)
            return null;
        var principals = fields.Has("principals") ? GrantedPrincipals(fields, role) : [];

        if (!_grants.TryAdd((team, role), fields.Line))
            mistakes.Add(fields.Line, $"{fields.Where} is here already, in line {_grants[(team, role)]}");
        var (roleLine, roleLongest) = (roles[role].Line, roles[role].Longest);
        if (longest > roleLongest)
        {
            mistakes.Add(
                fields.LineOf("longest"),
                $"{fields.Where}: longest {ShortDuration.Format(longest.Value)} is longer than the role's {ShortDuration.Format(roleLongest.Value)} (line {roleLine})");
        }

        return (longest ?? roleLongest) is { } allowed && approval is not null && principals is not null
            ? new GrantEntry(fields.Line, team, role, allowed, approval.Value, principals)
            : null;
    }

    private IReadOnlyList<string>? GrantedPrincipals(YamlFields fields, string role)
    {
        if (roles[role] is not NamedSshRole { Principals: var all })
        {
            mistakes.Add(fields.LineOf("principals"), $"{fields.Where}: principals belong to SSH roles, and {role} is none; leave the key out");
            return null;
        }

        return fields.Texts("principals", "principals: [deploy]", all is null ? AccessNames.Any : OneOfRole(all), "leave the key out for all of the role's");

        ValueCheck OneOfRole(IReadOnlyList<string> known) => value =>
            known.Contains(value) ? null : $"is no principal of the role (line {roles[role].Line}): {string.Join(", ", known)}";
    }

    private static string? GrantTitle(YamlNode node) =>
        YamlFields.Peek(node, "team") is { } team && YamlFields.Peek(node, "role") is { } role
        && AccessNames.Label(team) is null && AccessNames.Label(role) is null
            ? $"grant {team} → {role}"
            : null;

    private static ValueCheck Known(string kind, IReadOnlyCollection<string> names) => value =>
        names.Contains(value) ? null
        : Mistakes.Nearest(value, names) is { } nearest ? $"is no {kind} of this file; '{nearest}' is meant?"
        : $"is no {kind} of this file";
}
