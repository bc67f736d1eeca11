using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.CloudCredentials;

/// <summary>Cloud credentials for programs.</summary>
public static class CloudEndpoints
{
    private const string TeamMeaning = "The portal's name of the team.";
    private const string NameMeaning = "Of the cloud credential.";
    private const string VersionMeaning = "Its number.";
    private const string VerifyMeaning = "Whether the cloud is asked first; false keeps the credential without.";

    /// <param name="Name">A DNS-1123 subdomain, once in a team.</param>
    /// <param name="Type">Of those that <c>GET /credential-types</c> lists.</param>
    /// <param name="Values">By field.</param>
    /// <param name="File">Text of a file that holds the fields, such as Google's key file.</param>
    /// <param name="EndsAt">When it is revoked by itself.</param>
    public sealed record RegisterBody(
        [property: Required] string? Name, [property: Required] string? Type, IReadOnlyDictionary<string, string?>? Values = null, string? File = null,
        IReadOnlyList<string?>? Tags = null, DateTimeOffset? EndsAt = null)
    {
        // The compiler's text would carry the file into logs.
        public override string ToString() => $"registration of {Name}";
    }

    /// <param name="Values">By field: those left out keep their values, as do masked ones; an empty one is cleared.</param>
    /// <param name="File">Text of a file that holds the fields.</param>
    /// <param name="Tags">All of them; left out, they stay.</param>
    /// <param name="EndsAt">When it is revoked by itself; left out, that stays.</param>
    /// <param name="NeverEnds">It ends no more by itself.</param>
    public sealed record ChangeBody(
        IReadOnlyDictionary<string, string?>? Values = null, string? File = null, IReadOnlyList<string?>? Tags = null, DateTimeOffset? EndsAt = null, bool? NeverEnds = null)
    {
        public override string ToString() => "change of a cloud credential";
    }

    /// <param name="Field">Whose value is to be shown.</param>
    /// <param name="Version">Left out, the one in use.</param>
    public sealed record RevealBody([property: Required] string? Field, [property: Range(1, int.MaxValue)] int? Version = null);

    /// <param name="State"><c>revoking</c>.</param>
    /// <param name="Why">It is not gone yet.</param>
    public sealed record RevokingAnswer(Guid Id, string State, string Why);

    public static Ok<ApiList<CloudAnswers.Type>> ListTypes(CloudTypes types, CloudVerification verification) =>
        TypedResults.Ok(new ApiList<CloudAnswers.Type>([.. types.All.Select(type => CloudAnswers.Of(type, verification.Knows(type.Name)))], null));

    public static Results<Ok<CloudAnswers.Type>, ProblemHttpResult> FindType([Description("Such as amazon.")] string type, CloudTypes types, CloudVerification verification) =>
        types.Find(type) is { } found ? TypedResults.Ok(CloudAnswers.Of(found, verification.Knows(found.Name))) : Problems.NotFound("There is no such type of cloud credentials.");

    public static async Task<Results<Ok<ApiList<CloudAnswers.Credential>>, ProblemHttpResult>> List(
        [Description(TeamMeaning)] string team, [Description("Only those with this tag.")] string? tag, [Description("Only those of this type.")] string? type,
        [Description(Cursor.Meaning)] string? cursor,
        [Description(Cursor.LimitMeaning), Range(Cursor.SmallestPage, Cursor.LargestPage), DefaultValue(Cursor.UsualPage)] int? limit,
        ClaimsPrincipal user, CloudCredentialList list, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string>();
        var wish = PageWish.Read(cursor, limit, errors);
        if (errors.Count > 0)
            return Problems.Invalid(errors);
        return await list.ListAsync(Actor.Of(user), team, tag, type, wish, cancellationToken) is { } page
            ? TypedResults.Ok(wish.Page(page, CloudAnswers.Of, credential => new Cursor(credential.RegisteredAt, credential.Id)))
            : CloudAnswers.NotThere();
    }

