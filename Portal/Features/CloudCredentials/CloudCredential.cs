namespace Portal.Features.CloudCredentials;

public enum CloudState
{
    Active,

    /// <summary>Refused already; Vault still has its versions.</summary>
    Revoking,

    /// <summary>Vault has nothing of it any more.</summary>
    Revoked,
}

/// <summary>What its cloud said last.</summary>
public enum CloudStanding
{
    /// <summary>It was never asked, or cannot be.</summary>
    Unverified,

    Verified,

    /// <summary>The cloud refuses it, or it lacks something.</summary>
    Failing,

    /// <summary>The cloud could not be asked.</summary>
    Unreachable,
}

/// <param name="Value">Null for a sensitive one, which rests in Vault alone.</param>
/// <param name="Since">The version that first held its present value, and when that was.</param>
public sealed record CloudFieldState(string Name, string? Value, int Since, DateTimeOffset SinceAt);

/// <summary>
/// The index's row of a cloud credential: what is known of it beside its sensitive values. Made from the latest version in Vault, and so
/// to be lost and made again; the standing and the state of ending are the portal's own.
/// </summary>
public sealed class CloudCredential
{
    public Guid Id { get; init; }

    public Guid TeamId { get; init; }

    public required string Name { get; init; }

    public required string Type { get; init; }

    public required string OwnerProvider { get; init; }

    public required string OwnerSubject { get; init; }

    public required string OwnerLogin { get; set; }

    public DateTimeOffset RegisteredAt { get; init; }

    /// <summary>Vault's number of the latest version.</summary>
    public int Version { get; private set; }

    public DateTimeOffset ChangedAt { get; private set; }

    public string ChangedBy { get; private set; } = "";

    /// <summary>Since when the oldest of its sensitive values is in use; of any value when none is sensitive.</summary>
    public DateTimeOffset RotatedAt { get; private set; }

    public DateTimeOffset? EndsAt { get; private set; }

    /// <summary>With a space around each, for look-ups.</summary>
    public string Tags { get; private set; } = " ";

    public IReadOnlyList<CloudFieldState> Fields { get; private set; } = [];

    public CloudStanding Standing { get; private set; }

    /// <summary>When the cloud was asked last.</summary>
    public DateTimeOffset? CheckedAt { get; private set; }

    /// <summary>When the cloud last found it good.</summary>
    public DateTimeOffset? VerifiedAt { get; private set; }

    /// <summary>What the cloud found wrong, or why it could not be asked.</summary>
    public string? CheckMessage { get; private set; }

    public IReadOnlyList<string> Missing { get; private set; } = [];

    /// <summary>Who it belongs to, as the cloud said last.</summary>
    public IReadOnlyList<CloudFact> Identity { get; private set; } = [];

    /// <summary>When the worker asks the cloud next; null for never.</summary>
    public DateTimeOffset? NextCheckAt { get; private set; }

