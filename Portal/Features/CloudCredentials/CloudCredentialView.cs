using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Features.CloudCredentials;

/// <summary>What anybody of the team may know of a cloud credential: never a sensitive value.</summary>
/// <param name="Team">The portal's name of the team.</param>
/// <param name="Owner">Login of who registered it.</param>
/// <param name="Fields">Those that are set.</param>
/// <param name="RotatedAt">Since when the oldest of its sensitive values is in use.</param>
/// <param name="MayManage">Whether the one who asks may change, reveal and revoke it.</param>
public sealed record CloudCredentialView(
    Guid Id, Guid TeamId, string Team, string Name, string Type, IReadOnlyList<string> Tags, string Owner, DateTimeOffset RegisteredAt,
    int Version, DateTimeOffset ChangedAt, string ChangedBy, DateTimeOffset RotatedAt, DateTimeOffset? EndsAt,
    IReadOnlyList<CloudFieldState> Fields, CloudCheckView Check, CloudState State, bool MayManage)
{
    /// <summary>How long before its end the team is warned.</summary>
    public static readonly TimeSpan SoonFrom = TimeSpan.FromDays(14);

    /// <summary>Older values should be rotated.</summary>
    public static readonly TimeSpan OldFrom = TimeSpan.FromDays(90);

    /// <summary>Names this version of this credential alone: a name that is used again counts its versions from 1 again.</summary>
    public string Tag => string.Create(CultureInfo.InvariantCulture, $"{Id:N}-{Version}");

    internal static CloudCredentialView Of(CloudCredential row, string team, bool mayManage) => new(
        row.Id, row.TeamId, team, row.Name, row.Type, row.TagList, row.OwnerLogin, row.RegisteredAt, row.Version, row.ChangedAt, row.ChangedBy, row.RotatedAt,
        row.EndsAt, row.Fields, new(row.Standing, row.CheckedAt, row.VerifiedAt, row.CheckMessage, row.Missing, row.Identity), row.State, mayManage);
}

/// <param name="CheckedAt">When the cloud was asked last; null for never.</param>
/// <param name="VerifiedAt">When it last found it good.</param>
/// <param name="Message">What is wrong, or why the cloud could not be asked.</param>
/// <param name="Identity">Who it belongs to.</param>
public sealed record CloudCheckView(
    CloudStanding Standing, DateTimeOffset? CheckedAt, DateTimeOffset? VerifiedAt, string? Message, IReadOnlyList<string> Missing, IReadOnlyList<CloudFact> Identity);

/// <param name="By">Login of who wrote it.</param>
/// <param name="Act">Such as <c>registered</c>, <c>changed</c>, <c>restored from version 3</c>.</param>
/// <param name="Changed">Names of the fields, and of <c>tags</c> and <c>endsAt</c>, that differ from the version before.</param>
/// <param name="IsGone">Vault has nothing of it any more.</param>
public sealed record CloudVersionView(int Number, DateTimeOffset At, string By, string Act, IReadOnlyList<string> Changed, bool IsCurrent, bool IsGone);

/// <summary>The version that a wish builds on, out of <see cref="CloudCredentialView.Tag"/>.</summary>
internal sealed partial record CloudTag(Guid Id, int Version)
{
    public static CloudTag? Read(string? text) =>
        text is not null && Pattern().Match(text) is { Success: true } match && int.TryParse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out var version)
            ? new(Guid.ParseExact(match.Groups[1].ValueSpan, "N"), version)
            : null;

    [GeneratedRegex(@"^([0-9a-f]{32})-([1-9][0-9]{0,8})\z")]
    private static partial Regex Pattern();
}
