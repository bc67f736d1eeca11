using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.AccessTokens;

/// <summary>Where the text of a token leaves the portal: once, in this answer, past the circuit.</summary>
public static class AccessTokenEndpoints
{
    /// <param name="Name">What it is for, such as the job that uses it.</param>
    /// <param name="Scopes">What it may do: at most what the asking token may.</param>
    /// <param name="ExpiresInSeconds">From now: at most what the asking token has left, and what the portal allows.</param>
    public sealed record AccessTokenIssueBody(
        [property: Required, StringLength(AccessTokenRequest.LongestName, MinimumLength = 1)] string? Name,
        [property: Required, MinLength(1)] IReadOnlyList<string>? Scopes,
        [property: Required, Range(1L, long.MaxValue)] long? ExpiresInSeconds);

    /// <param name="RequestKey">New for each wish.</param>
    public sealed record BrowserIssueBody(string? Name, IReadOnlyList<string>? Scopes, long? ExpiresInSeconds, string? RequestKey);

    /// <param name="Token">Shown this once.</param>
    public sealed record AccessTokenIssueAnswer(
        Guid Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string Token);

    public sealed record BrowserIssueAnswer(
        Guid Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string Token, IReadOnlyList<TokenExample> Examples);

    /// <param name="LastUsedOn">A day in UTC; null when never used.</param>
    /// <param name="LastUsedFrom">The network of the last call.</param>
    public sealed record AccessTokenAnswer(
        Guid Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateOnly? LastUsedOn, string? LastUsedFrom);

    public static async Task<Results<Ok<ApiList<AccessTokenAnswer>>, ProblemHttpResult>> List(
        [Description(Cursor.Meaning)] string? cursor,
        [Description(Cursor.LimitMeaning), Range(Cursor.SmallestPage, Cursor.LargestPage), DefaultValue(Cursor.UsualPage)] int? limit,
        ClaimsPrincipal user, OwnAccessTokens tokens, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string>();
        var wish = PageWish.Read(cursor, limit, errors);
        if (errors.Count > 0)
            return Problems.Invalid(errors);
        var all = await tokens.ListAsync(Actor.Of(user), cancellationToken);
        var rest = wish.After is { } after ? all.Where(token => CursorOf(token).IsBehind(after)) : all;
        return TypedResults.Ok(wish.Page([.. rest.Take(wish.Limit + 1)], Answer, CursorOf));
    }

    public static async Task<Results<Created<AccessTokenIssueAnswer>, ProblemHttpResult>> Issue(
        AccessTokenIssueBody body, ClaimsPrincipal user, OwnAccessTokens tokens, HttpRequest request, CancellationToken cancellationToken)
    {
        if (IdempotencyKey.Read(request, out var key) is { } problem)
            return problem;
        var outcome = await tokens.IssueAsync(Actor.Of(user), new(body.Name ?? "", body.Scopes ?? [], body.ExpiresInSeconds ?? 0, key), cancellationToken);
        return outcome is AccessTokenOutcome.Issued(var token)
            ? TypedResults.Created((string?)null, new AccessTokenIssueAnswer(token.Id, token.Name, token.Scopes, token.CreatedAt, token.ExpiresAt, token.Token))
            : Refusal(outcome);
    }

    /// <summary>For the page's script.</summary>
    public static async Task<Results<Created<BrowserIssueAnswer>, ProblemHttpResult>> IssueToBrowser(
        BrowserIssueBody body, ClaimsPrincipal user, OwnAccessTokens tokens, IOptions<PortalOptions> portal, CancellationToken cancellationToken)
    {
        var request = new AccessTokenRequest(body.Name ?? "", body.Scopes ?? [], body.ExpiresInSeconds ?? 0, body.RequestKey ?? "");
        var outcome = await tokens.IssueAsync(Actor.Of(user), request, cancellationToken);
        return outcome is AccessTokenOutcome.Issued(var token)
            ? TypedResults.Created((string?)null, new BrowserIssueAnswer(
                token.Id, token.Name, token.Scopes, token.CreatedAt, token.ExpiresAt, token.Token, TokenExamples.Of(token.Token, portal.Value.Origin)))
            : Refusal(outcome);
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> Revoke(
        [Description("Of the token: its `jti`.")] Guid id, ClaimsPrincipal user, OwnAccessTokens tokens, CancellationToken cancellationToken) =>
        await tokens.RevokeAsync(Actor.Of(user), id, cancellationToken) ? TypedResults.NoContent() : NotThere();

    public static async Task<Results<NoContent, ProblemHttpResult>> ConfirmShown(
        Guid id, ClaimsPrincipal user, OwnAccessTokens tokens, CancellationToken cancellationToken) =>
        await tokens.ConfirmShownAsync(Actor.Of(user), id, cancellationToken) ? TypedResults.NoContent() : NotThere();

    /// <summary>The keys that verify tokens: RFC 7517, from memory.</summary>
    public static IResult Keys(SigningKeys keys, HttpResponse response)
    {
        response.Headers.CacheControl = "public, max-age=300";
        return TypedResults.Json(new { keys = keys.All.Select(key => new { key.Jwk.Kty, key.Jwk.Crv, key.Jwk.X, key.Jwk.Y, key.Jwk.Kid, key.Jwk.Alg, key.Jwk.Use }) });
    }

    private static ProblemHttpResult Refusal(AccessTokenOutcome outcome) => outcome switch
    {
        AccessTokenOutcome.Rejected(var errors) => Problems.Invalid(errors),
        AccessTokenOutcome.AlreadyIssued(var id) => Problems.AlreadyIssued("This token was made before. Its text is shown once: if you missed it, revoke it and make another.", id),
        AccessTokenOutcome.KeyReused => Problems.KeyReused(),
        _ => Problems.Of(StatusCodes.Status409Conflict, "ended-meanwhile", "It was ended while it was made. Nothing was handed out."),
    };

    private static ProblemHttpResult NotThere() => Problems.NotFound("You have no such access token.");

    private static Cursor CursorOf(AccessTokenView token) => new(token.CreatedAt, token.Id);

    private static AccessTokenAnswer Answer(AccessTokenView token) =>
        new(token.Id, token.Name, token.Scopes, token.CreatedAt, token.ExpiresAt, token.LastUsedOn, token.LastUsedFrom);
}
