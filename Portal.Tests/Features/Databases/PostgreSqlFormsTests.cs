using CsCheck;
using Npgsql;
using Portal.Features.Databases;
using Portal.Tests.Sandbox;
using static Portal.Tests.Features.Databases.FormSamples;

namespace Portal.Tests.Features.Databases;

public class PostgreSqlFormsTests(DatabaseServers databases)
{
    private static readonly Gen<IssuedCredential> s_credential = Of("postgresql", "disable", "require", "verify-ca", "verify-full");

    [Fact]
    public void Npgsql_reads_back_what_was_written() => s_credential.Sample(credential =>
    {
        var read = new NpgsqlConnectionStringBuilder(credential.Form("Npgsql"));
        (read.Host, read.Port, read.Database, read.Username, read.Password).ShouldBe(
            ("db.example.com", 5433, credential.Address.Database, credential.Username, credential.Password));
    });

    [Theory]
    [InlineData("disable", SslMode.Disable)]
    [InlineData("require", SslMode.Require)]
    [InlineData("verify-ca", SslMode.VerifyCA)]
    [InlineData("verify-full", SslMode.VerifyFull)]
    public void Npgsql_protects_the_connection_as_the_file_says(string tls, SslMode expected) =>
        new NpgsqlConnectionStringBuilder(Credential("postgresql", "u", "p", "d", tls).Form("Npgsql")).SslMode.ShouldBe(expected);

    [Fact]
    public void The_URL_parses_back() => s_credential.Sample(credential =>
    {
        var read = new Uri(credential.Form("URL"));
        var login = read.UserInfo.Split(':');
        (Uri.UnescapeDataString(login[0]), Uri.UnescapeDataString(login[1])).ShouldBe((credential.Username, credential.Password));
        Uri.UnescapeDataString(read.AbsolutePath[1..]).ShouldBe(credential.Address.Database);
        (read.Host, read.Port).ShouldBe(("db.example.com", 5433));
    });

    // The driver decodes each part: https://jdbc.postgresql.org/documentation/use/#connecting-to-the-database
    [Fact]
    public void JDBC_parses_back() => s_credential.Sample(credential =>
    {
        var read = new Uri(credential.Form("JDBC")["jdbc:".Length..]);
        var query = read.Query[1..].Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
        (query["user"], query["password"], query["sslmode"]).ShouldBe((credential.Username, credential.Password, credential.Address.TlsMode));
    });

    // A real shell reads the line; the conninfo inside is read by the rules of libpq.
    [Fact]
    public void A_shell_and_libpq_read_back_the_psql_line() => s_credential.Sample(
        credential =>
        {
            var given = Run($"psql() {{ printf '%s\\0' \"$PGPASSWORD\" \"$@\"; }}; {credential.Form("psql")}");
            given[0].ShouldBe(credential.Password);
            var read = Conninfo(given[1]);
            (read["user"], read["dbname"], read["sslmode"]).ShouldBe((credential.Username, credential.Address.Database, credential.Address.TlsMode));
        },
        iter: 40);

    [Fact]
    public void A_shell_reads_back_the_env_file() => s_credential.Sample(
        credential => Run(PrintedBy(credential.Form(".env"), "PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSSLMODE"))[..6]
            .ShouldBe(["db.example.com", "5433", credential.Address.Database, credential.Username, credential.Password, credential.Address.TlsMode]),
        iter: 40);

    [Fact]
    public async Task A_real_client_and_a_real_server_take_a_hostile_login()
    {
        var server = await databases.PostgresAsync();
        var (text, name) = (Hostile.Replace("'", "''", StringComparison.Ordinal), Hostile.Replace("\"", "\"\"", StringComparison.Ordinal));
        await using (var source = NpgsqlDataSource.Create(server.AdminConnectionString("postgres")))
        {
            await source.CreateCommand($"CREATE ROLE \"{name}\" LOGIN PASSWORD '{text}'").ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await source.CreateCommand($"CREATE DATABASE \"{name}\"").ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var credential = Credential("postgresql", Hostile, Hostile, Hostile, "disable", server.Host, server.Port);
        const string Query = "--tuples-only --no-align --command='SELECT current_user || current_database()'";
        Run($"{credential.Form("psql")} {Query}").ShouldBe([$"{Hostile}{Hostile}\n"]);
        Run($"psql {ShellQuoted(credential.Form("URL"))} {Query}").ShouldBe([$"{Hostile}{Hostile}\n"]);
        Run($"set -a\n{credential.Form(".env")}\npsql {Query}").ShouldBe([$"{Hostile}{Hostile}\n"]);
    }

    [Fact]
    public void The_text_of_an_issued_credential_hides_its_password() =>
        $"{Credential("postgresql", "u", "canary", "d", "disable")}".ShouldNotContain("canary");

    private static string ShellQuoted(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private static Dictionary<string, string> Conninfo(string text)
    {
        var read = new Dictionary<string, string>();
        for (var at = 0; at < text.Length;)
        {
            var equals = text.IndexOf('=', at);
            var key = text[at..equals].Trim();
            at = equals + 1;
            var value = new System.Text.StringBuilder();
            if (at < text.Length && text[at] == '\'')
            {
                for (at++; text[at] != '\''; at++)
                    value.Append(text[at] == '\\' ? text[++at] : text[at]);
                at++;
            }
            else
            {
                for (; at < text.Length && text[at] != ' '; at++)
                    value.Append(text[at]);
            }

            read[key] = value.ToString();
            at++;
        }

        return read;
    }
}
