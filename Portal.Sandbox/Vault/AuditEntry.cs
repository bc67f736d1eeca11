using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary>One line of an audit log.</summary>
/// <param name="Type">request or response</param>
/// <param name="Body">the answer's</param>
internal sealed record AuditEntry(
    string Type,
    DateTimeOffset Time,
    VaultRequest Request,
    IReadOnlyList<(string Name, string Value, bool IsHashed)> Headers,
    JsonObject? Body,
    string? Error)
{
    public JsonObject ToJson(Func<string, string> hash)
    {
        var entry = new JsonObject { ["time"] = Json.Time(Time), ["type"] = Type };
        if (Request.Token is { } token)
            entry["auth"] = Auth(Envelopes.Auth(token, hidesToken: false), token, hash);
        entry["request"] = RequestJson(hash);
        if (Type == "response")
            entry["response"] = ResponseJson(hash);
        if (Error is not null)
            entry["error"] = Error;
        return entry;
    }

    private JsonObject RequestJson(Func<string, string> hash)
    {
        var request = new JsonObject
        {
            ["id"] = Request.Id,
            ["operation"] = Request.Operation.ToString().ToLowerInvariant(),
            ["namespace"] = new JsonObject { ["id"] = "root" },
            ["path"] = Request.Path,
            ["remote_address"] = Request.RemoteAddress,
        };
        if (Request.Mount is { } mount)
            request["mount_type"] = mount.Type;
        if (Request.ClientToken is { Length: > 0 } token)
            request["client_token"] = hash(token);
        if (Request.Token is { Accessor.Length: > 0 } known)
            request["client_token_accessor"] = hash(known.Accessor);
        if (Request.Body.Count > 0)
            request["data"] = Hashed(Request.Body, hash);
        if (Request.WrapTtl is { } ttl)
            request["wrap_ttl"] = (long)ttl.TotalSeconds;
        if (Headers.Count > 0)
        {
            request["headers"] = new JsonObject([.. Headers.Select(header =>
                KeyValuePair.Create(header.Name, (JsonNode?)new JsonArray(header.IsHashed ? hash(header.Value) : header.Value)))]);
        }

        return request;
    }

    private JsonObject ResponseJson(Func<string, string> hash)
    {
        var response = new JsonObject();
        if (Request.Mount is { } mount)
            response["mount_type"] = mount.Type;
        if (Body?["data"] is JsonObject data)
            response["data"] = Hashed(data, hash);
        if ((string?)Body?["lease_id"] is { Length: > 0 } lease)
            response["secret"] = new JsonObject { ["lease_id"] = lease };
        if (Body?["auth"] is JsonObject auth)
            response["auth"] = Auth((JsonObject)auth.DeepClone(), null, hash);
        if (Body?["wrap_info"] is JsonObject wrap)
        {
            var shown = (JsonObject)wrap.DeepClone();
            shown["token"] = hash((string)wrap["token"]!);
            shown["accessor"] = hash((string)wrap["accessor"]!);
            response["wrap_info"] = shown;
        }

        return response;
    }

    private static JsonObject Auth(JsonObject auth, TokenEntry? token, Func<string, string> hash)
    {
        foreach (var secret in new[] { "client_token", "accessor" })
        {
            if ((string?)auth[secret] is { Length: > 0 } text)
                auth[secret] = hash(text);
        }

        auth.Remove("lease_duration");
        auth.Remove("renewable");
        auth.Remove("orphan");
        if (token is null)
            return auth;
        auth["display_name"] = token.DisplayName;
        auth["token_issue_time"] = Json.Time(token.Created);
        auth["token_ttl"] = (long)token.CreationTtl.TotalSeconds;
        return auth;
    }

    /// <summary>Names and numbers stay; texts are hashed.</summary>
    private static JsonNode? Hashed(JsonNode? node, Func<string, string> hash) => node switch
    {
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, Hashed(pair.Value, hash)))),
        JsonArray list => new JsonArray([.. list.Select(item => Hashed(item, hash))]),
        JsonValue value when value.TryGetValue<string>(out var text) => text.Length == 0 ? "" : hash(text),
        _ => node?.DeepClone(),
    };
}
