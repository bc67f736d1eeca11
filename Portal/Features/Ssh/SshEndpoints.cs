using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Portal.Features.Credentials;
using Portal.Features.SignIn;
using Portal.Shell;

namespace Portal.Features.Ssh;

/// <summary>Certificates and revoked keys for programs; authority and revocation list for hosts.</summary>
public static class SshEndpoints
{
    private const string RoleMeaning = "Of those that `GET /ssh/roles` lists.";

    /// <param name="PublicKey">One line of OpenSSH's form, as in a <c>.pub</c> file.</param>
    /// <param name="Principals">As whom to log in: some of the role's.</param>
    /// <param name="DurationSeconds">From now; at most <c>maxDurationSeconds</c> of the role.</param>
    /// <param name="Reason">Why, such as a ticket number: it stands in the audit trail.</param>
    public sealed record CertificateIssueBody(
        [property: Required, StringLength(SshKeyText.LongestText, MinimumLength = 1)] string? PublicKey,
        [property: Required, MinLength(1)] IReadOnlyList<string>? Principals,
        [property: Required, Range(1, int.MaxValue)] int? DurationSeconds,
        [property: Required, StringLength(IssueRules.LongestReason, MinimumLength = 1)] string? Reason);

    /// <param name="Id">Of the credential, for <c>/credentials</c>.</param>
    /// <param name="Certificate">The line for a file whose name ends in <c>-cert.pub</c>.</param>
    /// <param name="Serial">As a decimal number.</param>
    /// <param name="KeyId">What hosts write into their logs.</param>
    /// <param name="Extensions">What it permits beside a login.</param>
    public sealed record CertificateIssueAnswer(
        Guid Id, string Certificate, string Serial, string KeyId, IReadOnlyList<string> Principals, IReadOnlyList<string> Extensions,
        DateTimeOffset ValidAfter, DateTimeOffset ValidBefore);

    /// <param name="RequestKey">New for each wish.</param>
    public sealed record BrowserIssueBody(string? PublicKey, IReadOnlyList<string>? Principals, int? DurationSeconds, string? Reason, string? RequestKey);

    /// <param name="ExpiresAt">When the certificate ends.</param>
    public sealed record BrowserIssueAnswer(
        Guid Id, string Certificate, string Serial, string KeyId, IReadOnlyList<string> Principals, IReadOnlyList<string> Extensions,
        DateTimeOffset ValidAfter, DateTimeOffset ExpiresAt);

    /// <param name="Allows">What it allows, in words.</param>
    /// <param name="Hosts">Which hosts it opens, in words.</param>
    /// <param name="Principals">The accounts that a certificate may name.</param>
    /// <param name="Extensions">What certificates permit beside a login.</param>
    public sealed record SshRoleAnswer(
        string Role, string Allows, string Hosts, IReadOnlyList<string> Principals, IReadOnlyList<string> Extensions, int MaxDurationSeconds, bool RequiresApproval);

    /// <param name="Key">The line of the public key, or its fingerprint: <c>SHA256:…</c>.</param>
    public sealed record KeyRevokeBody([property: Required, StringLength(SshKeyText.LongestText, MinimumLength = 1)] string? Key);

    public sealed record RevokedKeyAnswer(Guid Id, string Fingerprint, string RevokedBy, DateTimeOffset RevokedAt);

    public static async Task<Ok<ApiList<SshRoleAnswer>>> ListRoles(ClaimsPrincipal user, GrantedSshRoles roles, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ApiList<SshRoleAnswer>(
            [.. (await roles.ListAsync(Actor.Of(user), cancellationToken)).Select(role => new SshRoleAnswer(
                role.Role, role.Allows, role.Hosts, role.Principals, role.Extensions, (int)role.MaxDuration.TotalSeconds, role.RequiresApproval))],
            null));

    public static async Task<Results<Created<CertificateIssueAnswer>, ProblemHttpResult>> Issue(
        [Description(RoleMeaning)] string role, CertificateIssueBody body, ClaimsPrincipal user, SshCertificates certificates, HttpRequest call,
        CancellationToken cancellationToken)
    {
        if (IdempotencyKey.Read(call, out var key) is { } problem)
            return problem;
        var request = new CertificateRequest(
            role, body.PublicKey ?? "", [.. (body.Principals ?? []).Select(principal => principal ?? "")], body.DurationSeconds ?? 0, body.Reason ?? "", key);
        var outcome = await certificates.IssueAsync(Actor.Of(user), request, cancellationToken);
        return outcome is CertificateOutcome.Issued(var id, var certificate)
            ? TypedResults.Created($"{ApiRoutes.Root}/credentials/{id}", Answer(id, certificate))
            : Refusal(role, outcome);
    }

    /// <summary>For the page's script.</summary>
    public static async Task<Results<Created<BrowserIssueAnswer>, ProblemHttpResult>> IssueToBrowser(
        string role, BrowserIssueBody body, ClaimsPrincipal user, SshCertificates certificates, CancellationToken cancellationToken)
    {
        var request = new CertificateRequest(
            role, body.PublicKey ?? "", [.. (body.Principals ?? []).Select(principal => principal ?? "")], body.DurationSeconds ?? 0, body.Reason ?? "", body.RequestKey ?? "");
        var outcome = await certificates.IssueAsync(Actor.Of(user), request, cancellationToken);
        return outcome is CertificateOutcome.Issued(var id, var certificate)
            ? TypedResults.Created((string?)null, BrowserAnswer(id, certificate))
            : Refusal(role, outcome);
    }