    public CloudState State { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>A login, or such as <c>its end date</c>.</summary>
    public string? EndedBy { get; private set; }

    /// <summary>Deletions at Vault that failed so far, and when the next is due.</summary>
    public int Attempts { get; private set; }

    public DateTimeOffset? NextAttemptAt { get; private set; }

    /// <summary>Concurrency token: of two writers one wins.</summary>
    public Guid Stamp { get; private set; }

    public CloudIdentity Owner => new(OwnerProvider, OwnerSubject, OwnerLogin);

    public IReadOnlyList<string> TagList => Tags.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public static CloudCredential Of(CloudPlace place, CloudDocument document) => new()
    {
        Id = document.Id,
        TeamId = place.TeamId,
        Name = place.Name,
        Type = document.Type,
        OwnerProvider = document.Owner.Provider,
        OwnerSubject = document.Owner.Subject,
        OwnerLogin = document.Owner.Login,
        RegisteredAt = document.RegisteredAt,
    };

    /// <summary>Takes over what the latest version says.</summary>
    /// <param name="type">Null for a type that this portal does not know: all its values are taken for sensitive.</param>
    public void Follow(CloudDocument document, int version, CloudType? type)
    {
        (Version, ChangedAt, ChangedBy, EndsAt) = (version, document.At, document.By.Login, document.EndsAt);
        Tags = $" {string.Join(' ', document.Tags)} ";
        Fields = [.. document.Values.OrderBy(value => Place(type, value.Key)).Select(value => new CloudFieldState(
            value.Key,
            type?.IsSensitive(value.Key) == false ? value.Value : null,
            document.Since.GetValueOrDefault(value.Key, version),
            document.SinceAt.GetValueOrDefault(value.Key, document.At)))];
        RotatedAt = Fields.OrderBy(field => field.Value is not null).ThenBy(field => field.SinceAt).FirstOrDefault()?.SinceAt ?? document.At;
        Touch();
    }

    /// <summary>The latest version was not written by the portal, which cannot read it.</summary>
    internal void FollowForeign(int version, DateTimeOffset now)
    {
        (Version, ChangedAt, ChangedBy) = (version, now, CloudVersion.Outside);
        Touch();
    }

    internal void Judge(CloudVerdict verdict, DateTimeOffset now, DateTimeOffset? next)
    {
        (CheckedAt, NextCheckAt) = (now, next);
        switch (verdict)
        {
            case CloudVerdict.Good(var identity):
                (Standing, VerifiedAt, CheckMessage, Missing, Identity) = (CloudStanding.Verified, now, null, [], identity);
                break;
            case CloudVerdict.Bad(var message, var missing, var identity):
                (Standing, CheckMessage, Missing, Identity) = (CloudStanding.Failing, message, missing, identity.Count > 0 ? identity : Identity);
                break;
            case CloudVerdict.Unreachable(var message):
                // What it said before still stands, failing above all.
                (Standing, CheckMessage) = (Standing == CloudStanding.Failing ? CloudStanding.Failing : CloudStanding.Unreachable, message);
                break;
        }

        Touch();
    }

    /// <summary>What the cloud said of other values says nothing of these.</summary>
    internal void Unjudge(DateTimeOffset? next)
    {
        (Standing, CheckedAt, VerifiedAt, CheckMessage, Missing, Identity, NextCheckAt) = (CloudStanding.Unverified, null, null, null, [], [], next);
        Touch();
    }

    internal void CheckNext(DateTimeOffset? at)
    {
        NextCheckAt = at;
        Touch();
    }

    /// <param name="by">Who or what asked for the end.</param>
    internal void StartRevoking(string by, DateTimeOffset now)
    {
        (State, EndedBy, EndedAt, NextAttemptAt, NextCheckAt) = (CloudState.Revoking, by, now, now, null);
        Touch();
    }

    /// <summary>Vault has it again, or still: what ended by a hand at Vault lives, what was revoked has to be revoked.</summary>
    internal void Reopen(DateTimeOffset now)
    {
        if (EndedBy == CloudVersion.Outside)
            (State, EndedBy, EndedAt, Version) = (CloudState.Active, null, null, 0);
        else
            (State, NextAttemptAt) = (CloudState.Revoking, now);
        Touch();
    }

    /// <summary>Its end date has come: nobody sees or changes it any more, whenever Vault deletes it.</summary>
    public bool IsDue(DateTimeOffset now) => EndsAt <= now;

    internal void RetryRevoking(DateTimeOffset at)
    {
        (Attempts, NextAttemptAt) = (Attempts + 1, at);
        Touch();
    }

    internal void End(string by, DateTimeOffset now)
    {
        (State, EndedBy, EndedAt, NextAttemptAt, NextCheckAt) = (CloudState.Revoked, EndedBy ?? by, EndedAt ?? now, null, null);
        // Values that were safe to show say nothing to anybody now.
        Fields = [];
        Touch();
    }

    private static int Place(CloudType? type, string field) =>
        type?.Fields.Index().FirstOrDefault(known => known.Item.Name == field) is { Item: not null } found ? found.Index : int.MaxValue;

    private void Touch() => Stamp = Guid.CreateVersion7();
}
