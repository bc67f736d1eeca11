using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Vault;

/// <summary>
/// Reads and writes configuration of Vault, path by path, as the portal's admin role or with a token at hand.
/// Paths are below <c>/v1/</c>, without query.
/// </summary>
public sealed class VaultAdmin
{
    private readonly VaultTransport _transport;
    private readonly Func<VaultRequest, CancellationToken, Task<byte[]?>> _send;

    public VaultAdmin(VaultTransport transport, VaultClient client)
        : this(transport, (request, cancellationToken) => client.SendAsync(VaultRole.Admin, request, cancellationToken))
    {
    }

    private VaultAdmin(VaultTransport transport, Func<VaultRequest, CancellationToken, Task<byte[]?>> send)
    {
        _transport = transport;
        _send = send;
    }

    /// <summary>The same with a given token in place of the portal's own login.</summary>
    public VaultAdmin WithToken(string token) =>
        new(_transport, (request, cancellationToken) => _transport.SendAsync(request, token, cancellationToken));

    /// <returns>The answer's <c>data</c>; <see langword="null"/> when nothing is there, or nothing is mounted.</returns>
    public async Task<JsonObject?> ReadAsync(string path, CancellationToken cancellationToken) =>
        Data(path, await FindAsync(path, null, cancellationToken));

    /// <returns>The names below; folders end in a slash. Empty when there are none, or nothing is mounted.</returns>
    public async Task<IReadOnlyList<string>> ListAsync(string path, CancellationToken cancellationToken) =>
        Data(path, await FindAsync(path, "list=true", cancellationToken))?["keys"] is JsonArray keys
            ? [.. keys.Select(key => key!.GetValue<string>())]
            : [];

    public async Task WriteAsync(string path, JsonObject body, CancellationToken cancellationToken)
    {
        try
        {
            await _send(new VaultRequest(HttpMethod.Post, VaultPath.Of(path), JsonSerializer.SerializeToUtf8Bytes(body)), cancellationToken);
        }
        catch (VaultException failure) when (failure.Errors.Count > 0)
        {
            // A server may repeat what it could not use, such as a connection address with the password in it.
            throw new VaultException(failure.Failure, failure.Path, failure.Status, [.. failure.Errors.Select(error => Redact(error, body))]);
        }
    }

    /// <summary>Not there is fine.</summary>
    public Task DeleteAsync(string path, CancellationToken cancellationToken) =>
        _send(new VaultRequest(HttpMethod.Delete, VaultPath.Of(path)), cancellationToken);

    private async Task<byte[]?> FindAsync(string path, string? query, CancellationToken cancellationToken)
    {
        try
        {
            return await _send(new VaultRequest(HttpMethod.Get, VaultPath.Of(path)) { Query = query }, cancellationToken);
        }
        catch (VaultException failure) when (failure.Status is 404)
        {
            return null;
        }
    }

    private static JsonObject? Data(string path, byte[]? answer)
    {
        try
        {
            return answer is null ? null : JsonNode.Parse(answer)?["data"] as JsonObject;
        }
        catch (JsonException)
        {
            throw VaultErrors.NotUnderstood(path);
        }
    }

    private static string Redact(string error, JsonObject body)
    {
        foreach (var (name, value) in body)
        {
            if (!name.Contains("password", StringComparison.Ordinal) && !name.Contains("jwt", StringComparison.Ordinal))
                continue;
            if (value is JsonValue json && json.TryGetValue<string>(out var secret) && secret.Length > 0)
            {
                error = error.Replace(secret, "…", StringComparison.Ordinal)
                    .Replace(Uri.EscapeDataString(secret), "…", StringComparison.Ordinal);
            }
        }
        return error;
    }
}
