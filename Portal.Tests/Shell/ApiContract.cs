using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Portal.Shell;

namespace Portal.Tests.Shell;

/// <summary>What the OpenAPI document promises of one operation with one status.</summary>
internal sealed record Promise(string Operation, int Status)
{
    public override string ToString() => $"{Operation} {Status}";
}

/// <summary>
/// The OpenAPI document, held against calls and their answers: status, headers and body. Stricter than the document in one thing: a
/// field that it does not name is a mistake.
/// </summary>
internal sealed class ApiContract
{
    private static readonly EvaluationOptions s_options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };
    private static readonly string[] s_headers = ["ETag", "Location", "Retry-After", "WWW-Authenticate"];

    private readonly JsonObject _definitions;
    private readonly ConcurrentDictionary<Promise, bool> _kept = [];

    public ApiContract(string document)
    {
        // Schemas that refer to one another are evaluated beside their definitions.
        Document = JsonNode.Parse(document.Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal))!.AsObject();
        _definitions = Document["components"]!["schemas"]!.AsObject();
        foreach (var (_, schema) in _definitions)
        {
            if (schema!["properties"] is not null)
                schema["additionalProperties"] ??= false;
        }

        Operations =
        [
            .. from path in Document["paths"]!.AsObject()
               from method in path.Value!.AsObject()
               select new ApiOperation(method.Key.ToUpperInvariant(), path.Key, method.Value!.AsObject()),
        ];
    }

    public JsonObject Document { get; }

    public IReadOnlyList<ApiOperation> Operations { get; }

    public IEnumerable<Promise> Promises => Operations.SelectMany(operation => operation.Responses.Select(response =>
        new Promise(operation.Id, int.Parse(response.Key, CultureInfo.InvariantCulture))));

    /// <summary>Those that an answer kept.</summary>
    public IEnumerable<Promise> Kept => _kept.Keys;

    /// <summary>For an <see cref="Portal.Tests.Support.ApiClient"/>: each call and its answer is held against the document.</summary>
    public DelegatingHandler Watch() => new Watcher(this);

    private Promise Check(ApiOperation operation, HttpStatusCode status, IEnumerable<string> headers, string? mediaType, string body)
    {
        var promise = new Promise(operation.Id, (int)status);
        var response = operation.Responses[((int)status).ToString(CultureInfo.InvariantCulture)].ShouldNotBeNull($"{promise} is not documented: {body}").AsObject();

        var documented = response["headers"]?.AsObject() ?? [];
        headers.Where(header => s_headers.Contains(header, StringComparer.OrdinalIgnoreCase)).Except(documented.Select(header => header.Key))
            .ShouldBeEmpty($"{promise} has headers that are not documented");
        documented.Where(header => header.Value!["required"]?.GetValue<bool>() == true).Select(header => header.Key).Except(headers)
            .ShouldBeEmpty($"{promise} lacks documented headers");

        if (response["content"]?.AsObject() is not { } contents)
        {
            body.ShouldBeEmpty($"{promise} has no documented body");
            return promise;
        }

        var content = contents[mediaType ?? ""].ShouldNotBeNull($"{promise} came as {mediaType}: {body}");
        MistakesOf(content["schema"]!, body).ShouldBeEmpty($"{promise}: {body}");
        return promise;
    }

    /// <summary>What is wrong with a body by its schema; empty when nothing.</summary>
    public IReadOnlyList<string> MistakesOf(JsonNode schema, string body)
    {
        var whole = schema.DeepClone().AsObject();
        whole["$defs"] = _definitions.DeepClone();
        var results = JsonSchema.FromText(whole.ToJsonString()).Evaluate(JsonElement.Parse(body), s_options);
        return results.IsValid
            ? []
            : [.. (results.Details ?? []).Prepend(results).SelectMany(detail => (detail.Errors ?? []).Select(error => $"{detail.InstanceLocation} {error.Key}: {error.Value}"))];
    }

    private sealed class Watcher(ApiContract contract) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken);
            var response = await base.SendAsync(request, cancellationToken);
            var path = request.RequestUri!.AbsolutePath;
            if (contract.Operations.FirstOrDefault(operation => operation.Method == request.Method.Method && operation.IsAt(path)) is not { } operation)
                return response;
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            contract._kept[contract.Check(operation, response.StatusCode, response.Headers.Select(header => header.Key), response.Content.Headers.ContentType?.MediaType, text)] = true;
            if (response.IsSuccessStatusCode && body is not null)
                contract.MistakesOf(operation.Body!, body).ShouldBeEmpty($"{operation.Id} takes what its document does not allow");
            return response;
        }
    }
}

/// <param name="Method">In capitals.</param>
/// <param name="Path">With its parameters in braces.</param>
internal sealed partial record ApiOperation(string Method, string Path, JsonObject Description)
{
    public string Id => Description["operationId"]!.GetValue<string>();

    public JsonObject Responses => Description["responses"]!.AsObject();

    public JsonNode? Body => Description["requestBody"]?["content"]?["application/json"]?["schema"];

    /// <summary>Of which a token needs one.</summary>
    public IReadOnlyList<string> Scopes => [.. Description["security"]![0]!.AsObject().Single().Value!.AsArray().Select(scope => scope!.GetValue<string>())];

    /// <summary>The path below the API's root, of what an id names and a role that the asker may use.</summary>
    public string PathOf(Guid id) => Path[ApiRoutes.Root.Length..].Replace("{id}", $"{id}", StringComparison.Ordinal)
        .Replace("/ssh/roles/{role}", "/ssh/roles/oncall", StringComparison.Ordinal).Replace("{role}", "shop-readonly", StringComparison.Ordinal)
        .Replace("{team}", "payments", StringComparison.Ordinal).Replace("{name}", $"{id}", StringComparison.Ordinal)
        .Replace("{version}", "1", StringComparison.Ordinal).Replace("{type}", "amazon", StringComparison.Ordinal);

    public bool IsAt(string path) => Regex.IsMatch(path, $"^{Parameter().Replace(Path, "[^/]+")}$");

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter();
}
