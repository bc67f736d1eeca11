using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.GitHub;

/// <summary><c>/applications/{client_id}/token</c>, for the application itself: POST checks a token, DELETE ends it.</summary>
internal sealed class ApplicationEndpoints(GitHubServerOptions options, GitHubState state, GitHubTokens tokens)
{
    private readonly byte[] _credentials = SHA256.HashData(Encoding.UTF8.GetBytes($"{options.ClientId}:{options.ClientSecret}"));

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/applications/{clientId}/token", CheckAsync);
        api.MapDelete("/applications/{clientId}/token", DeleteAsync);
    }

    private async Task<IResult> CheckAsync(HttpContext context, string clientId)
    {
        var (text, refusal) = await ReadAsync(context, clientId);
        if (text is null)
            return refusal!;
        if (tokens.Use(text) is not { } token || state.FindUser(token.UserId) is not { } user)
            return ApiError.NotFound();
        return Results.Json(new
        {
            id = token.Id,
            token = token.Text,
            hashed_token = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token.Text))),
            token_last_eight = token.Text[^8..],
            scopes = token.Scopes.Split(',', StringSplitOptions.RemoveEmptyEntries),
            created_at = token.Created.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            expires_at = (string?)null,
            app = new { name = options.ApplicationName, client_id = options.ClientId },
            user = new { login = user.Login, id = user.Id },
        });
    }

    private async Task<IResult> DeleteAsync(HttpContext context, string clientId)
    {
        var (text, refusal) = await ReadAsync(context, clientId);
        if (text is null)
            return refusal!;
        return tokens.Revoke(text) ? Results.NoContent() : ApiError.NotFound();
    }

    private async Task<(string? Token, IResult? Refusal)> ReadAsync(HttpContext context, string clientId)
    {
        if (!IsApplication(context.Request.Headers.Authorization.ToString()))
            return (null, ApiError.BadCredentials());
        if (clientId != options.ClientId)
            return (null, ApiError.NotFound());
        try
        {
            var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject;
            if (body?["access_token"] is JsonValue value && value.TryGetValue<string>(out var text))
                return (text, null);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return (null, ApiError.Answer(StatusCodes.Status400BadRequest, "Problems parsing JSON"));
        }
        return (null, ApiError.Answer(StatusCodes.Status422UnprocessableEntity, "Validation Failed"));
    }

    private bool IsApplication(string header)
    {
        var encoded = header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) ? header["Basic ".Length..].Trim() : "";
        var credentials = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, credentials, out var length)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(credentials.AsSpan(0, length)), _credentials);
    }
}
