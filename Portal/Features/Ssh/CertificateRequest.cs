using Portal.Features.Credentials;

namespace Portal.Features.Ssh;

/// <param name="PublicKey">As somebody pasted it.</param>
/// <param name="RequestKey">New for each wish: the same key again is the same wish, not a second one.</param>
public sealed record CertificateRequest(
    string Role, string PublicKey, IReadOnlyList<string> Principals, int DurationSeconds, string Reason, string RequestKey)
{
    private const int LongestPrincipal = 63;

    /// <param name="grants">Those that the person may use for the role, best first.</param>
    /// <param name="grant">The one that the certificate would be issued under.</param>
    /// <param name="key">Null when it is refused.</param>
    /// <returns>What the wish breaks, by field; empty when nothing.</returns>
    public Dictionary<string, string> Check(IReadOnlyList<SshGrant> grants, TimeSpan shortest, out SshGrant grant, out SshPublicKey? key)
    {
        grant = grants.FirstOrDefault(IsWithin) ?? grants.FirstOrDefault(Names) ?? grants[0];
        var errors = IssueRules.Check(DurationSeconds, Reason, RequestKey, shortest, GrantedSshRoles.Longest(grant));
        if (!SshPublicKey.TryParse(PublicKey, out key, out var complaint))
            errors["publicKey"] = complaint;
        if (CheckPrincipals(GrantedSshRoles.Principals(grant)) is { } wrong)
            errors["principals"] = wrong;
        return errors;
    }

    /// <summary>The grant allows it as it is, without an approval.</summary>
    public bool IsWithin(SshGrant grant) =>
        Names(grant) && !grant.RequiresApproval && TimeSpan.FromSeconds(DurationSeconds) <= GrantedSshRoles.Longest(grant);

    private bool Names(SshGrant grant) => !Principals.Except(GrantedSshRoles.Principals(grant)).Any();

    private string? CheckPrincipals(IReadOnlyList<string> allowed)
    {
        if (Principals.Count == 0)
            return $"Say as whom you want to log in: {string.Join(", ", allowed)}.";
        if (Principals.Except(allowed).FirstOrDefault() is not { } refused)
            return null;
        var name = refused.Length is > 0 and <= LongestPrincipal && !refused.Any(char.IsControl) ? $"“{refused}”" : "One of them";
        return $"{name} is not among those that you may log in as: {string.Join(", ", allowed)}.";
    }
}

/// <summary>What became of a wish for a certificate.</summary>
public abstract record CertificateOutcome
{
    private CertificateOutcome()
    {
    }

    public sealed record Issued(Guid Id, SshCertificate Certificate) : CertificateOutcome;

    /// <summary>The role is unknown, or no team of the person has a grant for it.</summary>
    public sealed record NotFound : CertificateOutcome;

    public sealed record ApprovalNeeded : CertificateOutcome;

    /// <summary>The same request key was there before; the certificate is not kept.</summary>
    public sealed record AlreadyIssued(Guid Id) : CertificateOutcome;

    /// <summary>The same request key was there before, for something else.</summary>
    public sealed record KeyReused : CertificateOutcome;

    /// <summary>Somebody, or the loss of a membership, ended it before it could be handed over.</summary>
    public sealed record EndedMeanwhile : CertificateOutcome;

    /// <param name="Errors">By field, what is wrong and what would be right.</param>
    public sealed record Rejected(IReadOnlyDictionary<string, string> Errors) : CertificateOutcome;
}
