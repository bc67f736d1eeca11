using System.Text.Json.Nodes;

namespace Portal.Features.Access;

/// <summary>Something that Vault lacks or has otherwise than the file says, and how to bring it there.</summary>
public sealed record VaultDifference(AccessChange Change, Func<CancellationToken, Task> WriteAsync);

/// <summary>Compares what is wanted with what Vault answers.</summary>
public static class VaultJsonValues
{
    public static JsonArray List(IEnumerable<string> values) => [.. values.Select(value => JsonValue.Create(value))];

    /// <summary>The wanted keys whose values differ. What an older server does not know, it does not answer: that is no difference.</summary>
    public static IEnumerable<string> Differing(JsonObject wanted, JsonObject current, params string[] mayBeAbsent) =>
        wanted.Where(pair => !AreSame(pair.Value, current[pair.Key]) && !(mayBeAbsent.Contains(pair.Key) && !current.ContainsKey(pair.Key)))
            .Select(pair => pair.Key);

    /// <summary>Nothing, an empty text, an empty list, zero and false are alike: servers answer one for the other.</summary>
    public static bool AreSame(JsonNode? one, JsonNode? other) =>
        (IsNothing(one) && IsNothing(other)) || JsonNode.DeepEquals(one, other);

    private static bool IsNothing(JsonNode? node) => node switch
    {
        null => true,
        JsonArray list => list.Count == 0,
        JsonValue value => value.ToString() is "" or "0" or "false",
        _ => false,
    };
}
