using System.Globalization;
using MySqlConnector;

namespace Portal.Sandbox.Vault.Engines;

/// <summary>The data source names of Go's MySQL driver, <c>user:password@tcp(host:port)/database?tls=…</c>.</summary>
internal static class MySqlUrl
{
    private const uint DefaultPort = 3306;

    /// <exception cref="FormatException">it makes no sense</exception>
    public static MySqlConnectionStringBuilder Parse(string name)
    {
        // As the driver reads it: passwords may hold slashes and at signs.
        if (name.LastIndexOf('/') is not (var slash and >= 0))
            throw new FormatException("invalid DSN: missing the slash separating the database name");
        var (place, rest) = (name[..slash], name[(slash + 1)..]);
        var at = place.LastIndexOf('@');
        var (user, network) = (at < 0 ? "" : place[..at], place[(at + 1)..]);
        var colon = user.IndexOf(':', StringComparison.Ordinal);
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var (host, port) = Address(network);
        return new MySqlConnectionStringBuilder
        {
            Server = host,
            Port = port,
            UserID = colon < 0 ? user : user[..colon],
            Password = colon < 0 ? "" : user[(colon + 1)..],
            Database = question < 0 ? rest : rest[..question],
            SslMode = Tls(question < 0 ? "" : rest[(question + 1)..]),
            AllowPublicKeyRetrieval = true,
            AllowUserVariables = true,
            ConnectionTimeout = 10,
        };
    }

    private static (string Host, uint Port) Address(string network)
    {
        var (open, close) = (network.IndexOf('(', StringComparison.Ordinal), network.LastIndexOf(')'));
        if (network.Length > 0 && (open < 0 || close < open || network[..open] != "tcp"))
            throw new FormatException($"default addr for network '{network}' unknown");
        var address = open < 0 ? "127.0.0.1" : network[(open + 1)..close];
        var colon = address.LastIndexOf(':');
        if (colon < 0)
            return (address, DefaultPort);
        return uint.TryParse(address[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (address[..colon].Trim('[', ']'), port)
            : throw new FormatException($"invalid DSN: invalid port in {address}");
    }

    private static MySqlSslMode Tls(string query)
    {
        var tls = query.Split('&').FirstOrDefault(pair => pair.StartsWith("tls=", StringComparison.Ordinal))?["tls=".Length..];
        return tls switch
        {
            null or "false" => MySqlSslMode.None,
            "true" => MySqlSslMode.VerifyFull,
            "skip-verify" => MySqlSslMode.Required,
            "preferred" => MySqlSslMode.Preferred,
            _ => throw new FormatException($"invalid value / unknown config name: {tls}"),
        };
    }
}
