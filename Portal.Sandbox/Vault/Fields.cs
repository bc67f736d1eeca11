using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary>The fields of a request, read as leniently as Vault does: <c>"5"</c> is a number, <c>"a,b"</c> a list.</summary>
internal sealed class Fields(JsonObject body)
{
    public JsonObject Body { get; } = body;

    public bool Has(string name) => Body.TryGetPropertyValue(name, out var node) && node is not null;

    public string Text(string name, string fallback = "") => Body[name] switch
    {
        null => fallback,
        JsonValue value => Plain(value),
        _ => throw Unfit(name),
    };

    public bool Flag(string name, bool fallback = false)
    {
        if (!Has(name))
            return fallback;
        return Text(name) switch
        {
            "true" or "True" or "TRUE" or "1" or "t" or "T" => true,
            "false" or "False" or "FALSE" or "0" or "f" or "F" or "" => false,
            _ => throw Unfit(name),
        };
    }

    public int Number(string name, int fallback = 0)
    {
        if (!Has(name))
            return fallback;
        return int.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw Unfit(name);
    }

    public TimeSpan Span(string name, TimeSpan fallback = default)
    {
        if (!Has(name))
            return fallback;
        try
        {
            return Durations.Parse(Text(name));
        }
        catch (FormatException e)
        {
            throw VaultError.Invalid($"error converting input {Text(name)} for field {Durations.Quote(name)}: {e.Message}");
        }
    }

    /// <summary>A list, or text with commas.</summary>
    public IReadOnlyList<string> List(string name) => Body[name] switch
    {
        null => [],
        JsonArray array => [.. array.Select(item => item is JsonValue value ? Plain(value) : throw Unfit(name)).Where(item => item.Length > 0)],
        JsonValue value => Plain(value).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        _ => throw Unfit(name),
    };

    /// <summary>A list, or one text that is its only item.</summary>
    public IReadOnlyList<string> Items(string name) => Body[name] is JsonValue value ? Plain(value) is { Length: > 0 } text ? [text] : [] : List(name);

    public IReadOnlyDictionary<string, string>? Map(string name) => Body[name] switch
    {
        null => null,
        JsonObject map => new SortedDictionary<string, string>(
            map.ToDictionary(pair => pair.Key, pair => pair.Value is JsonValue value ? Plain(value) : throw Unfit(name)), StringComparer.Ordinal),
        _ => throw Unfit(name),
    };

    private static string Plain(JsonValue value) => value.GetValueKind() switch
    {
        JsonValueKind.String => value.GetValue<string>(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => value.ToJsonString(),
    };

    private static VaultError Unfit(string name) => VaultError.Invalid($"error converting input for field {Durations.Quote(name)}");
}
