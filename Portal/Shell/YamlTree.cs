using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portal.Shell;

public abstract record YamlNode(int Line)
{
    /// <summary>What it is, in words for a mistake.</summary>
    public abstract string Kind { get; }
}

/// <param name="Plain">Written without quotes.</param>
public sealed record YamlText(int Line, string Value, bool Plain) : YamlNode(Line)
{
    public bool IsNothing => Plain && Value is "" or "~" or "null" or "Null" or "NULL";

    public override string Kind => IsNothing ? "nothing" : "a text";

    /// <summary>Without the text: it may be a password.</summary>
    public override string ToString() => $"{Kind} in line {Line}";
}

public sealed record YamlList(int Line, IReadOnlyList<YamlNode> Items) : YamlNode(Line)
{
    public override string Kind => "a list";
}

public sealed record YamlMap(int Line, IReadOnlyList<KeyValuePair<YamlText, YamlNode>> Pairs) : YamlNode(Line)
{
    public override string Kind => "keys and values";
}

/// <summary>A kind of file in YAML.</summary>
/// <param name="Name">For mistakes: <c>an access file</c>.</param>
/// <param name="Needs">What an empty one lacks: <c>the keys teams and grants</c>.</param>
/// <param name="Largest">In letters.</param>
/// <param name="IsSecret">The parser's own words, which may repeat some of the text, are left out of mistakes.</param>
public sealed record YamlFile(string Name, string Needs, int Largest, bool IsSecret = false);

/// <summary>
/// Reads YAML into plain nodes. Built on the parser's events, as the library's own document model stops at the first double key.
/// Anchors, aliases, tags and several documents are refused: the portal's files need none, and small files could grow huge with them.
/// </summary>
public sealed class YamlTree
{
    private const int DeepestNesting = 20;
    private readonly Parser _parser;
    private readonly YamlFile _file;
    private readonly Mistakes _mistakes;

    private YamlTree(string text, YamlFile file, Mistakes mistakes)
    {
        _parser = new Parser(new StringReader(text));
        _file = file;
        _mistakes = mistakes;
    }

    /// <returns>The root; null when the text cannot be read as YAML, which is then among the mistakes.</returns>
    public static YamlNode? Read(string text, YamlFile file, Mistakes mistakes)
    {
        if (text.Length > file.Largest)
        {
            mistakes.Add(1, $"the file is larger than {file.Largest / 1024} KiB");
            return null;
        }

        var tree = new YamlTree(text, file, mistakes);
        try
        {
            return tree.Document();
        }
        catch (YamlException exception)
        {
            tree.Report(text, exception);
        }
        catch (Exception slip) when (slip is InvalidOperationException or ArgumentException)
        {
            // The parser's own slips on some broken beginnings and tags.
            mistakes.Add(tree._parser.Current is { } last ? Line(last) : 1, "this is not YAML");
        }

        return null;
    }

    private YamlNode? Document()
    {
        Next<StreamStart>();
        if (Next() is not DocumentStart)
        {
            _mistakes.Add(1, $"the file is empty; it needs {_file.Needs}");
            return null;
        }

        var root = Node(Next(), 0);
        Next<DocumentEnd>();
        if (Next() is DocumentStart second)
            _mistakes.Add(Line(second), $"a second document begins here; {_file.Name} holds one");
        return root;
    }

    private YamlNode Node(ParsingEvent current, int depth)
    {
        if (depth > DeepestNesting)
            throw new YamlException(current.Start, current.End, "nested too deeply");
        switch (current)
        {
            case AnchorAlias alias:
                _mistakes.Add(Line(alias), "an alias (*) is not taken here; write the value out");
                return new YamlText(Line(alias), "", Plain: true);
            case NodeEvent node:
                if (!node.Anchor.IsEmpty)
                    _mistakes.Add(Line(node), "an anchor (&) is not taken here; write each value out");
                if (!node.Tag.IsEmpty)
                    _mistakes.Add(Line(node), "a tag (!) is not taken here; write the plain value");
                break;
        }

        return current switch
        {
            YamlDotNet.Core.Events.Scalar scalar => new YamlText(Line(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => List(current, depth),
            MappingStart => Map(current, depth),
            _ => throw new YamlException(current.Start, current.End, "a value is missing"),
        };
    }

    private YamlList List(ParsingEvent start, int depth)
    {
        var items = new List<YamlNode>();
        for (var current = Next(); current is not SequenceEnd; current = Next())
            items.Add(Node(current, depth + 1));
        return new YamlList(Line(start), items);
    }

    private YamlMap Map(ParsingEvent start, int depth)
    {
        var pairs = new List<KeyValuePair<YamlText, YamlNode>>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var current = Next(); current is not MappingEnd; current = Next())
        {
            var key = Node(current, depth + 1);
            var value = Node(Next(), depth + 1);
            if (key is not YamlText text)
                _mistakes.Add(key.Line, $"{key.Kind} cannot be a key");
            else if (!lines.TryAdd(text.Value, text.Line))
                _mistakes.Add(text.Line, $"this key is here already, in line {lines[text.Value]}");
            else
                pairs.Add(new(text, value));
        }

        return new YamlMap(Line(start), pairs);
    }

    private void Next<T>()
        where T : ParsingEvent
    {
        var current = Next();
        if (current is not T)
            throw new YamlException(current.Start, current.End, "not expected here");
    }

    private ParsingEvent Next() =>
        _parser.MoveNext() && _parser.Current is { } current ? current : throw new YamlException("the file ends too early");

    // The parser's words for a tab are about tokens; people search long for what they cannot see.
    private void Report(string text, YamlException exception)
    {
        var (first, last) = (Math.Max(1, (int)exception.Start.Line), (int)exception.End.Line + 1);
        var tabs = text.Split('\n')
            .Select((content, index) => (Line: index + 1, Indentation: content[..^content.TrimStart(' ', '\t').Length]))
            .Where(found => found.Line >= first && found.Line <= last && found.Indentation.Contains('\t'))
            .ToList();
        foreach (var tab in tabs)
            _mistakes.Add(tab.Line, "a tab is in the indentation; YAML is indented by spaces");
        if (tabs.Count == 0)
            _mistakes.Add(first, _file.IsSecret ? "this is not YAML" : $"this is not YAML: {Mistakes.Tame(exception.Message.TrimEnd('.'))}");
    }

    private static int Line(ParsingEvent current) => Math.Max(1, (int)current.Start.Line);
}
