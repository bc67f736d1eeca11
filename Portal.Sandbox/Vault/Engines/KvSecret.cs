using System.Globalization;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault.Engines;

/// <param name="MaxVersions">0 = not said</param>
internal sealed record KvLimits(int MaxVersions, bool IsCasRequired, TimeSpan DeleteAfter);

internal sealed class KvVersion(int number, JsonObject data, DateTimeOffset created)
{
    /// <summary>Null once destroyed.</summary>
    public JsonObject? Data { get; private set; } = data;

    public bool IsDestroyed => Data is null;

    /// <summary>May lie ahead: a version that deletes itself.</summary>
    public DateTimeOffset? Deleted { get; set; }

    public void Destroy() => Data = null;

    /// <summary>What is deleted already keeps its time; what was to be deleted later is deleted now.</summary>
    public void Delete(DateTimeOffset now)
    {
        if (!IsDestroyed && !(Deleted <= now))
            Deleted = now;
    }

    public JsonObject Describe()
    {
        var times = Times();
        times["version"] = number;
        return times;
    }

    public JsonObject Times() => new()
    {
        ["created_time"] = Json.Time(created),
        ["deletion_time"] = Deleted is { } deleted ? Json.Time(deleted) : "",
        ["destroyed"] = IsDestroyed,
    };
}

/// <summary>A secret with its versions.</summary>
internal sealed class KvSecret(DateTimeOffset now)
{
    private const int DefaultMaxVersions = 10;

    private readonly DateTimeOffset _created = now;
    private DateTimeOffset _updated = now;

    public SortedDictionary<int, KvVersion> Versions { get; } = [];

    public int Current { get; private set; }

    public KvLimits Limits { get; set; } = new(0, false, TimeSpan.Zero);

    public IReadOnlyDictionary<string, string>? CustomMetadata { get; set; }

    /// <summary>Adds a version; the oldest ones over the limit go.</summary>
    public KvVersion Add(JsonObject data, DateTimeOffset now, KvLimits engine)
    {
        var version = new KvVersion(++Current, data, now) { Deleted = EndOf(now, engine) };
        Versions[Current] = version;
        _updated = now;
        var max = Math.Max(Limits.MaxVersions, engine.MaxVersions) is var limit and > 0 ? limit : DefaultMaxVersions;
        while (Versions.Count > max)
            Versions.Remove(Versions.Keys.First());
        return version;
    }

    /// <summary>When a version that is written or restored now deletes itself: the shorter time of the secret and its engine counts.</summary>
    public DateTimeOffset? EndOf(DateTimeOffset now, KvLimits engine)
    {
        if (Limits.DeleteAfter < TimeSpan.Zero || engine.DeleteAfter < TimeSpan.Zero)
            return null;
        var after = Ttl.Lesser(Limits.DeleteAfter, engine.DeleteAfter);
        return after > TimeSpan.Zero ? now + after : null;
    }

    public JsonObject Describe() => new()
    {
        ["cas_required"] = Limits.IsCasRequired,
        ["created_time"] = Json.Time(_created),
        ["current_version"] = Current,
        ["custom_metadata"] = Json.Map(CustomMetadata),
        ["delete_version_after"] = Durations.Print(Limits.DeleteAfter),
        ["max_versions"] = Limits.MaxVersions,
        ["oldest_version"] = Versions.Count > 0 && Versions.Keys.First() is var oldest and > 1 ? oldest : 0,
        ["updated_time"] = Json.Time(_updated),
        ["versions"] = new JsonObject([.. Versions.Select(version =>
            KeyValuePair.Create(version.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)version.Value.Times()))]),
    };
}

internal static class KvPaths
{
    /// <summary>The next part of each path below the folder, folders with a slash.</summary>
    public static IEnumerable<string> Below(IEnumerable<string> paths, string folder) => paths
        .Where(path => path.Length > folder.Length && path.StartsWith(folder, StringComparison.Ordinal))
        .Select(path => path[folder.Length..])
        .Select(rest => rest.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? rest[..(slash + 1)] : rest)
        .Distinct();
}
