using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Features.Credentials;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.Databases;

/// <summary>Where a generated login leaves the portal: once, in this answer, past the circuit.</summary>
public static class DatabaseEndpoints
{
    /// <param name="DurationSeconds">From now; at most <c>maxDurationSeconds</c> of the role.</param>
    /// <param name="Reason">Why, such as a ticket number: it stands in the audit trail.</param>
    public sealed record DatabaseIssueBody(
        [property: Required, Range(1, int.MaxValue)] int? DurationSeconds,
        [property: Required, StringLength(IssueRules.LongestReason, MinimumLength = 1)] string? Reason);

    /// <param name="RequestKey">New for each wish.</param>
    public sealed record BrowserIssueBody(int? DurationSeconds, string? Reason, string? RequestKey);

    /// <param name="Id">For <c>/credentials/{id}</c>.</param>
    /// <param name="Username">Made for this credential; it names its owner.</param>
    /// <param name="Password">Shown this once.</param>
    /// <param name="Engine"><c>postgresql</c>.</param>
    /// <param name="ConnectionString">As a URL, with the password.</param>
    /// <param name="ExpiresAt">The login ends by itself then.</param>
    public sealed record DatabaseIssueAnswer(
        Guid Id, string Username, string Password, string Engine, string Host, int Port, string Database, string ConnectionString,
        DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt);

    public sealed record BrowserIssueAnswer(
        Guid Id, string Username, string Password, string Engine, string Host, int Port, string Database,
        DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, IReadOnlyList<ConnectionForm> Connections);

    /// <param name="Database">The name of the database.</param>
    /// <param name="Engine"><c>postgresql</c> or <c>mariadb</c>.</param>
    /// <param name="MaxDurationSeconds">Longest life of a credential.</param>
    /// <param name="RequiresApproval">Each use needs an approval, which no token gives.</param>
    /// <param name="Allows">What it allows, in words.</param>
    public sealed record RoleAnswer(string Role, string Database, string Engine, string Allows, int MaxDurationSeconds, bool RequiresApproval);

    public static async Task<Ok<ApiList<RoleAnswer>>> List(ClaimsPrincipal user, GrantedRoles roles, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ApiList<RoleAnswer>(
            [.. (await roles.ListAsync(Actor.Of(user), cancellationToken)).Select(role => new RoleAnswer(
                role.Role, role.Database, role.Engine, role.Allows, (int)role.MaxDuration.TotalSeconds, role.RequiresApproval))],
            null));

    public static async Task<Results<Created<DatabaseIssueAnswer>, ProblemHttpResult>> Issue(
        [Description("Of those that `GET /databases` lists.")] string role, DatabaseIssueBody body, ClaimsPrincipal user, DatabaseCredentials credentials, HttpRequest call, CancellationToken cancellationToken)
    {
        if (IdempotencyKey.Read(call, out var key) is { } problem)
            return problem;
        var request = new IssueRequest(role, body.DurationSeconds ?? 0, body.Reason ?? "", key);
        var outcome = await credentials.IssueAsync(Actor.Of(user), request, cancellationToken);
        return outcome is IssueOutcome.Issued(var issued)
            ? TypedResults.Created($"{ApiRoutes.Root}/credentials/{issued.Id}", Answer(issued))
            : Refusal(role, outcome);
    }

    /// <summary>For the page's script.</summary>
    public static async Task<Results<Created<BrowserIssueAnswer>, ProblemHttpResult>> IssueToBrowser(
        string role, BrowserIssueBody body, ClaimsPrincipal user, DatabaseCredentials credentials, CancellationToken cancellationToken)
    {
        var request = new IssueRequest(role, body.DurationSeconds ?? 0, body.Reason ?? "", body.RequestKey ?? "");
        var outcome = await credentials.IssueAsync(Actor.Of(user), request, cancellationToken);
        return outcome is IssueOutcome.Issued(var issued) ? TypedResults.Created((string?)null, BrowserAnswer(issued)) : Refusal(role, outcome);
    }

    private static ProblemHttpResult Refusal(string role, IssueOutcome outcome) => outcome switch
    {
        IssueOutcome.Rejected(var errors) => Problems.Invalid(errors),
        IssueOutcome.ApprovalNeeded => Problems.Of(
            StatusCodes.Status403Forbidden, "approval-needed", $"{role} needs an approval for each use. Ask an admin of your team."),
        IssueOutcome.AlreadyIssued(var id) => Problems.AlreadyIssued(
            "These credentials were issued before. Their password is shown once: if you missed it, end them and ask again.", id),
        IssueOutcome.KeyReused => Problems.KeyReused(),
        IssueOutcome.EndedMeanwhile => Problems.Of(
            StatusCodes.Status409Conflict, "ended-meanwhile", "They were ended while they were issued. Nothing was handed out."),
        _ => Problems.NotFound($"You may not use a database role {role}."),
    };

    private static BrowserIssueAnswer BrowserAnswer(IssuedCredential issued) => new(
        issued.Id, issued.Username, issued.Password, issued.Address.Engine, issued.Address.Host, issued.Address.Port, issued.Address.Database,
        issued.IssuedAt, issued.ExpiresAt, DatabaseEngines.Forms(issued));

    private static DatabaseIssueAnswer Answer(IssuedCredential issued) => new(
        issued.Id, issued.Username, issued.Password, issued.Address.Engine, issued.Address.Host, issued.Address.Port, issued.Address.Database,
        DatabaseEngines.Url(issued), issued.IssuedAt, issued.ExpiresAt);
}
