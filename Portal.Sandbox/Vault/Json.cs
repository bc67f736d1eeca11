using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

internal static class Json
{
    /// <summary>Reads an object as Go does: of a name that comes twice the last one counts. Empty text is an empty object.</summary>
    /// <exception cref="JsonException">not JSON, not an object, or nested too deep</exception>
    public static JsonObject ReadObject(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.Trim(" \t\r\n"u8).IsEmpty)
            return [];
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 256 });
            return document.RootElement.ValueKind switch
            {
                JsonValueKind.Object => (JsonObject)Copy(document.RootElement)!,
                JsonValueKind.Null => [],
                _ => throw new JsonException("not an object"),
            };
        }
        catch (InvalidOperationException e)
        {
            // Half of a surrogate pair.
            throw new JsonException("invalid text", e);
        }
    }

    public static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode?)value)]);

    public static JsonObject? Map(IReadOnlyDictionary<string, string>? values) =>
        values is null ? null : new([.. values.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))]);

    public static JsonObject Keys(IEnumerable<string> keys) => new() { ["keys"] = Strings(keys) };

    /// <summary>RFC 3339 in UTC, as Vault prints times.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static JsonNode? Copy(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => CopyObject(element),
        JsonValueKind.Array => new JsonArray([.. element.EnumerateArray().Select(Copy)]),
        JsonValueKind.String => JsonValue.Create(element.GetString()),
        JsonValueKind.Null => null,
        _ => JsonValue.Create(element.Clone()),
    };

    private static JsonObject CopyObject(JsonElement element)
    {
        var result = new JsonObject();
        foreach (var property in element.EnumerateObject())
            result[property.Name] = Copy(property.Value);
        return result;
    }
}
