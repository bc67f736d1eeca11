using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Portal.Sandbox.Kubernetes;

internal static class KubernetesJson
{
    private const int LongestBody = 1 << 20;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static IResult Answer(object body, int status = StatusCodes.Status200OK) => Results.Json(body, Options, "application/json", status);

    public static Task WriteAsync(HttpContext context, ApiException error)
    {
        context.Response.StatusCode = error.Code;
        return context.Response.WriteAsJsonAsync(error.ToStatus(), Options, "application/json", context.RequestAborted);
    }

    /// <summary>The body as an object; an empty one counts as <c>{}</c>.</summary>
    /// <exception cref="ApiException">Not JSON, not an object, or too long.</exception>
    public static async Task<JsonObject> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > LongestBody)
            throw new ApiException(413, "RequestEntityTooLarge", "Request entity too large: limit is 1048576");
        var type = request.ContentType ?? "application/json";
        var isProtobuf = type.StartsWith(ProtobufBody.ContentType, StringComparison.OrdinalIgnoreCase);
        if (!isProtobuf && !type.Contains("json", StringComparison.OrdinalIgnoreCase))
            throw ApiException.NotJson();
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        if (body.Length == 0)
            return [];
        return isProtobuf ? ProtobufBody.Read(body.ToArray()) : Parse(body.ToArray());
    }

    /// <summary>The value at the path, null when it or a parent is absent or null.</summary>
    /// <exception cref="ApiException">The value or a parent has another type.</exception>
    public static T? Get<T>(this JsonObject body, params ReadOnlySpan<string> path)
    {
        JsonNode? node = body;
        foreach (var step in path)
        {
            if (node is null)
                return default;
            if (node is not JsonObject parent)
                throw WrongType(path);
            node = parent[step];
        }
        try
        {
            return node is null ? default : node.Deserialize<T>();
        }
        catch (JsonException)
        {
            throw WrongType(path);
        }
    }

    /// <exception cref="ApiException">400: the body says that it is something else.</exception>
    public static void RequireKind(JsonObject body, string version, string kind)
    {
        if (body.Get<string>("kind") is { } said && said != kind)
            throw ApiException.BadRequest(
                $"the API version in the data ({body.Get<string>("apiVersion")}, Kind={said}) does not match the expected API version ({version}, Kind={kind})");
    }

    private static JsonObject Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: Strict) as JsonObject
                ?? throw ApiException.BadRequest("the object provided is unrecognized: it is not a JSON object");
        }
        catch (JsonException e)
        {
            throw ApiException.BadRequest($"the object provided is unrecognized: {e.Message}");
        }
    }

    private static ApiException WrongType(ReadOnlySpan<string> path) =>
        ApiException.BadRequest($"json: cannot unmarshal the value of field {string.Join('.', path!)}: it has another type");
}