    public static async Task<Results<Created<CloudAnswers.Credential>, ProblemHttpResult>> Register(
        [Description(TeamMeaning)] string team, RegisterBody body, [Description(VerifyMeaning), DefaultValue(true)] bool? verify,
        ClaimsPrincipal user, TeamCloudCredentials credentials, HttpResponse response, CancellationToken cancellationToken)
    {
        var wish = new CloudRegistration(
            body.Name ?? "", body.Type ?? "", body.Values ?? new Dictionary<string, string?>(), body.File, body.Tags ?? [], body.EndsAt, verify ?? true);
        var outcome = await credentials.RegisterAsync(Actor.Of(user), team, wish, cancellationToken);
        if (outcome is not CloudOutcome.Saved(var saved, _))
            return CloudAnswers.Refusal(outcome);
        response.Headers.ETag = CloudAnswers.ETag(saved);
        return TypedResults.Created($"{ApiRoutes.Root}/teams/{saved.Team}/cloud-credentials/{saved.Name}", CloudAnswers.Of(saved));
    }

    public static async Task<Results<Ok<CloudAnswers.Credential>, ProblemHttpResult>> Find(
        [Description(TeamMeaning)] string team, [Description(NameMeaning)] string name, ClaimsPrincipal user, CloudCredentialList list, HttpResponse response, CancellationToken cancellationToken) =>
        await list.FindAsync(Actor.Of(user), team, name, cancellationToken) is { } found ? Answer(found, response) : CloudAnswers.NotThere();

    public static async Task<Results<Ok<CloudAnswers.Credential>, ProblemHttpResult>> Change(
        [Description(TeamMeaning)] string team, [Description(NameMeaning)] string name, ChangeBody body, [Description(VerifyMeaning), DefaultValue(true)] bool? verify,
        ClaimsPrincipal user, TeamCloudCredentials credentials, HttpContext context, CancellationToken cancellationToken)
    {
        if (Basis(context.Request, out var tag) is { } missing)
            return missing;
        var wish = new CloudChange(
            tag, body.Values ?? new Dictionary<string, string?>(), body.File, body.Tags, body.EndsAt is not null || body.NeverEnds == true, body.NeverEnds == true ? null : body.EndsAt,
            verify ?? true);
        return Answer(await credentials.ChangeAsync(Actor.Of(user), team, name, wish, cancellationToken), context.Response);
    }

    public static async Task<Results<NoContent, Accepted<RevokingAnswer>, ProblemHttpResult>> Revoke(
        [Description(TeamMeaning)] string team, [Description(NameMeaning)] string name, ClaimsPrincipal user, CloudEnding ending, HttpRequest request, CancellationToken cancellationToken) =>
        // Without If-Match, whichever has the name now.
        await ending.RevokeAsync(Actor.Of(user), team, name, Basis(request, out var tag) is null ? CloudTag.Read(tag)?.Id ?? Guid.Empty : null, cancellationToken) switch
        {
            CloudOutcome.Saved({ State: CloudState.Revoked }, _) => TypedResults.NoContent(),
            CloudOutcome.Saved(var saved, _) => TypedResults.Accepted((string?)null, new RevokingAnswer(
                saved.Id, "revoking", "Vault does not delete it now; the portal tries again until it is gone. Nobody gets it from the portal any more.")),
            var refusal => CloudAnswers.Refusal(refusal),
        };

    public static async Task<Results<Ok<ApiList<CloudAnswers.Version>>, ProblemHttpResult>> ListVersions(
        [Description(TeamMeaning)] string team, [Description(NameMeaning)] string name, ClaimsPrincipal user, CloudCredentialList list, CancellationToken cancellationToken) =>
        await list.ListVersionsAsync(Actor.Of(user), team, name, cancellationToken) is { } versions
            ? TypedResults.Ok(new ApiList<CloudAnswers.Version>([.. versions.Select(CloudAnswers.Of)], null))
            : CloudAnswers.NotThere();