    public static async Task<Results<Ok<ApiList<RevokedKeyAnswer>>, ProblemHttpResult>> ListRevokedKeys(
        [Description(Cursor.Meaning)] string? cursor,
        [Description(Cursor.LimitMeaning), Range(Cursor.SmallestPage, Cursor.LargestPage), DefaultValue(Cursor.UsualPage)] int? limit,
        ClaimsPrincipal user, RevokedKeys keys, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string>();
        var wish = PageWish.Read(cursor, limit, errors);
        return errors.Count > 0
            ? Problems.Invalid(errors)
            : TypedResults.Ok(wish.Page(await keys.ListAsync(Actor.Of(user), wish, cancellationToken), Answer, key => new Cursor(key.RevokedAt, key.Id)));
    }

    public static async Task<Results<Created<RevokedKeyAnswer>, Ok<RevokedKeyAnswer>, ProblemHttpResult>> RevokeKey(
        KeyRevokeBody body, ClaimsPrincipal user, RevokedKeys keys, CancellationToken cancellationToken) =>
        await keys.RevokeAsync(Actor.Of(user), body.Key ?? "", cancellationToken) switch
        {
            KeyOutcome.Revoked(var key, true) => TypedResults.Created((string?)null, Answer(key)),
            KeyOutcome.Revoked(var key, _) => TypedResults.Ok(Answer(key)),
            KeyOutcome.Rejected(var message) => Problems.Invalid(new Dictionary<string, string> { ["key"] = message }),
            _ => Problems.NotFound("You never had a certificate for this key. Portal admins may revoke any key."),
        };

    public static async Task<Results<NoContent, ProblemHttpResult>> LiftKey(
        [Description("Of the revoked key.")] Guid id, ClaimsPrincipal user, RevokedKeys keys, CancellationToken cancellationToken) =>
        await keys.LiftAsync(Actor.Of(user), id, cancellationToken)
            ? TypedResults.NoContent()
            : Problems.NotFound("There is no such revoked key, or you are no portal admin.");

    /// <summary>For <c>TrustedUserCAKeys</c>.</summary>
    public static Results<ContentHttpResult, ProblemHttpResult> Authority(SshAuthorities authorities) => authorities.Current is { } authority
        ? TypedResults.Text($"{authority.PublicKey} vault-portal\n", "text/plain")
        : NotYet("The portal has not seen its certificate authority yet.");

    /// <summary>For <c>RevokedKeys</c>.</summary>
    public static Results<FileContentHttpResult, ProblemHttpResult> Revocations(RevocationList list, HttpResponse response)
    {
        if (list.Current is not { } current)
            return NotYet("The portal has not made its revocation list yet.");
        // May be kept, but not used without asking.
        response.Headers.CacheControl = "no-cache";
        var tag = new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{current.Version}\""));
        return TypedResults.Bytes(current.Bytes, "application/octet-stream", lastModified: current.ChangedAt, entityTag: tag);
    }

    /// <summary>The program that sets a host up: see <see cref="HostScript"/>.</summary>
    public static ContentHttpResult SetUpHost(HostScript script) => TypedResults.Text(script.Text, "text/plain");

    private static ProblemHttpResult NotYet(string detail) =>
        Problems.Of(StatusCodes.Status503ServiceUnavailable, "starting", $"{detail} Keep what you have and try again in a moment.");

    private static ProblemHttpResult Refusal(string role, CertificateOutcome outcome) => outcome switch
    {
        CertificateOutcome.Rejected(var errors) => Problems.Invalid(errors),
        CertificateOutcome.ApprovalNeeded => Problems.Of(
            StatusCodes.Status403Forbidden, "approval-needed", $"{role} needs an approval for each use. Ask an admin of your team."),
        CertificateOutcome.AlreadyIssued(var id) => Problems.AlreadyIssued(
            "This certificate was issued before, and the portal keeps none: if you missed it, ask again with a new key for the wish.", id),
        CertificateOutcome.KeyReused => Problems.KeyReused(),
        CertificateOutcome.EndedMeanwhile => Problems.Of(
            StatusCodes.Status409Conflict, "ended-meanwhile", "It was ended while it was issued. Nothing was handed out."),
        _ => Problems.NotFound("There is no such SSH role, or no team of yours may use it."),
    };

    private static BrowserIssueAnswer BrowserAnswer(Guid id, SshCertificate certificate) => new(
        id, certificate.Line, certificate.Serial.ToString(CultureInfo.InvariantCulture), certificate.KeyId, certificate.Principals,
        [.. certificate.Extensions.Keys], certificate.ValidAfter, certificate.ValidBefore);

    private static CertificateIssueAnswer Answer(Guid id, SshCertificate certificate) => new(
        id, certificate.Line, certificate.Serial.ToString(CultureInfo.InvariantCulture), certificate.KeyId, certificate.Principals,
        [.. certificate.Extensions.Keys], certificate.ValidAfter, certificate.ValidBefore);

    private static RevokedKeyAnswer Answer(RevokedSshKey key) => new(key.Id, key.Fingerprint, key.RevokedBy, key.RevokedAt);
}
