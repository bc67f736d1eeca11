using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Portal.Sandbox.Kubernetes;

/// <summary>One page of a list: selectors, <c>limit</c> and <c>continue</c>.</summary>
internal sealed record ListPage(IReadOnlyList<ClusterObject> Items, string? Continue, int? Remaining)
{
    /// <exception cref="ApiException">400: a selector, limit or continue that the sandbox cannot read; watches.</exception>
    public static ListPage Of(IReadOnlyList<ClusterObject> all, IQueryCollection query)
    {
        if (query["watch"].ToString() is "true" or "1")
            throw ApiException.BadRequest("the sandbox has no watches");
        var (fields, labels) = (Terms(query["fieldSelector"]), Terms(query["labelSelector"]));
        var rest = all.Where(o => fields.All(t => HasField(o, t)) && labels.All(t => HasLabel(o, t)));
        if (query["continue"].ToString() is { Length: > 0 } after)
        {
            var last = Decode(after);
            rest = rest.SkipWhile(o => string.CompareOrdinal(Key(o), last) <= 0);
        }
        ClusterObject[] items = [.. rest];
        var limit = 0;
        if (query["limit"].ToString() is { Length: > 0 } text && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit))
            throw ApiException.BadRequest($"limit: not a number: \"{text}\"");
        return limit == 0 || items.Length <= limit
            ? new ListPage(items, null, null)
            : new ListPage(items[..limit], Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Key(items[limit - 1]))), items.Length - limit);
    }

    private static string[] Terms(string? selector) =>
        (selector ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool HasField(ClusterObject item, string term) => Split(term) switch
    {
        ("metadata.name", var value, var equal) => item.Name == value == equal,
        ("metadata.namespace", var value, var equal) => (item.Namespace ?? "") == value == equal,
        _ => throw ApiException.BadRequest($"field label not supported: {term}"),
    };

    private static bool HasLabel(ClusterObject item, string term) => Split(term) is var (name, value, equal)
        ? (item.Labels.TryGetValue(name, out var label) && label == value) == equal
        : term[0] == '!' ? !item.Labels.ContainsKey(term[1..]) : item.Labels.ContainsKey(term);

    private static (string Name, string Value, bool Equal)? Split(string term)
    {
        var at = term.IndexOf('=', StringComparison.Ordinal);
        if (at < 0)
            return null;
        var differs = at > 0 && term[at - 1] == '!';
        return (term[..(differs ? at - 1 : at)].Trim(), term[(at + 1)..].TrimStart('=').Trim(), !differs);
    }

    private static string Key(ClusterObject item) => $"{item.Namespace}/{item.Name}";

    private static string Decode(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
        }
        catch (FormatException)
        {
            throw ApiException.BadRequest("continue key is not valid");
        }
    }
}
