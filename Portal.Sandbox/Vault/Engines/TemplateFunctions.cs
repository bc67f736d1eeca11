using System.Globalization;
using System.Text;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>The functions of user name templates. What they cannot use is a <see cref="FormatException"/>, whatever the names are.</summary>
internal static class TemplateFunctions
{
    private const int HashLength = 8;

    public static IReadOnlyDictionary<string, Func<object[], object>> All { get; } = new Dictionary<string, Func<object[], object>>(StringComparer.Ordinal)
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

    private static string Text(object[] arguments, int index) =>
        index < arguments.Length ? Convert.ToString(arguments[index], CultureInfo.InvariantCulture)! : throw new FormatException("wrong number of args");

    private static int Whole(object[] arguments, int index) =>
        index < arguments.Length && arguments[index] is int number and > 0 and < 4096 ? number : throw new FormatException("max length must be > 0");

    private static string Truncated(string text, int length) => text.Length > length ? text[..length] : text;

    private static string TruncatedSha256(string text, int length)
    {
        if (length <= HashLength)
            throw new FormatException($"max length must be > {HashLength} but was {length}");
        return text.Length <= length ? text : text[..(length - HashLength)] + Secrets.Sha256Hex(text[(length - HashLength)..])[..HashLength];
    }

    /// <summary>Verbs take the arguments in turn, whatever their letter; one too many says so in the text, as in Go.</summary>
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
                text.Append(next < arguments.Length ? Text(arguments, next++) : $"%!{format[i]}(MISSING)");
        }

        return text.ToString();
    }
}
