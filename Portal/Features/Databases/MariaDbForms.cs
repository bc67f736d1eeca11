using System.Globalization;
using static Portal.Features.Databases.ConnectionForm;
using static Portal.Shell.PosixShell;

namespace Portal.Features.Databases;

/// <summary>A MariaDB login in the forms that its people paste, each escaped by its own rules.</summary>
public static class MariaDbForms
{
    public static IReadOnlyList<ConnectionForm> Of(IssuedCredential credential)
    {
        var (address, user, password) = (credential.Address, credential.Username, credential.Password);
        var port = address.Port.ToString(CultureInfo.InvariantCulture);
        var tls = Tls.Of(address.TlsMode);
        return
        [
            // The environment is not shown to other users of the machine, as arguments are.
            new("mariadb", $"MYSQL_PWD={Quoted(password)} mariadb -h {Quoted(address.Host)} -P {port} -u {Quoted(user)} -D {Quoted(address.Database)} {tls.Client}"),
            // https://dev.mysql.com/doc/refman/8.4/en/connecting-using-uri-or-key-value-pairs.html
            new("URL", $"mysql://{Percent(user)}:{Percent(password)}@{UrlHost(address.Host)}:{port}/{Percent(address.Database)}?ssl-mode={tls.Url}"),
            new("ADO.NET", AdoNet(
                ("Server", address.Host), ("Port", address.Port), ("Database", address.Database),
                ("User ID", user), ("Password", password), ("SSL Mode", tls.MySqlConnector))),
            .. Jdbc(credential, port, tls),
            // The client itself reads host, port and password; it knows no variable for the others.
            new(".env", string.Join('\n',
                $"MYSQL_HOST={Quoted(address.Host)}", $"MYSQL_TCP_PORT={port}", $"MYSQL_DATABASE={Quoted(address.Database)}",
                $"MYSQL_USER={Quoted(user)}", $"MYSQL_PWD={Quoted(password)}")),
        ];
    }

    // MariaDB Connector/J takes each value as it stands, decodes nothing and cuts at every &: https://mariadb.com/kb/en/jdbc-url-special-character-support
    private static IEnumerable<ConnectionForm> Jdbc(IssuedCredential credential, string port, Tls tls)
    {
        var (address, user, password) = (credential.Address, credential.Username, credential.Password);
        if (!user.Contains('&') && !password.Contains('&') && !address.Database.Contains('?'))
            yield return new("JDBC", $"jdbc:mariadb://{UrlHost(address.Host)}:{port}/{address.Database}?user={user}&password={password}&sslMode={tls.Jdbc}");
    }

    /// <summary>One meaning in the words of each client.</summary>
    private sealed record Tls(string Client, string Url, string MySqlConnector, string Jdbc)
    {
        // Before 11.4 the client verifies only when told to, and without verifying it goes on when the server offers no TLS.
        public static Tls Of(string mode) => mode switch
        {
            "disable" => new("--skip-ssl", "DISABLED", "None", "disable"),
            "require" => new("--ssl --skip-ssl-verify-server-cert", "REQUIRED", "Required", "trust"),
            _ => new("--ssl-verify-server-cert", "VERIFY_IDENTITY", "VerifyFull", "verify-full"),
        };
    }
}
