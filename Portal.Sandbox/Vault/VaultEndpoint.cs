using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary>HTTP on the outside, <see cref="VaultCore"/> on the inside.</summary>
internal sealed partial class VaultEndpoint(VaultCore core, ILogger<VaultEndpoint> logger) : IVault
{
    public const int MaxBodyBytes = 32 * 1024 * 1024;

    private const string Root = "/v1/";

    public string RootToken => core.RootToken.Id;

    public bool IsSealed
    {
        get => core.IsSealed;
        set => core.IsSealed = value;
    }

    public async Task HandleAsync(HttpContext context) => await (await AnswerAsync(context)).WriteAsync(context);

    /// <summary>Every token but the root token.</summary>
    public Task ForgetTokensAsync(CancellationToken cancellationToken)
    {
        core.Tokens.RevokeAll();
        return Task.CompletedTask;
    }

    public Task SettleAsync(CancellationToken cancellationToken) => core.Queue.SettleAsync(cancellationToken);

    public ValueTask DisposeAsync() => core.DisposeAsync();

    private async Task<WireAnswer> AnswerAsync(HttpContext context)
    {
        try
        {
            return await core.HandleAsync(await ReadAsync(context));
        }
        catch (VaultError e)
        {
            return WireAnswer.Errors(e.Status, e.Text);
        }
        catch (JsonException)
        {
            return WireAnswer.Errors(400, "error parsing JSON");
        }
        catch (BadHttpRequestException e)
        {
            return WireAnswer.Errors(e.StatusCode, e.StatusCode == 413 ? "http: request body too large" : "error parsing JSON");
        }
        catch (Exception e)
        {
            // The message may hold what was asked for: the kind of mistake is enough.
            Log.Failed(logger, context.Request.Method, context.Request.Path, e.GetType().Name);
            return WireAnswer.Errors(500, "internal error");
        }
    }

    private static async Task<VaultRequest> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        var path = request.Path.Value ?? "";
        if (!path.StartsWith(Root, StringComparison.Ordinal) || path.Length == Root.Length)
            throw new VaultError(404, null);
        // Of all escapes Kestrel leaves this one. Policies must see the path that the engine sees.
        path = path[Root.Length..].Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var operation = OperationOf(request);
        var body = operation is Operation.Update ? await ReadBodyAsync(request, context.RequestAborted) : [];
        // What a read or a delete has to say stands in the query.
        foreach (var (name, values) in operation == Operation.Update ? [] : request.Query.AsEnumerable())
            body[name] = values.Count == 1 ? values[0] : Json.Strings(values.OfType<string>());
        return new VaultRequest
        {
            Operation = operation,
            Path = operation == Operation.List ? path.TrimEnd('/') + '/' : path,
            Body = body,
            ClientToken = Token(request),
            WrapTtl = WrapTtl(request),
            Headers = request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            RemoteAddress = context.Connection.RemoteIpAddress?.ToString() ?? "",
        };
    }

    private static Operation OperationOf(HttpRequest request) => request.Method switch
    {
        "GET" => request.Query["list"] == "true" ? Operation.List : Operation.Read,
        "HEAD" => Operation.Read,
        "LIST" => Operation.List,
        "POST" or "PUT" => Operation.Update,
        "DELETE" => Operation.Delete,
        _ => throw new VaultError(405, null),
    };

    private static async Task<JsonObject> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return Json.ReadObject(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }

    private static string? Token(HttpRequest request)
    {
        if (request.Headers["X-Vault-Token"] is [{ Length: > 0 } token, ..])
            return token;
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith("Bearer ", StringComparison.Ordinal) ? authorization["Bearer ".Length..].Trim() : null;
    }

    private static TimeSpan? WrapTtl(HttpRequest request)
    {
        if (request.Headers["X-Vault-Wrap-TTL"] is not [{ Length: > 0 } text, ..])
            return null;
        try
        {
            return Durations.Parse(text) is var ttl && ttl > TimeSpan.Zero ? ttl : null;
        }
        catch (FormatException e)
        {
            throw VaultError.Invalid($"error parsing X-Vault-Wrap-TTL header: {e.Message}");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed: {Failure}.")]
        public static partial void Failed(ILogger logger, string method, string path, string failure);
    }
}
