using System.Text;

namespace Portal.Sandbox.Vault;

/// <summary>Reads policies in HCL: <c>path "kv/*" { capabilities = ["read"] }</c>.</summary>
internal sealed class PolicyParser
{
    private static readonly Dictionary<string, Capabilities> s_capabilities = new(StringComparer.Ordinal)
    {
        ["create"] = Capabilities.Create,
        ["read"] = Capabilities.Read,
        ["update"] = Capabilities.Update,
        ["delete"] = Capabilities.Delete,
        ["list"] = Capabilities.List,
        ["sudo"] = Capabilities.Sudo,
        ["deny"] = Capabilities.Deny,
    };

    private static readonly Dictionary<string, Capabilities> s_oldStyle = new(StringComparer.Ordinal)
    {
        ["deny"] = Capabilities.Deny,
        ["read"] = Capabilities.Read | Capabilities.List,
        ["write"] = Capabilities.Create | Capabilities.Read | Capabilities.Update | Capabilities.Delete | Capabilities.List,
        ["sudo"] = Capabilities.Create | Capabilities.Read | Capabilities.Update | Capabilities.Delete | Capabilities.List | Capabilities.Sudo,
    };

    private readonly string _text;
    private int _at;

    private PolicyParser(string text) => _text = text;

    /// <exception cref="VaultError">it does not parse</exception>
    public static Policy Parse(string name, string text)
    {
        try
        {
            return new Policy(name, text, new PolicyParser(text).ReadRules());
        }
        catch (FormatException e)
        {
            throw VaultError.Invalid($"failed to parse policy: {e.Message}");
        }
    }

    private List<PolicyRule> ReadRules()
    {
        var rules = new List<PolicyRule>();
        while (!AtEnd())
        {
            var key = ReadWord();
            if (key == "name")
            {
                Expect('=');
                ReadText();
                continue;
            }

            if (key != "path")
                throw new FormatException($"invalid key \"{key}\" on line {Line()}");
            rules.Add(ReadRule(ReadText()));
        }

        return rules;
    }

    private PolicyRule ReadRule(string path)
    {
        var capabilities = Capabilities.None;
        Expect('{');
        while (!TryTake('}'))
        {
            var key = ReadWord();
            Expect('=');
            capabilities |= key switch
            {
                "capabilities" => ReadList().Aggregate(Capabilities.None, (all, one) => all | (s_capabilities.TryGetValue(one, out var known)
                    ? known
                    : throw new FormatException($"path \"{path}\": invalid capability \"{one}\""))),
                "policy" => s_oldStyle.TryGetValue(ReadText(), out var known) ? known : throw new FormatException($"path \"{path}\": invalid policy"),
                // Vault knows more (allowed_parameters, …): to accept and ignore them would grant too much.
                _ => throw new FormatException($"path \"{path}\": invalid key \"{key}\" on line {Line()}"),
            };
            TryTake(',');
        }

        path = path.TrimStart('/');
        if (path.Contains("+*", StringComparison.Ordinal))
            throw new FormatException($"path \"{path}\": invalid use of wildcards ('+*' is forbidden)");
        return path.EndsWith('*') ? new PolicyRule(path[..^1], true, capabilities) : new PolicyRule(path, false, capabilities);
    }

    private List<string> ReadList()
    {
        var items = new List<string>();
        Expect('[');
        while (!TryTake(']'))
        {
            items.Add(ReadText());
            if (!TryTake(','))
            {
                Expect(']');
                break;
            }
        }

        return items;
    }

    private string ReadWord()
    {
        SkipBlanks();
        if (_at < _text.Length && _text[_at] == '"')
            return ReadText();
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '_' or '-'))
            _at++;
        return start < _at ? _text[start.._at] : throw Unexpected();
    }

    private string ReadText()
    {
        Expect('"');
        var text = new StringBuilder();
        while (_at < _text.Length && _text[_at] is not ('"' or '\n'))
        {
            if (_text[_at] == '\\' && _at + 1 < _text.Length)
                _at++;
            text.Append(_text[_at++]);
        }

        if (_at >= _text.Length || _text[_at] != '"')
            throw new FormatException($"At {Line()}: literal not terminated");
        _at++;
        return text.ToString();
    }

    private bool AtEnd()
    {
        SkipBlanks();
        return _at >= _text.Length;
    }

    private void Expect(char character)
    {
        if (!TryTake(character))
            throw Unexpected();
    }

    private bool TryTake(char character)
    {
        SkipBlanks();
        if (_at >= _text.Length || _text[_at] != character)
            return false;
        _at++;
        return true;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length)
        {
            if (char.IsWhiteSpace(_text[_at]))
                _at++;
            else if (_text[_at] == '#' || string.CompareOrdinal(_text, _at, "//", 0, 2) == 0)
                _at = _text.IndexOf('\n', _at) is var end and >= 0 ? end : _text.Length;
            else if (string.CompareOrdinal(_text, _at, "/*", 0, 2) == 0)
                _at = _text.IndexOf("*/", _at + 2, StringComparison.Ordinal) is var end and >= 0 ? end + 2 : throw new FormatException("comment not terminated");
            else
                return;
        }
    }

    private int Line() => 1 + _text.AsSpan(0, Math.Min(_at, _text.Length)).Count('\n');

    private FormatException Unexpected() =>
        new(_at < _text.Length ? $"At {Line()}: unexpected character '{_text[_at]}'" : $"At {Line()}: unexpected end");
}
