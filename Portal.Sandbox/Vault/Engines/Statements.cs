using System.Text.Json;
using System.Text.RegularExpressions;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>A role's statements as Vault takes them apart and fills them in.</summary>
internal static partial class Statements
{
    /// <summary>Cut at semicolons, unless given as a JSON array, or as a block that holds <c> END </c> outside of quotes.</summary>
    public static IEnumerable<string> Split(IEnumerable<string> statements) => statements.SelectMany(statement => IsBlock(statement) ? [statement] : Parts(statement))
        .Select(part => part.Trim())
        .Where(part => part.Length > 0);

    public static string Fill(string statement, IReadOnlyDictionary<string, string> values) =>
        values.Aggregate(statement, (text, value) => text.Replace($"{{{{{value.Key}}}}}", value.Value, StringComparison.Ordinal));

    private static bool IsBlock(string statement) => Quoted().Replace(statement, "").Contains(" END ", StringComparison.Ordinal);

    private static string[] Parts(string statement)
    {
        if (!statement.TrimStart().StartsWith('['))
            return statement.Split(';');
        try
        {
            return JsonSerializer.Deserialize<string[]>(statement) ?? [];
        }
        catch (JsonException)
        {
            return statement.Split(';');
        }
    }

    [GeneratedRegex("""'[^']*'|"[^"]*" """, RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Quoted();
}
