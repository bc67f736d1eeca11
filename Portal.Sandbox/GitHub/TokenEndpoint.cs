using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace Portal.Sandbox.GitHub;

/// <summary><c>POST /login/oauth/access_token</c>. Errors come with status 200; the answer is a form unless JSON is asked for.</summary>
internal sealed class TokenEndpoint(GitHubServerOptions options, GitHubState state, GitHubTokens tokens)
{
    private const string Documentation =
        "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors";

    public void Map(IEndpointRouteBuilder app) => app.MapPost("/login/oauth/access_token", (Delegate)AnswerAsync);

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        var parameters = await ReadAsync(context.Request);
        var asJson = context.Request.Headers.Accept.ToString().Contains("json", StringComparison.OrdinalIgnoreCase);
        if (parameters.GetValueOrDefault("client_id") != options.ClientId)
            return Results.Json(new { error = "Not Found" }, statusCode: StatusCodes.Status404NotFound);
        var (token, error) = Exchange(parameters);
        Dictionary<string, string?> answer = token is not null
            ? new() { ["access_token"] = token.Text, ["scope"] = token.Scopes, ["token_type"] = "bearer" }
            : new() { ["error"] = error, ["error_description"] = Describe(error!), ["error_uri"] = $"{Documentation}#{error!.Replace('_', '-')}" };
        return asJson
            ? Results.Json(answer)
            : Results.Text(QueryHelpers.AddQueryString("", answer)[1..], "application/x-www-form-urlencoded; charset=utf-8");
    }

    private (AccessToken? Token, string? Error) Exchange(Dictionary<string, string> parameters)
    {
        if (state.Troubles.TakeNextTokenError() is { } ordered)
            return (null, ordered);
        if (state.Troubles.ApplicationSuspended)
            return (null, "application_suspended");
        if (!IsSame(parameters.GetValueOrDefault("client_secret") ?? "", options.ClientSecret))
            return (null, "incorrect_client_credentials");
        if (tokens.TakeCode(parameters.GetValueOrDefault("code") ?? "") is not { } code || state.FindUser(code.UserId) is not { } user)
            return (null, "bad_verification_code");
        if (parameters.GetValueOrDefault("redirect_uri") is { Length: > 0 } uri
            && (!Uri.TryCreate(uri, UriKind.Absolute, out var asked) || asked != code.RedirectUri))
            return (null, "redirect_uri_mismatch");
        if (code.CodeChallenge is { } challenge && !IsSame(Challenge(parameters.GetValueOrDefault("code_verifier") ?? ""), challenge))
            return (null, "bad_verification_code");
        if (user.Emails.IsEmpty || !user.Emails[0].Verified)
            return (null, "unverified_user_email");
        return (tokens.Add(user.Id, code.Scopes), null);
    }

    private static string Challenge(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    private static bool IsSame(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    private static string Describe(string error) => error switch
    {
        "bad_verification_code" => "The code passed is incorrect or expired.",
        "incorrect_client_credentials" => "The client_id and/or client_secret passed are incorrect.",
        "redirect_uri_mismatch" => "The redirect_uri MUST match the registered callback URL for this application.",
        "unverified_user_email" => "The user must have a verified primary email.",
        "application_suspended" => "Your application has been suspended. Contact support@github.com.",
        _ => "The request could not be carried out.",
    };

    /// <summary>Form or JSON; what is neither has no parameters.</summary>
    private static async Task<Dictionary<string, string>> ReadAsync(HttpRequest request)
    {
        if (request.HasFormContentType)
            return (await request.ReadFormAsync(request.HttpContext.RequestAborted)).ToDictionary(p => p.Key, p => p.Value.ToString());
        try
        {
            var body = request.HasJsonContentType() ? await request.ReadFromJsonAsync<JsonObject>(request.HttpContext.RequestAborted) : null;
            return body?.ToDictionary(p => p.Key, p => p.Value?.ToString() ?? "") ?? [];
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return [];
        }
    }
}
