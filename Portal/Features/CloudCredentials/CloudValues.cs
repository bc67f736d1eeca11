namespace Portal.Features.CloudCredentials;

/// <summary>Makes the fields of a credential out of what was there and what is given.</summary>
internal static class CloudValues
{
    /// <summary>What stands for a sensitive value that is not told. Sent back, it means: as it is.</summary>
    public const string Mask = "********";

    public static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    /// <param name="type">Judges them.</param>
    /// <param name="before">The fields so far; none for a new credential.</param>
    /// <param name="given">Those that are to change: an empty one is cleared, the mask of a sensitive one changes nothing.</param>
    /// <param name="file">A file that holds fields; what is given beside it counts more.</param>
    /// <param name="errors">Gets what is wrong, by field.</param>
    public static IReadOnlyDictionary<string, string> Read(
        CloudType type, IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string?> given, string? file, IDictionary<string, string> errors)
    {
        // What is wrong beside the fields, such as the name, keeps nobody from being told about the fields too.
        var wrong = new Dictionary<string, string>(StringComparer.Ordinal);
        var values = ReadAlone(type, before, given, file, wrong);
        foreach (var (name, text) in wrong)
            errors.TryAdd(name, text);
        return values;
    }

    /// <summary>Names of fields that are not the same in both.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =>
        [.. before.Keys.Union(after.Keys).Where(name => before.GetValueOrDefault(name) != after.GetValueOrDefault(name)).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<string> Tags(IReadOnlyList<string?> tags) => [.. tags.OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    private static IReadOnlyDictionary<string, string> ReadAlone(
        CloudType type, IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string?> given, string? file, Dictionary<string, string> errors)
    {
        var wished = new Dictionary<string, string>(StringComparer.Ordinal);
        if (given.Count > CloudType.MostFields)
        {
            errors["values"] = $"There are {given.Count} fields; at most {CloudType.MostFields} are read.";
            return before;
        }

        if (file is not null)
        {
            if (type.File is null)
                errors[CloudFile.Field] = $"{type.Title} has no file that its fields are read from: give them one by one.";
            else
                wished = new(type.File.Read(file, errors));
        }

        foreach (var (name, value) in given)
        {
            if (value == Mask && type.IsSensitive(name))
            {
                if (!before.ContainsKey(name))
                    errors[name] = "This is what stands for a value that is not shown, and no value.";
                continue;
            }

            wished[name] = value ?? "";
        }

        if (errors.Count > 0)
            return before;
        if (before.Count > 0 && !wished.Any(wish => before.GetValueOrDefault(wish.Key, "") != wish.Value))
            return before;
        Keep(type, before, wished);
        return type.Read(wished, errors);
    }

    private static void Keep(CloudType type, IReadOnlyDictionary<string, string> before, Dictionary<string, string> wished)
    {
        var derived = type.Fields.Where(field => field.IsDerived).Select(field => field.Name).ToHashSet();
        // What was computed of other values says nothing of these, also when it comes back as it was shown.
        foreach (var name in derived.Where(name => before.TryGetValue(name, out var value) && wished.GetValueOrDefault(name) == value))
            wished.Remove(name);
        var replaced = type.Fields.Where(field => field.ReplacedBy is { } other && !string.IsNullOrWhiteSpace(wished.GetValueOrDefault(other))).Select(field => field.Name).ToHashSet();
        foreach (var (name, value) in before)
        {
            if (!derived.Contains(name) && !replaced.Contains(name))
                wished.TryAdd(name, value);
        }
    }
}
