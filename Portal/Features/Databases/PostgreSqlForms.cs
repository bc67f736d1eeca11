using System.Globalization;
using static Portal.Features.Databases.ConnectionForm;
using static Portal.Shell.PosixShell;

namespace Portal.Features.Databases;

/// <summary>A PostgreSQL login in the forms that its people paste, each escaped by its own rules.</summary>
public static class PostgreSqlForms
{
    public static IReadOnlyList<ConnectionForm> Of(IssuedCredential credential)
    {
        var address = credential.Address;
        var port = address.Port.ToString(CultureInfo.InvariantCulture);
        var url = $"postgresql://{Percent(credential.Username)}:{Percent(credential.Password)}@{UrlHost(address.Host)}:{port}"
            + $"/{Percent(address.Database)}?sslmode={Percent(address.TlsMode)}";
        return
        [
            // The environment is not shown to other users of the machine, as arguments are.
            new("psql", $"PGPASSWORD={Quoted(credential.Password)} psql " + Quoted(
                $"host={Conninfo(address.Host)} port={port} dbname={Conninfo(address.Database)} user={Conninfo(credential.Username)} sslmode={Conninfo(address.TlsMode)}")),
            new("URL", url),
            new("Npgsql", AdoNet(
                ("Host", address.Host), ("Port", address.Port), ("Database", address.Database),
                ("Username", credential.Username), ("Password", credential.Password), ("SSL Mode", NpgsqlTls(address.TlsMode)))),
            new("JDBC", $"jdbc:postgresql://{UrlHost(address.Host)}:{port}/{Percent(address.Database)}"
                + $"?user={Percent(credential.Username)}&password={Percent(credential.Password)}&sslmode={Percent(address.TlsMode)}"),
            new(".env", string.Join('\n',
                $"PGHOST={Quoted(address.Host)}", $"PGPORT={port}", $"PGDATABASE={Quoted(address.Database)}", $"PGUSER={Quoted(credential.Username)}",
                $"PGPASSWORD={Quoted(credential.Password)}", $"PGSSLMODE={Quoted(address.TlsMode)}")),
        ];
    }

    private static string NpgsqlTls(string mode) => mode switch
    {
        "disable" => "Disable",
        "require" => "Require",
        "verify-ca" => "VerifyCA",
        _ => "VerifyFull",
    };

    // libpq's keyword/value form: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
    private static string Conninfo(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? text
            : $"'{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'";
}
