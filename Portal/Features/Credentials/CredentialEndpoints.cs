using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.Credentials;

/// <summary>Everything a person holds, for programs: never a secret. A token sees and touches the kinds that its scopes name.</summary>
public static class CredentialEndpoints
{
    private const string IdMeaning = "Of the credential.";

    /// <param name="DurationSeconds">From now; the new end must be later than the present one and within its grant.</param>
    public sealed record RenewBody([property: Required, Range(1, int.MaxValue)] int? DurationSeconds);

    /// <param name="Role">Under which it was issued.</param>
    /// <param name="Target">What it opens, in words.</param>
    /// <param name="Reason">Why it was asked for.</param>
    /// <param name="Username">The name of the account; null until there is one.</param>
    /// <param name="ExpiresAt">Its end; while it is pending, the one that was asked for.</param>
    /// <param name="LatestEnd">No extension goes beyond.</param>
    /// <param name="EndedAt">When it was gone; null while it is not.</param>
    /// <param name="EndedBy">A login, or what asked for the end; null when nothing did.</param>
    /// <param name="LastError">Why the last attempt to end it failed; null when none did.</param>
    public sealed record CredentialAnswer(
        Guid Id, CredentialKind Kind, string Role, string Target, string Reason, string? Username, CredentialState State,
        DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, DateTimeOffset LatestEnd, DateTimeOffset? EndedAt, string? EndedBy, string? LastError);

    public static async Task<Results<Ok<ApiList<CredentialAnswer>>, ProblemHttpResult>> List(
        [Description("Only those in this state."), AllowedValues("pending", "active", "revoking", "revoked", "expired")] string? state,
        [Description(Cursor.Meaning)] string? cursor,
        [Description(Cursor.LimitMeaning), Range(Cursor.SmallestPage, Cursor.LargestPage), DefaultValue(Cursor.UsualPage)] int? limit,
        ClaimsPrincipal user, CredentialInventory inventory, IEnumerable<CredentialHandling> handlings, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string>();
        var wish = PageWish.Read(cursor, limit, errors);
        CredentialState? only = null;
        if (state is not null)
        {
            if (Enum.GetValues<CredentialState>().Where(known => Name(known) == state).Select(known => (CredentialState?)known).FirstOrDefault() is { } known)
                only = known;
            else
                errors["state"] = $"There is no such state; states are {string.Join(", ", Enum.GetValues<CredentialState>().Select(Name))}.";
        }

        if (errors.Count > 0)
            return Problems.Invalid(errors);
        var actor = Actor.Of(user);
        CredentialKind[] kinds = [.. handlings.Where(handling => IsWithin(actor, handling)).Select(handling => handling.Kind)];
        return TypedResults.Ok(wish.Page(await inventory.ListMineAsync(actor, kinds, only, wish, cancellationToken), Answer, CursorOf));
    }

    public static async Task<Results<Ok<CredentialAnswer>, ProblemHttpResult>> Get(
        [Description(IdMeaning)] Guid id, ClaimsPrincipal user, CredentialInventory inventory, IEnumerable<CredentialHandling> handlings, CancellationToken cancellationToken)
    {
        var actor = Actor.Of(user);
        return await inventory.FindMineAsync(actor, id, cancellationToken) is { } credential && HandlingOf(credential.Kind, actor, handlings) is not null
            ? TypedResults.Ok(Answer(credential))
            : NotThere();
    }

    public static async Task<Results<Ok<CredentialAnswer>, ProblemHttpResult>> Renew(
        [Description(IdMeaning)] Guid id, RenewBody body, ClaimsPrincipal user, CredentialInventory inventory, IEnumerable<CredentialHandling> handlings,
        CancellationToken cancellationToken)
    {
        var actor = Actor.Of(user);
        if (await inventory.FindMineAsync(actor, id, cancellationToken) is not { } credential || HandlingOf(credential.Kind, actor, handlings) is not { } handling)
            return NotThere();
        var outcome = await handling.ExtendAsync(actor, id, TimeSpan.FromSeconds(body.DurationSeconds ?? 0), cancellationToken);
        if (outcome is ExtendOutcome.Rejected(var field, var message))
            return Problems.Invalid(new Dictionary<string, string> { [field] = message });
        return outcome is ExtendOutcome.Extended && await inventory.FindMineAsync(actor, id, cancellationToken) is { } extended
            ? TypedResults.Ok(Answer(extended))
            : NotThere();
    }

    public static async Task<Results<NoContent, Accepted<RevokingAnswer>, ProblemHttpResult>> Revoke(
        [Description(IdMeaning)] Guid id, ClaimsPrincipal user, CredentialInventory inventory, IEnumerable<CredentialHandling> handlings, CancellationToken cancellationToken)
    {
        var actor = Actor.Of(user);
        if (await inventory.FindKindAsync(id, cancellationToken) is not { } kind || HandlingOf(kind, actor, handlings) is not { } handling)
            return NotThere();
        return await handling.EndAsync(actor, id, cancellationToken) switch
        {
            RevokeOutcome.Revoked => TypedResults.NoContent(),
            RevokeOutcome.Revoking(var why) => TypedResults.Accepted((string?)null, new RevokingAnswer(id, CredentialState.Revoking, why)),
            _ => NotThere(),
        };
    }

    /// <param name="State"><c>revoking</c>.</param>
    /// <param name="Why">It is not gone yet.</param>
    public sealed record RevokingAnswer(Guid Id, CredentialState State, string Why);

    private static CredentialHandling? HandlingOf(CredentialKind kind, Actor actor, IEnumerable<CredentialHandling> handlings) =>
        handlings.FirstOrDefault(handling => handling.Kind == kind && IsWithin(actor, handling));

    private static bool IsWithin(Actor actor, CredentialHandling handling) => actor.Token?.Scopes.Contains(handling.Scope) != false;

    private static string Name(CredentialState state) => state.ToString().ToLowerInvariant();

    private static ProblemHttpResult NotThere() => Problems.NotFound("You hold no such credential.");

    private static Cursor CursorOf(CredentialView credential) => new(credential.IssuedAt, credential.Id);

    private static CredentialAnswer Answer(CredentialView credential) => new(
        credential.Id, credential.Kind, credential.Role, credential.Target, credential.Reason, credential.Username, credential.State,
        credential.IssuedAt, credential.ExpiresAt, credential.LatestEnd, credential.EndedAt, credential.EndedBy, credential.LastError);
}
