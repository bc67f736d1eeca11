using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary>What a handler has to say; the core puts the envelope around it. No answer at all is 404 to a read, 204 to a write.</summary>
internal sealed record Answer
{
    public int Status { get; init; } = 200;

    public JsonObject? Data { get; init; }

    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>The secret's end, when it is leased.</summary>
    public LeaseTerms? LeaseTerms { get; init; }

    /// <summary>The renewed lease.</summary>
    public Lease? Lease { get; init; }

    /// <summary>The token that was made or renewed.</summary>
    public TokenEntry? Token { get; init; }

    /// <summary>The token that an answer was wrapped under; nothing else is told then.</summary>
    public TokenEntry? Wrapping { get; init; }

    /// <summary>Asked by accessor: the answer does not tell the token.</summary>
    public bool HidesToken { get; init; }

    /// <summary>Old system paths repeat their data beside the envelope's keys.</summary>
    public bool IsFlat { get; init; }

    /// <summary>The body as it stands, no envelope.</summary>
    public JsonObject? Bare { get; init; }

    /// <summary>The body as plain text, no envelope.</summary>
    public string? Plain { get; init; }

    /// <summary>The status alone.</summary>
    public bool IsEmpty { get; init; }

    public static Answer Of(JsonObject data) => new() { Data = data };

    public static Answer Flat(JsonObject data) => new() { Data = data, IsFlat = true };

    /// <summary>404 when there is nothing to list.</summary>
    public static Answer? Keys(IEnumerable<string> keys)
    {
        var list = Json.Keys(keys.Order(StringComparer.Ordinal));
        return ((JsonArray)list["keys"]!).Count == 0 ? null : Of(list);
    }
}
