using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Portal.Tests.Sandbox;

/// <summary>Says the steps of a transcript to a server and compares what it answers.</summary>
/// <param name="waitAsync">lets time pass, until what was due then has happened</param>
/// <param name="isOutside">the server is another than the sandbox's: it may be newer, and others may use it meanwhile</param>
public sealed partial class TranscriptReplay(
    HttpClient http, IReadOnlyDictionary<string, string> environment, Func<TimeSpan, Task> waitAsync, bool isOutside = false)
{
    private readonly Dictionary<string, string> _variables = new(environment.ToDictionary(pair => $"env.{pair.Key}", pair => pair.Value), StringComparer.Ordinal);

    public async Task RunAsync(Transcript transcript)
    {
        foreach (var step in transcript.Steps)
        {
            if (step.Request.WaitSeconds is { } seconds)
                await waitAsync(TimeSpan.FromSeconds(seconds));
            using var request = Request(step.Request);
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (isOutside && IsNewerRefusal(step, (int)response.StatusCode))
                continue;
            var differences = Compare(step.Response, (int)response.StatusCode, response.Content.Headers.ContentType, text)
                .Concat(Capture(step.Capture ?? [], text))
                .ToList();
            if (differences.Count > 0)
                Assert.Fail(string.Join('\n', differences.Select(difference => $"{transcript.Scenario}, step \"{step.Name}\": {difference}")));
        }
    }

    // Newer servers refuse a service account with 403 where 1.8 did with 500.
    private static bool IsNewerRefusal(TranscriptStep step, int status) =>
        status == 403 && step.Response.Status == 500 && step.Request.Path.EndsWith("/login", StringComparison.Ordinal);

    private HttpRequestMessage Request(TranscriptRequest step)
    {
        var request = new HttpRequestMessage(new HttpMethod(step.Method), $"v1/{Filled(step.Path)}");
        if (step.Token is not null)
            request.Headers.Add("X-Vault-Token", Filled(step.Token));
        foreach (var (name, value) in step.Headers ?? [])
            request.Headers.TryAddWithoutValidation(name, Filled(value));
        if ((step.Raw is null ? Filled(step.Body)?.ToJsonString() : Filled(step.Raw)) is { } body)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return request;
    }

    private string Filled(string text) => Variable().Replace(text, match => _variables[match.Groups[1].Value]);

    private JsonNode? Filled(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, Filled(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Filled)]),
        JsonValue value when value.TryGetValue<string>(out var text) => Filled(text),
        _ => node?.DeepClone(),
    };

    private IEnumerable<string> Compare(TranscriptResponse wanted, int status, MediaTypeHeaderValue? type, string text)
    {
        if (status != wanted.Status)
            return [$"status: wanted {wanted.Status}, got {status} {text}"];
        if (wanted.Body is not null)
            return TryParse(text, out var got) ? Compare(wanted.Body, got, "$") : [$"$: wanted {wanted.Body.ToJsonString()}, got {text}, which is no JSON"];
        if (wanted.Text is null)
            return text.Length == 0 ? [] : [$"$: wanted nothing, got {text}"];
        return type?.MediaType == wanted.ContentType && Fits(wanted.Text, text) ? [] : [$"$: wanted {wanted.ContentType} {wanted.Text}, got {type?.MediaType} {text}"];
    }

    private IEnumerable<string> Compare(JsonNode? wanted, JsonNode? got, string path)
    {
        switch (wanted, got)
        {
            // The texts of warnings are not owed, and newer servers warn more.
            case (_, null or JsonArray) when path == "$.warnings":
                return wanted is null || got is JsonArray { Count: > 0 } ? [] : [Difference(path, wanted, got)];
            // What a list holds besides is others'.
            case (JsonArray these, JsonArray those) when isOutside && path == "$.data.keys":
                return these.Where(key => those.All(other => Compare(key, other, path).Any())).Select(key => $"{path}: wanted {key?.ToJsonString()} among {got?.ToJsonString()}");
            case (JsonObject some, JsonObject all):
                return some.SelectMany(pair => all.ContainsKey(pair.Key)
                    ? Compare(pair.Value, all[pair.Key], $"{path}.{pair.Key}")
                    : [$"{path}.{pair.Key}: wanted {pair.Value?.ToJsonString() ?? "null"}, got nothing"]);
            case (JsonArray these, JsonArray those) when these.Count == those.Count:
                return these.Zip(those).SelectMany((pair, index) => Compare(pair.First, pair.Second, $"{path}[{index}]"));
            case (JsonValue value, JsonValue other) when value.TryGetValue<string>(out var text):
                return text == "{{int}}" ? other.TryGetValue<long>(out _) ? [] : [Difference(path, wanted, got)]
                    : other.TryGetValue<string>(out var actual) && Fits(text, actual) ? [] : [Difference(path, wanted, got)];
            default:
                return JsonNode.DeepEquals(wanted, got) ? [] : [Difference(path, wanted, got)];
        }
    }

    /// <summary>Keeps what later steps say again, and tells what was not there.</summary>
    private IEnumerable<string> Capture(Dictionary<string, string> capture, string text)
    {
        foreach (var (variable, path) in capture)
        {
            var value = TryParse(text, out var body) ? path.Split('.').Aggregate(body, (node, name) => (node as JsonObject)?[name]) : null;
            if (value is JsonValue found && found.TryGetValue<string>(out var kept))
                _variables[variable] = kept;
            else
                yield return $"$.{path}: wanted text to capture, got {value?.ToJsonString() ?? "nothing"}";
        }
    }

    private bool Fits(string wanted, string got)
    {
        // What a database server or a parser wrote is its own.
        var foreign = Foreign().Match(wanted);
        if (foreign.Success)
            wanted = wanted[..(foreign.Index + foreign.Length)];
        var pattern = Regex.Escape(Filled(wanted).Replace("{{", "\u0001", StringComparison.Ordinal).Replace("}}", "\u0002", StringComparison.Ordinal));
        pattern = pattern
            .Replace("\u0001uuid\u0002", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", StringComparison.Ordinal)
            .Replace("\u0001time\u0002", @"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", StringComparison.Ordinal)
            .Replace("\u0001token\u0002", "[!-~]+", StringComparison.Ordinal)
            .Replace("\u0001string\u0002", "(?s:.+)", StringComparison.Ordinal)
            .Replace("\u0001", "\\{\\{", StringComparison.Ordinal).Replace("\u0002", "}}", StringComparison.Ordinal);
        return Regex.IsMatch(got, $@"\A{pattern}{(foreign.Success ? "(?s:.*)" : "")}\z");
    }

    private static bool TryParse(string text, out JsonNode? node)
    {
        node = null;
        try
        {
            node = JsonNode.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Difference(string path, JsonNode? wanted, JsonNode? got) =>
        $"{path}: wanted {wanted?.ToJsonString() ?? "null"}, got {got?.ToJsonString() ?? "null"}";

    [GeneratedRegex(@"\$\{([^}]+)\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"pq: |Error \d+: |strconv\.|illegal base64 data|template: ")]
    private static partial Regex Foreign();
}
