using System.Globalization;
using Npgsql;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>The connection strings that Vault's PostgreSQL driver takes, for Npgsql.</summary>
internal static class PostgresUrl
{
    /// <exception cref="FormatException">it makes no sense</exception>
    public static NpgsqlConnectionStringBuilder Parse(string url)
    {
        var settings = new NpgsqlConnectionStringBuilder { SslMode = SslMode.Require, Timeout = 10 };
        var isUrl = url.StartsWith("postgresql://", StringComparison.Ordinal) || url.StartsWith("postgres://", StringComparison.Ordinal);
        foreach (var (name, value) in isUrl ? OfUrl(url) : OfPairs(url))
            Apply(settings, name, value);
        return settings;
    }

    private static IEnumerable<(string Name, string Value)> OfUrl(string url)
    {
        // Not Uri: it has its own mind about user names and escapes.
        var rest = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var (place, query) = Cut(rest, rest.IndexOf('?', StringComparison.Ordinal));
        var slash = place.IndexOf('/', Math.Max(0, place.LastIndexOf('@')));
        var (authority, database) = Cut(place, slash);
        var (user, server) = authority.LastIndexOf('@') is var at and >= 0 ? (authority[..at], authority[(at + 1)..]) : ("", authority);
        var (username, password) = Cut(user, user.IndexOf(':', StringComparison.Ordinal));
        var (host, port) = Cut(server, server.LastIndexOf(':'));
        yield return ("host", host.Length > 0 ? host.Trim('[', ']') : "localhost");
        if (port.Length > 0)
            yield return ("port", port);
        yield return ("user", Uri.UnescapeDataString(username));
        yield return ("password", Uri.UnescapeDataString(password));
        yield return ("dbname", Uri.UnescapeDataString(database));
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(pair, pair.IndexOf('=', StringComparison.Ordinal));
            yield return (name, Uri.UnescapeDataString(value));
        }
    }

    private static IEnumerable<(string Name, string Value)> OfPairs(string text)
    {
        foreach (var pair in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(pair, pair.IndexOf('=', StringComparison.Ordinal));
            yield return (name, value.Trim('\''));
        }
    }

    private static (string Before, string After) Cut(string text, int at) => at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);

    private static void Apply(NpgsqlConnectionStringBuilder settings, string name, string value)
    {
        if (value.Length == 0)
            return;
        switch (name)
        {
            case "host":
                settings.Host = value;
                break;
            case "port":
                settings.Port = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : throw new FormatException($"invalid port \"{value}\"");
                break;
            case "user":
                settings.Username = value;
                break;
            case "password":
                settings.Password = value;
                break;
            case "dbname":
                settings.Database = value;
                break;
            case "sslmode":
                settings.SslMode = value switch
                {
                    "disable" => SslMode.Disable,
                    "require" => SslMode.Require,
                    "verify-ca" => SslMode.VerifyCA,
                    "verify-full" => SslMode.VerifyFull,
                    _ => throw new FormatException($"unsupported sslmode \"{value}\"; only \"require\" (default), \"verify-full\", \"verify-ca\", and \"disable\" supported"),
                };
                break;
            case "sslrootcert":
                settings.RootCertificate = value;
                break;
            case "connect_timeout":
                settings.Timeout = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : throw new FormatException($"invalid connect_timeout \"{value}\"");
                break;
            case "application_name":
                settings.ApplicationName = value;
                break;
            case "search_path":
                settings.SearchPath = value;
                break;
            default:
                throw new FormatException($"pq: unrecognized configuration parameter \"{name}\"");
        }
    }
}
