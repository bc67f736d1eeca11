using CsCheck;
using MySqlConnector;
using Portal.Features.Databases;
using Portal.Tests.Sandbox;
using Portal.Tests.Support;
using static Portal.Tests.Features.Databases.FormSamples;

namespace Portal.Tests.Features.Databases;

public class MariaDbFormsTests(DatabaseServers databases)
{
    private static readonly Gen<IssuedCredential> s_credential = Of("mariadb", "disable", "require", "verify-full");

    [Fact]
    public void MySqlConnector_reads_back_what_was_written() => s_credential.Sample(credential =>
    {
        var read = new MySqlConnectionStringBuilder(credential.Form("ADO.NET"));
        (read.Server, read.Port, read.Database, read.UserID, read.Password).ShouldBe(
            ("db.example.com", 5433u, credential.Address.Database, credential.Username, credential.Password));
    });

    [Fact]
    public void The_URL_parses_back() => s_credential.Sample(credential =>
    {
        var read = new Uri(credential.Form("URL"));
        var login = read.UserInfo.Split(':');
        (read.Scheme, read.Host, read.Port).ShouldBe(("mysql", "db.example.com", 5433));
        (Uri.UnescapeDataString(login[0]), Uri.UnescapeDataString(login[1]), Uri.UnescapeDataString(read.AbsolutePath[1..])).ShouldBe(
            (credential.Username, credential.Password, credential.Address.Database));
    });

    // MariaDB Connector/J looks for the first "/" and "?" behind "//", cuts at "&" and at the first "=" of each part, and decodes nothing.
    [Fact]
    public void JDBC_parses_back_or_is_not_offered() => s_credential.Sample(credential =>
    {
        var (user, password, database) = (credential.Username, credential.Password, credential.Address.Database);
        if ($"{user}{password}".Contains('&') || database.Contains('?'))
        {
            DatabaseEngines.Forms(credential).ShouldNotContain(form => form.Name == "JDBC");
            return;
        }

        var address = credential.Form("JDBC")["jdbc:mariadb://".Length..];
        var (slash, question) = (address.IndexOf('/'), address.IndexOf('?'));
        var parameters = address[(question + 1)..].Split('&').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        (address[..slash], address[(slash + 1)..question]).ShouldBe(("db.example.com:5433", database));
        (parameters["user"], parameters["password"]).ShouldBe((user, password));
    });

    [Fact]
    public void A_shell_reads_back_the_clients_arguments() => s_credential.Sample(
        credential =>
        {
            // A function in the client's place prints what it is given. The password is no argument: those are shown to other users.
            var given = Run($"mariadb() {{ printf '%s\\0' \"$MYSQL_PWD\" \"$@\"; }}; {credential.Form("mariadb")}");
            given[..9].ShouldBe([credential.Password, "-h", "db.example.com", "-P", "5433", "-u", credential.Username, "-D", credential.Address.Database]);
        },
        iter: 40);

    [Fact]
    public void A_shell_reads_back_the_env_file() => s_credential.Sample(
        credential => Run(PrintedBy(credential.Form(".env"), "MYSQL_HOST", "MYSQL_TCP_PORT", "MYSQL_DATABASE", "MYSQL_USER", "MYSQL_PWD"))[..5]
            .ShouldBe(["db.example.com", "5433", credential.Address.Database, credential.Username, credential.Password]),
        iter: 40);

    [Theory]
    [InlineData("disable", " --skip-ssl", "DISABLED", MySqlSslMode.None, "disable")]
    [InlineData("require", " --ssl --skip-ssl-verify-server-cert", "REQUIRED", MySqlSslMode.Required, "trust")]
    [InlineData("verify-full", " --ssl-verify-server-cert", "VERIFY_IDENTITY", MySqlSslMode.VerifyFull, "verify-full")]
    public void Each_client_is_told_in_its_own_words_how_to_protect_the_connection(string tls, string client, string url, MySqlSslMode adoNet, string jdbc)
    {
        var credential = Credential("mariadb", "u", "p", "d", tls);

        credential.Form("mariadb").ShouldEndWith(client);
        credential.Form("URL").ShouldEndWith($"?ssl-mode={url}");
        new MySqlConnectionStringBuilder(credential.Form("ADO.NET")).SslMode.ShouldBe(adoNet);
        credential.Form("JDBC").ShouldEndWith($"&sslMode={jdbc}");
    }

    [Fact]
    public async Task A_real_client_and_a_real_server_take_a_hostile_login()
    {
        var server = await databases.MariaDbAsync();
        var (text, name) = (Hostile.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal), Hostile.Replace("`", "``", StringComparison.Ordinal));
        await server.ExecuteAsync($"CREATE DATABASE `{name}`; CREATE USER `{name}`@'%' IDENTIFIED BY '{text}'; GRANT SELECT ON *.* TO `{name}`@'%'");
        var credential = Credential("mariadb", Hostile, Hostile, Hostile, "disable", server.Host, server.Port);

        Run($"{credential.Form("mariadb")} --skip-column-names --raw --execute='SELECT current_user(), database()'").ShouldBe([$"{Hostile}@%\t{Hostile}\n"]);
        await using var connection = new MySqlConnection(credential.Form("ADO.NET") + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        (await connection.QueryAsync<string>("SELECT current_user()")).ShouldBe($"{Hostile}@%");
    }
}
