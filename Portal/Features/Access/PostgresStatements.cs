using System.Text.RegularExpressions;

namespace Portal.Features.Access;

/// <summary>The SQL that Vault runs for users of a PostgreSQL role. Vault cuts statements at every semicolon, also within quotes.</summary>
public static partial class PostgresStatements
{
    /// <summary>Keeps the login whole, where Vault's own form keeps eight letters of it; at most 63 in all.</summary>
    public const string UsernameTemplate =
        """v-{{.DisplayName | replace "token-" "" | truncate 24}}-{{.RoleName | truncate 12}}-{{random 12}}-{{unix_time}}""";

    private static readonly string[] s_placeholders = ["name", "username", "password", "expiration"];

    public static IReadOnlyList<string> Renewal { get; } = ["""ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}';"""];

    /// <summary>
    /// Ends a user: no new login, open sessions cut, what it owns to <paramref name="owner"/>, its rights gone, itself gone. The commit in
    /// the middle lets others see the lock before sessions are cut, so that a pool cannot slip back in. A user that is gone already is
    /// fine, as Vault runs this again when it did not learn of the success; <c>\x3b</c> is a semicolon that Vault does not cut at. Who is
    /// no superuser must be a member of a role to take what it owns.
    /// </summary>
    public static IReadOnlyList<string> Revocation(string owner) =>
    [
        IfThere("""ALTER ROLE "{{name}}" NOLOGIN\x3b"""),
        "COMMIT;",
        "BEGIN;",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}';",
        IfThere($$$"""GRANT "{{name}}" TO CURRENT_USER\x3b REASSIGN OWNED BY "{{name}}" TO "{{{owner}}}"\x3b DROP OWNED BY "{{name}}"\x3b"""),
        """DROP ROLE IF EXISTS "{{name}}";""",
    ];

    /// <summary>What is wrong with one statement that makes a user; null when it is fine.</summary>
    public static string? Complaint(string statement)
    {
        foreach (Match match in Placeholders().Matches(statement))
        {
            var name = match.Groups["name"].Value;
            if (!s_placeholders.Contains(name))
                return $"Vault knows no {Mistakes.Quote(match.Value)}; it fills in {string.Join(", ", s_placeholders.Select(known => $"{{{{{known}}}}}"))}";
            var (before, after) = (Around(statement, match.Index - 1), Around(statement, match.Index + match.Length));
            if (name is "name" or "username" ? (before, after) is not (('"', '"') or ('\'', '\'')) : (before, after) is not ('\'', '\''))
                return name is "name" or "username"
                    ? "write \"{{name}}\" in quotes, as user names hold hyphens"
                    : $"write '{{{{{name}}}}}' in single quotes";
        }

        return ClearPassword().IsMatch(statement) ? "a password in clear; write PASSWORD '{{password}}'" : null;
    }

    /// <summary>What is missing in all the statements of a role together; null when they are complete.</summary>
    public static string? Lack(IEnumerable<string> statements)
    {
        var all = string.Join('\n', statements);
        var used = Placeholders().Matches(all).Select(match => match.Groups["name"].Value).ToHashSet();
        if (!used.Contains("name") && !used.Contains("username"))
            return "no statement has \"{{name}}\", so the user would not be made";
        return used.Contains("password") ? null : "no statement has '{{password}}', so the user could not log in";
    }

    private static string IfThere(string actions) =>
        $$$"""DO E'BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = ''{{name}}'') THEN {{{actions}}} END IF\x3b END';""";

    private static char? Around(string text, int index) => index >= 0 && index < text.Length ? text[index] : null;

    [GeneratedRegex(@"\{\{(?<name>[^{}]*)\}\}")]
    private static partial Regex Placeholders();

    [GeneratedRegex(@"\bPASSWORD\s+E?'(?!\{\{)", RegexOptions.IgnoreCase)]
    private static partial Regex ClearPassword();
}
