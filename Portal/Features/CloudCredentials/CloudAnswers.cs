using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Portal.Shell;

namespace Portal.Features.CloudCredentials;

/// <summary>Cloud credentials as programs and the page's script see them. A sensitive value is in none of these but <see cref="Revealed"/>.</summary>
public static class CloudAnswers
{
    /// <param name="Description">What it is and where to find it.</param>
    /// <param name="Sensitive">Comes back masked, unless it is revealed.</param>
    public sealed record TypeField(string Name, string Title, string Description, bool Required, bool Sensitive);

    /// <param name="Help">Where to get such a credential, and which rights it should have.</param>
    /// <param name="AnyField">The caller names the fields; all are sensitive.</param>
    /// <param name="File">What file may be given as <c>file</c> instead of the fields; null when none.</param>
    /// <param name="Verifies">Whether the portal can ask the cloud about it.</param>
    public sealed record Type([property: Required] string Name, string Title, string Help, bool AnyField, string? File, bool Verifies, IReadOnlyList<TypeField> Fields);

    /// <param name="Standing">What the cloud said last.</param>
    /// <param name="CheckedAt">When it was asked last; null for never.</param>
    /// <param name="VerifiedAt">When it last found the credential good.</param>
    /// <param name="Message">What is wrong, or why it could not be asked.</param>
    /// <param name="Missing">Each thing that is missing.</param>
    /// <param name="Identity">Who the credential belongs to.</param>
    public sealed record Verification(
        string Standing, DateTimeOffset? CheckedAt, DateTimeOffset? VerifiedAt, string? Message, IReadOnlyList<string> Missing, IReadOnlyList<CloudFact> Identity);

    /// <param name="Values">By field; sensitive ones masked.</param>
    /// <param name="Owner">Who registered it.</param>
    /// <param name="RotatedAt">Since when the oldest of its sensitive values is in use.</param>
    /// <param name="EndsAt">When it is revoked by itself; null for never.</param>
    /// <param name="State"><c>active</c> or <c>revoking</c>.</param>
    /// <param name="MayManage">Whether you may change, reveal and revoke it.</param>
    public sealed record Credential(
        Guid Id, string Team, string Name, string Type, IReadOnlyDictionary<string, string> Values, IReadOnlyList<string> Tags, string Owner, int Version,
        DateTimeOffset RegisteredAt, DateTimeOffset ChangedAt, string ChangedBy, DateTimeOffset RotatedAt, DateTimeOffset? EndsAt, Verification Verification,
        string State, bool MayManage);

    /// <param name="Act">Such as <c>registered</c>, <c>changed</c>, <c>restored from version 3</c>.</param>
    /// <param name="Changed">Fields, and <c>tags</c> and <c>endsAt</c>, that differ from the version before.</param>
    /// <param name="IsGone">Vault has nothing of it any more.</param>
    public sealed record Version(int Number, DateTimeOffset At, string By, string Act, IReadOnlyList<string> Changed, bool IsCurrent, bool IsGone);

    /// <param name="HasSet">The person gave the value; else it was revealed to them.</param>
    public sealed record Known(string Login, string Credential, string Field, bool HasSet, DateTimeOffset At);

    /// <param name="IsAsked">GitHub just said who is in the team; else somebody may be missing here.</param>
    public sealed record Leavers(IReadOnlyList<Known> Items, bool IsAsked);

    /// <param name="Value">In clear.</param>
    public sealed record Revealed(string Field, int Version, string Value)
    {
        // The compiler's text would carry the value into logs.
        public override string ToString() => $"value of {Field}";
    }

    public static Type Of(CloudType type, bool verifies) => new(
        type.Name, type.Title, type.Help, type.TakesAnyField, type.File?.Hint, verifies,
        [.. type.Fields.Select(field => new TypeField(field.Name, field.Title, field.Description, field.IsRequired, field.IsSensitive))]);

    public static Credential Of(CloudCredentialView credential) => new(
        credential.Id, credential.Team, credential.Name, credential.Type, credential.Fields.ToDictionary(field => field.Name, field => field.Value ?? CloudValues.Mask),
        credential.Tags, credential.Owner, credential.Version, credential.RegisteredAt, credential.ChangedAt, credential.ChangedBy, credential.RotatedAt, credential.EndsAt,
        Of(credential.Check), Word(credential.State), credential.MayManage);

    public static Version Of(CloudVersionView version) => new(version.Number, version.At, version.By, version.Act, version.Changed, version.IsCurrent, version.IsGone);

    public static Leavers Of(LeaverList list) =>
        new([.. list.Items.Select(known => new Known(known.Login, known.Credential, known.Field, known.HasSet, known.At))], list.IsAsked);

    /// <summary>What is said when nothing was done.</summary>
    public static ProblemHttpResult Refusal(CloudOutcome outcome) => outcome switch
    {
        CloudOutcome.Rejected(var errors) => Problems.Invalid(errors),
        CloudOutcome.NameTaken(var name) => Problems.Of(
            StatusCodes.Status409Conflict, "name-taken", $"The team has a cloud credential {name} already. Choose another name, or change that one.",
            ("errors", new Dictionary<string, string[]> { ["name"] = [$"The team has a cloud credential {name} already."] })),
        CloudOutcome.NotVerified(CloudVerdict.Bad(var message, var missing, var identity)) => Problems.Of(
            StatusCodes.Status422UnprocessableEntity, "verification-failed", $"{message} Nothing was stored.", ("missing", missing), ("identity", identity)),
        CloudOutcome.NotVerified(CloudVerdict.Unreachable(var message)) => Problems.Of(
            StatusCodes.Status502BadGateway, "cloud-unreachable", $"{message} Nothing was stored. It can be kept without asking the cloud."),
        CloudOutcome.Conflict(var current, var since) => Problems.Of(
            StatusCodes.Status409Conflict, "changed-meanwhile", Words(current, since),
            ("current", Of(current)), ("since", since.Select(Of).ToList()), ("etag", ETag(current))),
        CloudOutcome.NotAllowed(var why) => NotAllowed(why),
        _ => NotThere(),
    };

    public static ProblemHttpResult Refusal(RevealOutcome outcome) => outcome switch
    {
        RevealOutcome.Rejected(var errors) => Problems.Invalid(errors),
        RevealOutcome.NotAllowed(var why) => NotAllowed(why),
        _ => NotThere(),
    };

    public static ProblemHttpResult NotThere() => Problems.NotFound("There is no such cloud credential, or no team of yours has it.");

    public static string ETag(CloudCredentialView credential) => $"\"{credential.Tag}\"";

    private static ProblemHttpResult NotAllowed(string why) => Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", why);

    private static string Words(CloudCredentialView current, IReadOnlyList<CloudVersionView> since) => since.Count == 0
        ? $"{current.Name} is another credential by now. Nothing of yours was stored."
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{since[0].By} saved version {current.Version} of {current.Name} at {since[0].At:yyyy-MM-dd HH:mm:ss} UTC ({(since[0].Changed.Count > 0 ? string.Join(", ", since[0].Changed) : since[0].Act)}). Theirs stands, and nothing of yours was stored.");

    private static Verification Of(CloudCheckView check) => new(Word(check.Standing), check.CheckedAt, check.VerifiedAt, check.Message, check.Missing, check.Identity);

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
