using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>The part of Go's templates that user names are made with: pipelines, parentheses, and Vault's functions.</summary>
internal sealed class UsernameTemplate
{
    private static readonly Dictionary<string, Func<object[], object>> s_functions = new(StringComparer.Ordinal)
    {
        ["random"] = arguments => Secrets.Base62(Whole(arguments, 0)),
        ["truncate"] = arguments => Truncated(Text(arguments, 1), Whole(arguments, 0)),
        ["truncate_sha256"] = arguments => TruncatedSha256(Text(arguments, 1), Whole(arguments, 0)),
        ["uppercase"] = arguments => Text(arguments, 0).ToUpperInvariant(),
        ["lowercase"] = arguments => Text(arguments, 0).ToLowerInvariant(),
        ["replace"] = arguments => Text(arguments, 0) is { Length: > 0 } find ? Text(arguments, 2).Replace(find, Text(arguments, 1), StringComparison.Ordinal) : Text(arguments, 2),
        ["sha256"] = arguments => Secrets.Sha256Hex(Text(arguments, 0)),
        ["base64"] = arguments => Convert.ToBase64String(Encoding.UTF8.GetBytes(Text(arguments, 0))),
        ["unix_time"] = _ => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        ["unix_time_millis"] = _ => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
        ["uuid"] = _ => Secrets.Uuid(),
        ["printf"] = Printf,
    };

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
        return template;
    }

    /// <exception cref="DatabaseFailure">a function got what it cannot use</exception>
    public string Generate(string displayName, string roleName)
    {
        try
        {
            var fields = new Fields(displayName, roleName);
            return string.Concat(_parts.Select(part => part(fields)));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new DatabaseFailure($"unable to generate username: unable to apply template: {e.Message}", e);
        }
    }

    private static FormatException Unparsable(string why) => new($"unable to initialize username template: unable to parse template: template: template:1: {why}");

    private static string Text(object[] arguments, int index) =>
        index < arguments.Length ? Convert.ToString(arguments[index], CultureInfo.InvariantCulture)! : throw new FormatException("wrong number of args");

    private static int Whole(object[] arguments, int index) =>
        index < arguments.Length && arguments[index] is int number and > 0 and < 4096 ? number : throw new FormatException("wrong number");

    private static string Truncated(string text, int length) => text.Length > length ? text[..length] : text;

    private static string TruncatedSha256(string text, int length)
    {
        if (text.Length <= length)
            return text;
        return length <= 8 ? throw new FormatException("max length must be > 8") : text[..(length - 8)] + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text[(length - 8)..])))[..8];
    }

    private static string Printf(object[] arguments)
    {
        var (format, text, next) = (Text(arguments, 0), new StringBuilder(), 1);
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
                text.Append(format[i]);
            else if (format[++i] == '%')
                text.Append('%');
            else
                text.Append(Text(arguments, next++));
        }

        return text.ToString();
    }

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
            if (!s_functions.TryGetValue(name, out var function))
                throw Unparsable($"function \"{name}\" not defined");
            var arguments = new List<Func<Fields, object>>();
            for (SkipBlanks(); _at < text.Length && text[_at] is not ('|' or ')'); SkipBlanks())
                arguments.Add(Operand());
            if (piped is not null)
                arguments.Add(piped);
            return fields => function([.. arguments.Select(argument => argument(fields))]);
        }

        private Func<Fields, object> Operand()
        {
            SkipBlanks();
            if (_at >= text.Length)
                throw Unparsable("unexpected end in operand");
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
                    return s_functions.TryGetValue(name, out var function) ? _ => function([]) : throw Unparsable($"function \"{name}\" not defined");
            }
        }

        private static Func<Fields, object> Field(string name) => name switch
        {
            "DisplayName" => fields => fields.DisplayName,
            "RoleName" => fields => fields.RoleName,
            _ => throw new FormatException($"unable to initialize username template: invalid username template: unable to apply template: template: template:1:2: executing \"template\" at <.{name}>: can't evaluate field {name}"),
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
