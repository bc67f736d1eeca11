using System.Globalization;
using System.Text;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>The part of Go's templates that user names are made with: pipelines, parentheses, and Vault's functions.</summary>
internal sealed class UsernameTemplate
{
    private readonly List<Func<Fields, object>> _parts = [];

    private UsernameTemplate()
    {
    }

    /// <exception cref="FormatException">it does not parse; with Vault's words</exception>
    public static UsernameTemplate Parse(string text)
    {
        var template = new UsernameTemplate();
        var at = 0;
        while (text.IndexOf("{{", at, StringComparison.Ordinal) is var open and >= 0)
        {
            var literal = text[at..open];
            template._parts.Add(_ => literal);
            var close = text.IndexOf("}}", open, StringComparison.Ordinal);
            if (close < 0)
                throw Unparsable("unclosed action");
            template._parts.Add(new Parser(text[(open + 2)..close].Trim()).Parse());
            at = close + 2;
        }

        var rest = text[at..];
        template._parts.Add(_ => rest);
        return template.Tried();
    }

    public string Generate(string displayName, string roleName)
    {
        var fields = new Fields(displayName, roleName);
        return string.Concat(_parts.Select(part => part(fields)));
    }

    /// <summary>What works without names works with any.</summary>
    private UsernameTemplate Tried()
    {
        try
        {
            Generate("", "");
            return this;
        }
        catch (FormatException e)
        {
            throw new FormatException($"invalid username template: unable to apply template: template: template:1: {e.Message}");
        }
    }

    private static FormatException Unparsable(string why) => new($"unable to initialize username template: unable to parse template: template: template:1: {why}");

    private sealed record Fields(string DisplayName, string RoleName);

    /// <summary>One <c>{{ … }}</c></summary>
    private sealed class Parser(string text)
    {
        private int _at;

        public Func<Fields, object> Parse()
        {
            var pipeline = Pipeline();
            SkipBlanks();
            return _at == text.Length ? pipeline : throw Unparsable($"unexpected \"{text[_at]}\" in operand");
        }

        private Func<Fields, object> Pipeline()
        {
            var value = Command(null);
            SkipBlanks();
            while (_at < text.Length && text[_at] == '|')
            {
                _at++;
                value = Command(value);
                SkipBlanks();
            }

            return value;
        }

        /// <summary>A value, or a function with its arguments; what is piped in comes last.</summary>
        private Func<Fields, object> Command(Func<Fields, object>? piped)
        {
            SkipBlanks();
            if (_at >= text.Length)
                throw Unparsable("missing value for command");
            if (!char.IsAsciiLetter(text[_at]))
                return piped is null ? Operand() : throw Unparsable("non executable command in pipeline stage 2");
            var name = Word();
            if (!TemplateFunctions.All.TryGetValue(name, out var function))
                throw Unparsable($"function \"{name}\" not defined");
            var arguments = new List<Func<Fields, object>>();
            for (SkipBlanks(); _at < text.Length && text[_at] is not ('|' or ')'); SkipBlanks())
                arguments.Add(Operand());
            if (piped is not null)
                arguments.Add(piped);
            return fields => function([.. arguments.Select(argument => argument(fields))]);
        }

        /// <summary>Where one begins: blanks have been passed over, and the text does not end there.</summary>
        private Func<Fields, object> Operand()
        {
            switch (text[_at])
            {
                case '(':
                    _at++;
                    var inner = Pipeline();
                    SkipBlanks();
                    if (_at >= text.Length || text[_at++] != ')')
                        throw Unparsable("unclosed left paren");
                    return inner;
                case '"' or '`':
                    var quoted = Quoted(text[_at++]);
                    return _ => quoted;
                case '.':
                    _at++;
                    return Field(Word());
                case >= '0' and <= '9':
                    var number = int.TryParse(Word(), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : throw Unparsable("bad number syntax");
                    return _ => number;
                default:
                    var name = Word();
                    if (name.Length == 0)
                        throw Unparsable($"unexpected \"{text[_at]}\" in operand");
                    return TemplateFunctions.All.TryGetValue(name, out var function) ? _ => function([]) : throw Unparsable($"function \"{name}\" not defined");
            }
        }

        private static Func<Fields, object> Field(string name) => name switch
        {
            "DisplayName" => fields => fields.DisplayName,
            "RoleName" => fields => fields.RoleName,
            _ => _ => throw new FormatException($"executing \"template\" at <.{name}>: can't evaluate field {name} in type dbplugin.UsernameMetadata"),
        };

        private string Quoted(char quote)
        {
            var result = new StringBuilder();
            for (; _at < text.Length && text[_at] != quote; _at++)
            {
                if (text[_at] == '\\' && quote == '"' && _at + 1 < text.Length)
                    _at++;
                result.Append(text[_at]);
            }

            if (_at++ >= text.Length)
                throw Unparsable("unterminated quoted string");
            return result.ToString();
        }

        private string Word()
        {
            var start = _at;
            while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
                _at++;
            return text[start.._at];
        }

        private void SkipBlanks()
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at]))
                _at++;
        }
    }
}
