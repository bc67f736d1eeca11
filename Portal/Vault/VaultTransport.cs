using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace Portal.Vault;

/// <summary>One call to Vault.</summary>
/// <param name="Path">Below <c>/v1/</c>, escaped.</param>
/// <param name="Body">JSON in UTF-8.</param>
public sealed record VaultRequest(HttpMethod Method, string Path, byte[]? Body = null, OnBehalfOf? Who = null)
{
    /// <summary>Without the question mark; nothing secret.</summary>
    public string? Query { get; init; }

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>Carries one call to Vault and turns every failure into a <see cref="VaultException"/>. Writes no log of its own.</summary>
public sealed class VaultTransport(IHttpClientFactory clients, IOptions<VaultOptions> options)
{
    internal const string HttpClientName = "vault";
    private const int NotFound = 404;

    /// <returns>The answer's body, empty when there is none; <see langword="null"/> when what was asked for is not there.</returns>
    /// <exception cref="VaultException">Also for a path at which nothing is mounted (status 404, Vault's words).</exception>
    public async Task<byte[]?> SendAsync(VaultRequest request, string? token, CancellationToken cancellationToken)
    {
        using var message = Compose(request, token);
        try
        {
            using var client = clients.CreateClient(HttpClientName);
            using var response = await client.SendAsync(message, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
                return body;
            var error = VaultErrors.From(request.Path, response, body);
            return error is { Status: NotFound, Errors.Count: 0 } && VaultErrors.IsFromVault(body) ? null : throw error;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable(request.Path, $"no answer within {options.Value.Timeout.TotalSeconds:0.#} s");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Unreachable(request.Path, exception.Message, exception);
        }
    }

    private static VaultException Unreachable(string path, string why, Exception? inner = null) =>
        new(VaultFailure.Unreachable, path, null, [why], inner);

    private HttpRequestMessage Compose(VaultRequest request, string? token)
    {
        var query = request.Query is null ? "" : $"?{request.Query}";
        var address = options.Value.Address!.AbsoluteUri.TrimEnd('/');
        var message = new HttpRequestMessage(request.Method, $"{address}/v1/{request.Path}{query}");
        // Vault's agent and proxies refuse calls without it, so that no page of another site can make them.
        message.Headers.Add("X-Vault-Request", "true");
        if (token is not null)
            message.Headers.TryAddWithoutValidation("X-Vault-Token", token);
        if (request.Who is { } who)
        {
            message.Headers.TryAddWithoutValidation(VaultNames.UserHeader, who.UserHeader);
            if (who.Credential is { } credential)
                message.Headers.TryAddWithoutValidation(VaultNames.CredentialHeader, credential.ToString());
        }
        if (request.Body is not null)
            message.Content = new ByteArrayContent(request.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return message;
    }
}
