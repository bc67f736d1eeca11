using System.Globalization;

namespace Portal.Features.CloudCredentials.Pages;

/// <summary>How pages speak of cloud credentials.</summary>
public static class CloudWords
{
    /// <summary>Such as <c>95 days ago</c>.</summary>
    public static string Ago(DateTimeOffset at, DateTimeOffset now) => (now - at) switch
    {
        { TotalMinutes: < 1 } => "just now",
        { TotalMinutes: < 2 } => "a minute ago",
        { TotalHours: < 1 } span => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} minutes ago"),
        { TotalHours: < 2 } => "an hour ago",
        { TotalDays: < 1 } span => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} hours ago"),
        { TotalDays: < 2 } => "a day ago",
        var span => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalDays} days ago"),
    };

    /// <summary>The first fact that the cloud told of it, else its first safe field.</summary>
    public static string? BelongsTo(CloudCredentialView credential) =>
        credential.Check.Identity.Count > 0 ? credential.Check.Identity[0].Value : credential.Fields.FirstOrDefault(field => field.Value is not null)?.Value;

    public static bool IsOld(CloudCredentialView credential, DateTimeOffset now) => credential.RotatedAt <= now - CloudCredentialView.OldFrom;

    /// <summary>Those who may change and reveal it, for somebody who may not.</summary>
    public static string WhoMay(CloudCredentialView credential) => $"Only {credential.Owner}, who registered it, and the admins of team {credential.Team} may change, reveal or revoke it.";

    public static string Versions(int count) => count == 1 ? "Its only version is" : string.Create(CultureInfo.InvariantCulture, $"All {count} versions are");

    /// <summary>Of what changed: fields by their titles.</summary>
    public static string Changed(CloudType? type, IEnumerable<string> names) => string.Join(", ", names.Select(name => name switch
    {
        "endsAt" => "end date",
        _ => type?.Fields.FirstOrDefault(field => field.Name == name)?.Title ?? name,
    }));

    /// <summary>Why a wish was not carried out, where there is room for a line alone; null when it was.</summary>
    public static string? Complaint(CloudOutcome outcome) => outcome switch
    {
        CloudOutcome.Saved => null,
        CloudOutcome.Rejected(var errors) => string.Join(' ', errors.Values),
        CloudOutcome.NotVerified(CloudVerdict.Bad(var message, var missing, _)) => $"{message} {(missing.Count > 0 ? $"Missing: {string.Join("; ", missing)}. " : "")}Nothing was changed.",
        CloudOutcome.NotVerified(CloudVerdict.Unreachable(var message)) => $"{message} Nothing was changed.",
        CloudOutcome.Conflict(_, var since) => since.Count > 0
            ? $"{since[0].By} saved version {since[0].Number} meanwhile. Nothing of yours was changed: look at theirs first."
            : "It is another credential by now. Nothing was changed.",
        CloudOutcome.NotAllowed(var why) => why,
        CloudOutcome.NameTaken(var name) => $"The team has a cloud credential {name} already.",
        _ => "It is not there any more, or not yours to see.",
    };
}
