using System.Text;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Kubernetes;

/// <summary>
/// Reads the protobuf that kubectl sends when it creates built-in objects, as the JSON it stands for. Only the fields that the sandbox uses:
/// k8s.io/apimachinery/pkg/runtime (Unknown), meta/v1 (ObjectMeta) and k8s.io/api/authentication/v1, each in generated.proto.
/// </summary>
internal static class ProtobufBody
{
    public const string ContentType = "application/vnd.kubernetes.protobuf";

    private enum Shape { Text, Texts, Number, Map, Message }

    private sealed record Field(string Name, Shape Shape, IReadOnlyDictionary<int, Field>? Fields = null);

    private static readonly Dictionary<int, Field> Metadata = new()
    {
        [1] = new("name", Shape.Text),
        [2] = new("generateName", Shape.Text),
        [3] = new("namespace", Shape.Text),
        [11] = new("labels", Shape.Map),
        [12] = new("annotations", Shape.Map),
    };

    private static readonly Dictionary<int, Field> Object = new() { [1] = new("metadata", Shape.Message, Metadata) };

    private static readonly Dictionary<int, Field> TokenRequest = new(Object)
    {
        [2] = new("spec", Shape.Message, new Dictionary<int, Field>
        {
            [1] = new("audiences", Shape.Texts),
            [3] = new("boundObjectRef", Shape.Message, new Dictionary<int, Field> { [1] = new("kind", Shape.Text), [3] = new("name", Shape.Text) }),
            [4] = new("expirationSeconds", Shape.Number),
        }),
    };

    private static readonly Dictionary<int, Field> TokenReview = new(Object)
    {
        [2] = new("spec", Shape.Message, new Dictionary<int, Field> { [1] = new("token", Shape.Text), [2] = new("audiences", Shape.Texts) }),
    };

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <exception cref="ApiException">400: not such a message.</exception>
    public static JsonObject Read(ReadOnlyMemory<byte> body)
    {
        if (!body.Span.StartsWith(Magic))
            throw Malformed();
        var type = new JsonObject();
        ReadOnlyMemory<byte> raw = default;
        for (var rest = body[Magic.Length..]; !rest.IsEmpty;)
        {
            var (number, bytes, _) = Next(ref rest);
            if (number == 1)
                type = Message(bytes, new Dictionary<int, Field> { [1] = new("apiVersion", Shape.Text), [2] = new("kind", Shape.Text) });
            else if (number == 2)
                raw = bytes;
        }
        var fields = type["kind"]?.GetValue<string>() switch { "TokenRequest" => TokenRequest, "TokenReview" => TokenReview, _ => Object };
        var message = Message(raw, fields);
        foreach (var (name, value) in type)
            message[name] = value?.DeepClone();
        return message;
    }

    private static JsonObject Message(ReadOnlyMemory<byte> rest, IReadOnlyDictionary<int, Field> fields)
    {
        var message = new JsonObject();
        while (!rest.IsEmpty)
        {
            var (number, bytes, value) = Next(ref rest);
            if (!fields.TryGetValue(number, out var field))
                continue;
            if (field.Shape == Shape.Texts)
                Add(message, field.Name, Encoding.UTF8.GetString(bytes.Span));
            else if (field.Shape == Shape.Map)
                AddEntry(message, field.Name, bytes);
            else
                message[field.Name] = field.Shape switch
                {
                    Shape.Number => JsonValue.Create(value),
                    Shape.Text => JsonValue.Create(Encoding.UTF8.GetString(bytes.Span)),
                    _ => Message(bytes, field.Fields!),
                };
        }
        return message;
    }

    private static void Add(JsonObject message, string name, string value)
    {
        if (message[name] is not JsonArray all)
            message[name] = all = [];
        all.Add(JsonValue.Create(value));
    }

    private static void AddEntry(JsonObject message, string name, ReadOnlyMemory<byte> bytes)
    {
        if (message[name] is not JsonObject map)
            message[name] = map = [];
        var entry = Message(bytes, new Dictionary<int, Field> { [1] = new("key", Shape.Text), [2] = new("value", Shape.Text) });
        map[entry["key"]?.GetValue<string>() ?? ""] = entry["value"]?.GetValue<string>() ?? "";
    }

    private static (int Number, ReadOnlyMemory<byte> Bytes, long Value) Next(ref ReadOnlyMemory<byte> rest)
    {
        var tag = Varint(ref rest);
        var number = (int)(tag >> 3);
        return (tag & 7) switch
        {
            0 => (number, default, (long)Varint(ref rest)),
            1 => (number, Take(ref rest, 8), 0),
            2 => (number, Take(ref rest, Varint(ref rest)), 0),
            5 => (number, Take(ref rest, 4), 0),
            _ => throw Malformed(),
        };
    }

    private static ulong Varint(ref ReadOnlyMemory<byte> rest)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Take(ref rest, 1).Span[0];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
        throw Malformed();
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> rest, ulong length)
    {
        if (length > (ulong)rest.Length)
            throw Malformed();
        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    private static ApiException Malformed() => ApiException.BadRequest("the object provided is unrecognized: it is no protobuf of Kubernetes");
}
