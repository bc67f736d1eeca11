using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Features.CloudCredentials.Verifiers;

/// <summary>What a cloud answers to a call that it understood.</summary>
/// <param name="Body">Null when it is no JSON object.</param>
internal sealed record CloudAnswer(HttpStatusCode Status, JsonObject? Body)
{
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    public bool IsGood => (int)Status is >= 200 and < 300;

    /// <exception cref="CloudVerdictException">It is out of order, says to come again later, or answers no JSON where all is well.</exception>
    public static async Task<CloudAnswer> SendAsync(HttpClient client, HttpRequestMessage request, string cloud, CancellationToken cancellationToken)
    {
        using var response = await client.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (Outage(cloud, (int)response.StatusCode) is { } outage)
            throw new CloudVerdictException(outage);
        var answer = new CloudAnswer(response.StatusCode, Parse(body));
        return answer is { IsGood: true, Body: null } ? throw new CloudVerdictException(Nonsense(cloud)) : answer;
    }

    /// <summary>Null when the status is the answer of a cloud that works.</summary>
    public static CloudVerdict? Outage(string cloud, int status) => status switch
    {
        429 => new CloudVerdict.Unreachable($"{cloud} says that it is asked too often (429)."),
        408 => new CloudVerdict.Unreachable($"{cloud} says that the call took too long (408)."),
        >= 500 => new CloudVerdict.Unreachable($"{cloud} is out of order ({status})."),
        _ => null,
    };

    public static CloudVerdict Nonsense(string cloud) => new CloudVerdict.Unreachable($"What answers in the place of {cloud} is something else: the answer cannot be read.");

    /// <summary>The text at the path; null when it or a parent is absent or something else.</summary>
    public string? Text(params ReadOnlySpan<string> path) => Node(path) is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    /// <inheritdoc cref="Text"/>
    public JsonNode? Node(params ReadOnlySpan<string> path)
    {
        JsonNode? node = Body;
        foreach (var step in path)
            node = (node as JsonObject)?[step];
        return node;
    }

    /// <summary>Without the body: it may be a token.</summary>
    public override string ToString() => $"answer {(int)Status}";

    private static JsonObject? Parse(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: s_strict) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
