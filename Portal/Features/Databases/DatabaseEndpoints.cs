using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.Databases;

/// <summary>Where a generated login leaves the portal: once, in this answer, past the circuit.</summary>
public static class DatabaseEndpoints
{
    public sealed record IssueBody(int DurationSeconds, string? Reason, string? RequestKey);

    public sealed record IssueAnswer(
        Guid Id, string Username, string Password, string Engine, string Host, int Port, string Database,
        DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt, IReadOnlyList<ConnectionForm> Connections);

    public static async Task<Results<Created<IssueAnswer>, ProblemHttpResult>> Issue(
        string role, IssueBody body, ClaimsPrincipal user, DatabaseCredentials credentials, CancellationToken cancellationToken)
    {
        var request = new IssueRequest(role, body.DurationSeconds, body.Reason ?? "", body.RequestKey ?? "");
        return await credentials.IssueAsync(Actor.Of(user), request, cancellationToken) switch
        {
            IssueOutcome.Issued(var issued) => TypedResults.Created((string?)null, Answer(issued)),
            IssueOutcome.Rejected(var errors) => Problems.Invalid(errors),
            IssueOutcome.ApprovalNeeded => Problems.Of(
                StatusCodes.Status403Forbidden, "approval-needed", $"{role} needs an approval for each use. Ask an admin of your team."),
            IssueOutcome.AlreadyIssued(var id) => Problems.Of(
                StatusCodes.Status409Conflict, "already-issued",
                "These credentials were issued before. Their password is shown once: if you missed it, end them and ask again.", ("id", id)),
            IssueOutcome.EndedMeanwhile => Problems.Of(
                StatusCodes.Status409Conflict, "ended-meanwhile", "They were ended while they were issued. Nothing was handed out."),
            _ => Problems.NotFound($"You may not use a database role {role}."),
        };
    }

    private static IssueAnswer Answer(IssuedCredential issued) => new(
        issued.Id, issued.Username, issued.Password, issued.Address.Engine, issued.Address.Host, issued.Address.Port, issued.Address.Database,
        issued.IssuedAt, issued.ExpiresAt, DatabaseEngines.Forms(issued));
}
