using System.Globalization;
using Portal.Shell;

namespace Portal.Features.Access;

/// <summary>Says what is wrong with a value, and what would be right; null when it is fine.</summary>
public delegate string? ValueCheck(string value);

/// <summary>One mapping of the file, read key by key. What cannot be read is null and among the mistakes.</summary>
public sealed class YamlFields
{
    private readonly Mistakes _mistakes;
    private readonly Dictionary<string, YamlNode> _values;

    private readonly HashSet<string> _misspelt = [];

    private YamlFields(YamlMap map, string where, Mistakes mistakes)
    {
        Line = map.Line;
        Where = where;
        _mistakes = mistakes;
        _values = map.Pairs.ToDictionary(pair => pair.Key.Value, pair => pair.Value, StringComparer.Ordinal);
    }

    public int Line { get; }

    /// <summary>What the mapping describes, such as <c>team payments</c>.</summary>
    public string Where { get; }

    /// <param name="known">The keys that it may have; others are mistakes.</param>
    /// <param name="repeat">False where the keys themselves may be a secret in the wrong place.</param>
    public static YamlFields? Of(YamlNode node, string where, Mistakes mistakes, string[] known, bool repeat = true)
    {
        if (node is not YamlMap map)
        {
            mistakes.Add(node.Line, $"{where}: {node.Kind} where the keys {string.Join(", ", known)} belong");
            return null;
        }

        var fields = new YamlFields(map, where, mistakes);
        foreach (var (key, _) in map.Pairs.Where(pair => !known.Contains(pair.Key.Value)))
        {
            var nearest = Mistakes.Nearest(key.Value, known);
            var named = repeat || nearest is not null ? $"unknown key {Mistakes.Quote(key.Value)}" : "unknown key";
            mistakes.Add(key.Line, $"{where}: {named}; {(nearest is null ? $"known are {string.Join(", ", known)}" : $"'{nearest}' is meant?")}");
            if (nearest is not null)
                fields._misspelt.Add(nearest);
        }

        return fields;
    }

    /// <summary>The text of a key, without judging it: to name the mapping in mistakes.</summary>
    public static string? Peek(YamlNode node, string key) =>
        (node as YamlMap)?.Pairs.FirstOrDefault(pair => pair.Key.Value == key).Value is YamlText { IsNothing: false } text ? text.Value : null;

    /// <summary>Another key was probably meant to be this one: one mistake is enough for both.</summary>
    public bool IsMisspelt(string key) => _misspelt.Contains(key);

    public bool Has(string key) => _values.ContainsKey(key);

    public int LineOf(string key) => _values.TryGetValue(key, out var value) ? value.Line : Line;

    public YamlNode? Node(string key, string example)
    {
        if (!_values.TryGetValue(key, out var value) && !IsMisspelt(key))
            _mistakes.Add(Line, $"{Where}: the key '{key}' is missing, such as {example}");
        return value;
    }

    public string? Text(string key, string example, ValueCheck check)
    {
        if (Node(key, example) is not { } node)
            return null;
        if (node is not YamlText { IsNothing: false } text)
        {
            _mistakes.Add(node.Line, $"{Where}: {key} is {node.Kind}; a value belongs here, such as {example}");
            return null;
        }

        if (check(text.Value) is not { } complaint)
            return text.Value;
        _mistakes.Add(text.Line, $"{Where}: {key} {Repeat(text.Value)} {complaint}");
        return null;
    }

    public string? Text(string key, string example, ValueCheck check, string? otherwise) =>
        Has(key) ? Text(key, example, check) : otherwise;

    /// <param name="otherwise">Counts when the key is absent.</param>
    public bool? Flag(string key, bool otherwise)
    {
        if (!_values.TryGetValue(key, out var node))
            return otherwise;
        if (node is YamlText { Value: "true" or "false", Plain: true } text)
            return text.Value == "true";
        _mistakes.Add(node.Line, $"{Where}: {key} is neither true nor false");
        return null;
    }

    public int? Number(string key, string example, int least, int most) =>
        Text(key, example, value => IsNumber(value, least, most) ? null : $"is not a number from {least} to {most}") is { } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : null;

    public TimeSpan? Duration(string key, string example, TimeSpan least, TimeSpan most)
    {
        string? Complaint(string value) => ShortDuration.Parse(value) switch
        {
            null => "is not a duration, such as 8h, 90m, 1h30m or 3600s",
            { } duration when duration < least => $"is shorter than {ShortDuration.Format(least)}",
            { } duration when duration > most => $"is longer than {ShortDuration.Format(most)}",
            _ => null,
        };
        return Text(key, example, Complaint) is { } text ? ShortDuration.Parse(text) : null;
    }

    /// <summary>A list of different texts; null when there is a mistake in it.</summary>
    /// <param name="empty">Why the list must not be empty; null when it may.</param>
    public IReadOnlyList<string>? Texts(string key, string example, ValueCheck check, string? empty = null)
    {
        var (nodes, texts) = (List(key, example), new List<string>());
        foreach (var node in nodes)
        {
            var complaint = node switch
            {
                YamlText { IsNothing: false } text when texts.Contains(text.Value) => $"{Repeat(text.Value)} is in the list twice",
                YamlText { IsNothing: false } text => check(text.Value) is { } wrong ? $"{Repeat(text.Value)} {wrong}" : null,
                _ => $"has {node.Kind} in it; a value belongs there, such as {example}",
            };
            if (complaint is null)
                texts.Add(((YamlText)node).Value);
            else
                _mistakes.Add(node.Line, $"{Where}: {key} {complaint}");
        }

        if (!_values.TryGetValue(key, out var list) || list is not YamlList || texts.Count < nodes.Count)
            return null;
        if (texts.Count > 0 || empty is null)
            return texts;
        _mistakes.Add(list.Line, $"{Where}: {key} is empty; {empty}");
        return null;
    }

    /// <summary>Empty, and a mistake, when the key is absent or no list.</summary>
    public IReadOnlyList<YamlNode> List(string key, string example)
    {
        if (Node(key, example) is not { } node)
            return [];
        if (node is YamlList list)
            return list.Items;
        _mistakes.Add(node.Line, $"{Where}: {key} is {node.Kind}; a list belongs here, such as {example}");
        return [];
    }

    public static bool IsNumber(string value, long least, long most) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most;

    // An address with user and password in front is pasted easily.
    private static string Repeat(string value) => value.Contains('@', StringComparison.Ordinal) ? "(not repeated here)" : Mistakes.Quote(value);
}
