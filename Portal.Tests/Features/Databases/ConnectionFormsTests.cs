using System.Diagnostics;
using CsCheck;
using Npgsql;
using Portal.Features.Databases;

namespace Portal.Tests.Features.Databases;

public class ConnectionFormsTests
{
    private static readonly Gen<string> s_text = Gen.String[Gen.Char[(char)32, (char)0x2ff], 1, 40].Where(text => text.Trim() == text);

    private static readonly Gen<IssuedCredential> s_credential =
        from user in s_text
        from password in s_text
        from database in s_text
        from tls in Gen.OneOf(Gen.Const("disable"), Gen.Const("require"), Gen.Const("verify-ca"), Gen.Const("verify-full"))
        select Credential(user, password, database, tls);

    [Fact]
    public void Npgsql_reads_back_what_was_written() => s_credential.Sample(credential =>
    {
        var read = new NpgsqlConnectionStringBuilder(Form(credential, "Npgsql"));
        (read.Host, read.Port, read.Database, read.Username, read.Password).ShouldBe(
            ("db.example.com", 5433, credential.Address.Database, credential.Username, credential.Password));
    });

    [Theory]
    [InlineData("disable", SslMode.Disable)]
    [InlineData("require", SslMode.Require)]
    [InlineData("verify-ca", SslMode.VerifyCA)]
    [InlineData("verify-full", SslMode.VerifyFull)]
    public void Npgsql_protects_the_connection_as_the_file_says(string tls, SslMode expected) =>
        new NpgsqlConnectionStringBuilder(Form(Credential("u", "p", "d", tls), "Npgsql")).SslMode.ShouldBe(expected);

    [Fact]
    public void The_URL_parses_back() => s_credential.Sample(credential =>
    {
        var read = new Uri(Form(credential, "URL"));
        var login = read.UserInfo.Split(':');
        (Uri.UnescapeDataString(login[0]), Uri.UnescapeDataString(login[1])).ShouldBe((credential.Username, credential.Password));
        Uri.UnescapeDataString(read.AbsolutePath[1..]).ShouldBe(credential.Address.Database);
        (read.Host, read.Port).ShouldBe(("db.example.com", 5433));
    });

    [Fact]
    public void JDBC_parses_back() => s_credential.Sample(credential =>
    {
        var read = new Uri(Form(credential, "JDBC")["jdbc:".Length..]);
        var query = read.Query[1..].Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
        (query["user"], query["password"], query["sslmode"]).ShouldBe((credential.Username, credential.Password, credential.Address.TlsMode));
    });

    // A real shell reads the line; the conninfo inside is read by the rules of libpq.
    [Fact]
    public void A_shell_and_libpq_read_back_the_psql_line() => s_credential.Sample(
        credential =>
        {
            var (password, conninfo) = Shell(
                $"f() {{ printf '%s\\n%s' \"$PGPASSWORD\" \"$1\"; }}; {Form(credential, "psql").Replace(" psql '", " f '", StringComparison.Ordinal)}");
            password.ShouldBe(credential.Password);
            var read = Conninfo(conninfo);
            (read["user"], read["dbname"], read["sslmode"]).ShouldBe((credential.Username, credential.Address.Database, credential.Address.TlsMode));
        },
        iter: 40);

    [Fact]
    public void A_shell_reads_back_the_env_file() => s_credential.Sample(
        credential =>
        {
            var (password, user) = Shell($"{Form(credential, ".env")}\nprintf '%s\\n%s' \"$PGPASSWORD\" \"$PGUSER\"");
            (password, user).ShouldBe((credential.Password, credential.Username));
        },
        iter: 40);

    [Fact]
    public void The_text_of_an_issued_credential_hides_its_password() =>
        $"{Credential("u", "canary", "d", "disable")}".ShouldNotContain("canary");

    private static IssuedCredential Credential(string user, string password, string database, string tls) => new(
        Guid.Empty, user, password, new DatabaseAddress("postgresql", "db.example.com", 5433, database, tls), default, default);

    private static string Form(IssuedCredential credential, string name) =>
        DatabaseEngines.Forms(credential).Single(form => form.Name == name).Text;

    private static (string First, string Second) Shell(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardOutput = true })!;
        var lines = shell.StandardOutput.ReadToEnd().Split('\n', 2);
        shell.WaitForExit();
        return (lines[0], lines[1]);
    }

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
