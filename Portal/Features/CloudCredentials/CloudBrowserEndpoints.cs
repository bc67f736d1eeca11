using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Features.SignIn;

namespace Portal.Features.CloudCredentials;

/// <summary>Where values cross between the page's script and the portal, past the circuit.</summary>
public static class CloudBrowserEndpoints
{
    public sealed record RegisterBody(
        string? Name, string? Type, IReadOnlyDictionary<string, string?>? Values, string? File, IReadOnlyList<string?>? Tags, DateTimeOffset? EndsAt, bool Verify)
    {
        // The compiler's text would carry the file into logs.
        public override string ToString() => $"registration of {Name}";
    }

    /// <param name="Tag">Of the version that the page shows.</param>
    public sealed record ChangeBody(
        string? Tag, IReadOnlyDictionary<string, string?>? Values, string? File, IReadOnlyList<string?>? Tags, DateTimeOffset? EndsAt, bool SetsEnd, bool Verify)
    {
        public override string ToString() => "change of a cloud credential";
    }

    public sealed record RevealBody(string? Field, int? Version);

    public static async Task<Results<Ok<CloudAnswers.Credential>, ProblemHttpResult>> Register(
        string team, RegisterBody body, ClaimsPrincipal user, TeamCloudCredentials credentials, CancellationToken cancellationToken) => Answer(
            await credentials.RegisterAsync(
                Actor.Of(user), team,
                new(body.Name ?? "", body.Type ?? "", body.Values ?? new Dictionary<string, string?>(), body.File, body.Tags ?? [], body.EndsAt, body.Verify), cancellationToken));

    public static async Task<Results<Ok<CloudAnswers.Credential>, ProblemHttpResult>> Change(
        string team, string name, ChangeBody body, ClaimsPrincipal user, TeamCloudCredentials credentials, CancellationToken cancellationToken) => Answer(
            await credentials.ChangeAsync(
                Actor.Of(user), team, name,
                new(body.Tag ?? "", body.Values ?? new Dictionary<string, string?>(), body.File, body.Tags, body.SetsEnd, body.EndsAt, body.Verify), cancellationToken));

    public static async Task<Results<Ok<CloudAnswers.Revealed>, ProblemHttpResult>> Reveal(
        string team, string name, RevealBody body, ClaimsPrincipal user, CloudReveals reveals, CancellationToken cancellationToken) =>
        await CloudEndpoints.Reveal(team, name, new(body.Field, body.Version), user, reveals, cancellationToken);

    private static Results<Ok<CloudAnswers.Credential>, ProblemHttpResult> Answer(CloudOutcome outcome) =>
        outcome is CloudOutcome.Saved(var saved, _) ? TypedResults.Ok(CloudAnswers.Of(saved)) : CloudAnswers.Refusal(outcome);
}
