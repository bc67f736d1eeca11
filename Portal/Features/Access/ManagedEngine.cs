using System.Text.RegularExpressions;
using Portal.Features.Databases;
using Portal.Shell;

namespace Portal.Features.Access;

/// <summary>
/// How Vault manages the users of one kind of database server: connection, names, and the SQL that makes, renews and ends them.
/// Vault fills in placeholders without escaping and cuts statements at every semicolon, also within quotes.
/// </summary>
public abstract partial class ManagedEngine
{
    private static readonly Dictionary<string, ManagedEngine> s_engines = new()
    {
        [DatabaseEngines.PostgreSql] = new PostgreSqlEngine(),
        [DatabaseEngines.MariaDb] = new MariaDbEngine(),
    };

    private static readonly string[] s_placeholders = ["name", "username", "password", "expiration"];

    public static string[] Names => [.. s_engines.Keys];

    /// <summary>The plugin of Vault's database engine.</summary>
    public abstract string Plugin { get; }

    public abstract int DefaultPort { get; }

    /// <summary>What <c>tls</c> may be: those that Vault and people's clients can both carry out.</summary>
    public abstract string[] TlsModes { get; }

    /// <summary>The form of user names: the login readable, short enough for the server, no two alike.</summary>
    public abstract string UsernameTemplate { get; }

    /// <summary>Empty where the server knows no end of a user: there Vault's lease alone ends it.</summary>
    public abstract IReadOnlyList<string> Renewal { get; }

    /// <summary>How a statement names the user, as people are told.</summary>
    protected abstract string NameExample { get; }

    /// <summary>How a statement gives the user its password, as people are told.</summary>
    protected abstract string PasswordExample { get; }

    /// <param name="engine">One of <see cref="Names"/>.</param>
    public static ManagedEngine Of(string engine) => s_engines[engine];

    /// <summary>Where Vault connects, user and password left to it.</summary>
    public abstract string ConnectionUrl(ConnectionEntry entry);

    /// <summary>What is wrong with a connection's <c>owner</c>; null when it is fine.</summary>
    public abstract string? OwnerComplaint(string owner);

    /// <summary>
    /// Ends a user: no new login, open sessions cut, what it made harmless, itself gone. A user that is gone already is fine, as Vault
    /// runs this again when it did not learn of the success.
    /// </summary>
    /// <param name="owner">Gets what the user owned, where servers know owners.</param>
    public abstract IReadOnlyList<string> Revocation(string owner);

    /// <summary>What is wrong with one statement that makes a user; null when it is fine.</summary>
    public string? Complaint(string statement)
    {
        foreach (Match match in Placeholders().Matches(statement))
        {
            var name = match.Groups["name"].Value;
            if (!s_placeholders.Contains(name))
                return $"Vault knows no {Mistakes.Quote(match.Value)}; it fills in {string.Join(", ", s_placeholders.Select(known => $"{{{{{known}}}}}"))}";
            var (before, after) = (statement[..match.Index], statement[(match.Index + match.Length)..]);
            if ((name is "name" or "username" ? NameComplaint(before, after) : ValueComplaint(name, before, after)) is { } complaint)
                return complaint;
        }

        return HasClearPassword(statement) ? $"a password in clear; write {PasswordExample}" : null;
    }

    /// <summary>What is missing in all the statements of a role together; null when they are complete.</summary>
    public string? Lack(IEnumerable<string> statements)
    {
        var all = string.Join('\n', statements);
        var used = Placeholders().Matches(all).Select(match => match.Groups["name"].Value).ToHashSet();
        if (!used.Contains("name") && !used.Contains("username"))
            return $"no statement has {NameExample}, so the user would not be made";
        return used.Contains("password") ? null : "no statement has '{{password}}', so the user could not log in";
    }

    /// <param name="before">The statement up to the placeholder.</param>
    /// <param name="after">The statement behind it.</param>
    protected abstract string? NameComplaint(string before, string after);

    protected abstract bool HasClearPassword(string statement);

    protected static bool IsQuoted(string before, string after, string quotes) =>
        before.Length > 0 && after.Length > 0 && before[^1] == after[0] && quotes.Contains(after[0], StringComparison.Ordinal);

    private static string? ValueComplaint(string name, string before, string after) =>
        IsQuoted(before, after, "'") ? null : $"write '{{{{{name}}}}}' in single quotes";

    [GeneratedRegex(@"\{\{(?<name>[^{}]*)\}\}")]
    private static partial Regex Placeholders();
}
