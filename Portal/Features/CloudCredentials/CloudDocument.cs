using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portal.Features.CloudCredentials;

/// <summary>
/// One version of a cloud credential as it rests in Vault: all there is to know, so that the index can be made anew from it.
/// Programs that read Vault find the fields below <c>values</c>.
/// </summary>
public sealed record CloudDocument
{
    /// <summary>The same in all versions. A name that is used again after a revoke has another.</summary>
    public required Guid Id { get; init; }

    public required string Type { get; init; }

    public required IReadOnlyDictionary<string, string> Values { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Null: until it is revoked.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    public required CloudIdentity Owner { get; init; }

    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>Who wrote this version.</summary>
    public required CloudIdentity By { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Such as <c>registered</c>, <c>changed</c>, <c>restored from version 3</c>.</summary>
    public required string Act { get; init; }

    /// <summary>Names of the fields, and of <c>tags</c> and <c>endsAt</c>, that differ from the version before.</summary>
    public IReadOnlyList<string> Changed { get; init; } = [];

    /// <summary>By field: the version that first held its present value. A restore brings the old number back: who knew the value then knows it now.</summary>
    public required IReadOnlyDictionary<string, int> Since { get; init; }

    /// <summary>By field: when the version of <see cref="Since"/> was written.</summary>
    public required IReadOnlyDictionary<string, DateTimeOffset> SinceAt { get; init; }

    public static CloudDocument? Read(JsonElement data)
    {
        try
        {
            return data.Deserialize(CloudJson.Default.CloudDocument) is { } document && document.IsWhole ? document : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public JsonElement Write() => JsonSerializer.SerializeToElement(this, CloudJson.Default.CloudDocument);

    /// <summary>Nothing of it goes into a log.</summary>
    public override string ToString() => $"cloud credential {Id}";

    // What was written by another hand may hold nulls where none belong.
    private bool IsWhole =>
        Id != Guid.Empty && Type is not null && Owner is { Provider: not null, Subject: not null, Login: not null } && By is { Provider: not null, Subject: not null, Login: not null }
        && Act is not null && Values is not null && Values.Values.All(value => value is not null) && Tags is not null && Changed is not null && Since is not null && SinceAt is not null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CloudDocument))]
[JsonSerializable(typeof(IReadOnlyList<CloudFieldState>))]
[JsonSerializable(typeof(IReadOnlyList<CloudFact>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class CloudJson : JsonSerializerContext;
