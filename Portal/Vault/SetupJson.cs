using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Vault;

/// <summary>Compares what Vault has with what it should have.</summary>
internal static class SetupJson
{
    /// <summary>A scalar as text, without the blanks around it.</summary>
    public static string? Text(this JsonNode? node) => node switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>().Trim(),
        _ => node.ToJsonString(),
    };

    /// <summary>Whether any wanted field is missing or other. Lists count as sets; fields that are not wanted are ignored.</summary>
    public static bool Differs(JsonObject there, JsonObject wanted) => wanted.Any(field => !AreSame(there[field.Key], field.Value));

    private static bool AreSame(JsonNode? one, JsonNode? other) =>
        one is JsonArray list && other is JsonArray otherList
            ? list.Select(Text).ToHashSet().SetEquals(otherList.Select(Text))
            : one.Text() == other.Text();
}