    public static async Task<Results<Ok<CloudAnswers.Credential>, ProblemHttpResult>> Restore(
        [Description(TeamMeaning)] string team, [Description(NameMeaning)] string name, [Description(VersionMeaning)] int version, [Description(VerifyMeaning), DefaultValue(true)] bool? verify,
        ClaimsPrincipal user, TeamCloudCredentials credentials, HttpContext context, CancellationToken cancellationToken) =>
        Basis(context.Request, out var tag) is { } missing
            ? missing
            : Answer(await credentials.RestoreAsync(Actor.Of(user), team, name, version, tag, verify ?? true, cancellationToken), context.Response);

    public static async Task<Results<NoContent, ProblemHttpResult>> DestroyVersion(
        [Description(TeamMeaning)] string team, [Description(NameMeaning)] string name, [Description(VersionMeaning)] int version, ClaimsPrincipal user, TeamCloudCredentials credentials, CancellationToken cancellationToken) =>
        await credentials.DestroyVersionAsync(Actor.Of(user), team, name, version, cancellationToken) is var outcome and not CloudOutcome.Saved
            ? CloudAnswers.Refusal(outcome)
            : TypedResults.NoContent();

    public static async Task<Results<Ok<CloudAnswers.Credential>, ProblemHttpResult>> Verify(
        [Description(TeamMeaning)] string team, [Description(NameMeaning)] string name, ClaimsPrincipal user, CloudVerification verification, HttpResponse response, CancellationToken cancellationToken) =>
        Answer(await verification.VerifyAsync(Actor.Of(user), team, name, cancellationToken), response);

    public static async Task<Results<Ok<CloudAnswers.Revealed>, ProblemHttpResult>> Reveal(
        [Description(TeamMeaning)] string team, [Description(NameMeaning)] string name, RevealBody body, ClaimsPrincipal user, CloudReveals reveals, CancellationToken cancellationToken)
    {
        var outcome = await reveals.RevealAsync(Actor.Of(user), team, name, body.Field ?? "", body.Version, cancellationToken);
        return outcome is RevealOutcome.Shown(var field, var version, var value)
            ? TypedResults.Ok(new CloudAnswers.Revealed(field, version, value))
            : CloudAnswers.Refusal(outcome);
    }

    public static async Task<Results<Ok<CloudAnswers.Leavers>, ProblemHttpResult>> ListLeavers(
        [Description(TeamMeaning)] string team, ClaimsPrincipal user, CloudLeavers leavers, CancellationToken cancellationToken) =>
        await leavers.ListAsync(Actor.Of(user), team, cancellationToken) is { } list
            ? TypedResults.Ok(CloudAnswers.Of(list))
            : Problems.NotFound("There is no such team, or you are no admin of it.");

    private static Results<Ok<CloudAnswers.Credential>, ProblemHttpResult> Answer(CloudOutcome outcome, HttpResponse response) =>
        outcome is CloudOutcome.Saved(var saved, _) ? Answer(saved, response) : CloudAnswers.Refusal(outcome);

    private static Ok<CloudAnswers.Credential> Answer(CloudCredentialView credential, HttpResponse response)
    {
        response.Headers.ETag = CloudAnswers.ETag(credential);
        return TypedResults.Ok(CloudAnswers.Of(credential));
    }

    // Without it, the second of two who save at once would undo what the first did.
    private static ProblemHttpResult? Basis(HttpRequest request, out string tag)
    {
        tag = "";
        if (request.GetTypedHeaders().IfMatch is not [{ } single] || single.Equals(EntityTagHeaderValue.Any))
        {
            return Problems.Of(
                StatusCodes.Status428PreconditionRequired, "if-match-missing", "Send the ETag of the version that you build on as If-Match: GET tells it.");
        }

        tag = single.Tag.ToString().Trim('"');
        return null;
    }
}
