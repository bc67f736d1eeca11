using System.Data.Common;
using System.Globalization;

namespace Portal.Features.Databases;

/// <param name="Name">What people look for: <c>psql</c>, <c>URL</c>, <c>Npgsql</c>, <c>JDBC</c>, <c>.env</c>.</param>
public sealed record ConnectionForm(string Name, string Text);

/// <summary>A login in the forms that its people paste, each escaped by its own rules.</summary>
public static class ConnectionForms
{
    public static string Url(IssuedCredential credential) => Of(credential).Single(form => form.Name == "URL").Text;

    public static IReadOnlyList<ConnectionForm> Of(IssuedCredential credential)
    {
        var address = credential.Address;
        var port = address.Port.ToString(CultureInfo.InvariantCulture);
        var url = $"postgresql://{Percent(credential.Username)}:{Percent(credential.Password)}@{UrlHost(address.Host)}:{port}"
            + $"/{Percent(address.Database)}?sslmode={Percent(address.TlsMode)}";
        return
        [
            // The environment is not shown to other users of the machine, as arguments are.
            new("psql", $"PGPASSWORD={Shell(credential.Password)} psql " + Shell(
                $"host={Conninfo(address.Host)} port={port} dbname={Conninfo(address.Database)} user={Conninfo(credential.Username)} sslmode={Conninfo(address.TlsMode)}")),
            new("URL", url),
            new("Npgsql", Npgsql(credential)),
            new("JDBC", $"jdbc:postgresql://{UrlHost(address.Host)}:{port}/{Percent(address.Database)}"
                + $"?user={Percent(credential.Username)}&password={Percent(credential.Password)}&sslmode={Percent(address.TlsMode)}"),
            new(".env", string.Join('\n',
                $"PGHOST={Shell(address.Host)}", $"PGPORT={port}", $"PGDATABASE={Shell(address.Database)}", $"PGUSER={Shell(credential.Username)}",
                $"PGPASSWORD={Shell(credential.Password)}", $"PGSSLMODE={Shell(address.TlsMode)}")),
        ];
    }

    // DbConnectionStringBuilder quotes as Npgsql reads.
    private static string Npgsql(IssuedCredential credential) => new DbConnectionStringBuilder
    {
        ["Host"] = credential.Address.Host,
        ["Port"] = credential.Address.Port,
        ["Database"] = credential.Address.Database,
        ["Username"] = credential.Username,
        ["Password"] = credential.Password,
        ["SSL Mode"] = credential.Address.TlsMode switch
        {
            "disable" => "Disable",
            "require" => "Require",
            "verify-ca" => "VerifyCA",
            _ => "VerifyFull",
        },
    }.ConnectionString;

    private static string Percent(string text) => Uri.EscapeDataString(text);

    private static string UrlHost(string host) => host.Contains(':') ? $"[{host}]" : Percent(host);

    // libpq's keyword/value form: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
    private static string Conninfo(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? text
            : $"'{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'";

    // POSIX: nothing but the quote itself is special between single quotes.
    private static string Shell(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
