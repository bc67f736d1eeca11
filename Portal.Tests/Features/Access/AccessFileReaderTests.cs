using CsCheck;
using Portal.Features.Access;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Access;

public sealed class AccessFileReaderTests : IDisposable
{
    private readonly AccessText _text = new();

    public void Dispose() => _text.Dispose();

    [Fact]
    public void A_file_is_read_whole()
    {
        var file = _text.Read(AccessText.Valid, out var mistakes).ShouldNotBeNull();

        mistakes.ShouldBeEmpty();
        file.Teams.ShouldBe([new TeamEntry(2, "payments", "2001", "acme/payments")]);
        var shop = file.Connections.ShouldHaveSingleItem();
        (shop.Line, shop.Name, shop.Engine, shop.Host, shop.Port, shop.Database).ShouldBe((5, "shop", "postgresql", "db.example.org", 5432, "shop"));
        (shop.VaultAddress, shop.TlsMode, shop.Username, shop.Rotate, shop.Owner).ShouldBe(("db.internal:5433", "require", "vault", true, "shop_owner"));
        shop.Password.Value.ShouldBe(AccessText.Password);
        var role = shop.Roles.ShouldHaveSingleItem();
        (role.Line, role.Name, role.Connection, role.Allows, role.Longest).ShouldBe((17, "shop-readonly", "shop", "SELECT on all tables", TimeSpan.FromHours(8)));
        role.Statements.ShouldBe([
            """CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';""",
            """GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{{name}}";"""]);
        file.Grants.ShouldBe([new GrantEntry(24, "payments", "shop-readonly", TimeSpan.FromMinutes(90), true, [])]);
    }

    [Fact]
    public void What_is_left_out_has_the_documented_default()
    {
        var text = AccessText.With("    vaultAddress: db.internal:5433\n    tls: require\n", "")
            .Replace("    port: 5432\n", "", StringComparison.Ordinal)
            .Replace("    rotate: true\n    owner: shop_owner\n", "", StringComparison.Ordinal)
            .Replace(", longest: 1h30m, approval: true", "", StringComparison.Ordinal);

        var file = _text.Read(text, out _).ShouldNotBeNull();

        var shop = file.Connections.Single();
        (shop.VaultAddress, shop.TlsMode, shop.Rotate, shop.Owner).ShouldBe(("db.example.org:5432", "verify-full", false, "vault"));
        file.Grants.ShouldBe([new GrantEntry(19, "payments", "shop-readonly", TimeSpan.FromHours(8), false, [])]);
    }

    [Fact]
    public void Nothing_at_all_is_said_by_empty_lists()
    {
        var file = _text.Read("teams: []\ndatabases: []\ngrants: []\n", out _).ShouldNotBeNull();

        (file.Teams.Count, file.Connections.Count, file.Grants.Count).ShouldBe((0, 0, 0));
    }

    [Theory]
    [MemberData(nameof(AccessMistakes.All), MemberType = typeof(AccessMistakes))]
    public void A_mistake_is_named_with_its_line_and_what_would_be_right(string part, string replacement, string expected)
    {
        _text.Read(AccessText.With(part, replacement), out var mistakes).ShouldBeNull();

        string.Join('\n', mistakes).ShouldBe(expected.ReplaceLineEndings("\n"));
    }

    [Theory]
    [MemberData(nameof(AccessMistakes.OnMariaDb), MemberType = typeof(AccessMistakes))]
    public void So_is_one_about_MariaDB(string part, string replacement, string expected)
    {
        _text.Read(AccessText.WithMariaDb(part, replacement), out var mistakes).ShouldBeNull();

        string.Join('\n', mistakes).ShouldBe(expected);
    }

    [Theory]
    [InlineData("GRANT SELECT ON billing.* TO '{{name}}'@'%'", "GRANT SELECT ON billing.* TO `{{name}}`@`%`")]
    [InlineData("GRANT SELECT ON billing.* TO '{{name}}'@'%'", "GRANT SELECT ON billing.* TO '{{username}}'")]
    public void Any_form_of_the_account_that_MariaDB_takes_is_fine(string part, string replacement)
    {
        _text.Read(AccessText.WithMariaDb(part, replacement), out var mistakes);

        mistakes.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(AccessMistakes.OnSsh), MemberType = typeof(AccessMistakes))]
    public void So_is_one_about_SSH(string part, string replacement, string expected)
    {
        _text.Read(AccessText.WithSsh(part, replacement), out var mistakes).ShouldBeNull();

        string.Join('\n', mistakes).ShouldBe(expected);
    }

    [Fact]
    public void Names_of_database_roles_and_SSH_roles_do_not_clash()
    {
        const string Ssh = "ssh: { roles: [{ name: shop-readonly, allows: a, hosts: b, principals: [c], longest: 1h }] }\ngrants:";
        _text.Read(AccessText.With("grants:", Ssh), out var mistakes).ShouldBeNull();
        mistakes.ShouldBe(["23: role shop-readonly is here already, in line 17; roles share one list"]);
    }

    [Fact]
    public void Only_grants_of_SSH_roles_have_principals()
    {
        _text.Read(AccessText.With("approval: true }", "approval: true, principals: [deploy] }"), out var mistakes).ShouldBeNull();
        mistakes.ShouldBe(["24: grant payments → shop-readonly: principals belong to SSH roles, and shop-readonly is none; leave the key out"]);
    }

    [Fact]
    public void A_file_for_SSH_is_read()
    {
        var file = _text.Read(AccessText.ValidSsh, out _).ShouldNotBeNull();

        var role = file.SshRoles.ShouldHaveSingleItem();
        (role.Line, role.Name, role.Allows, role.Hosts, role.Longest).ShouldBe((7, "oncall", "log in as deploy or ubuntu", "web servers", TimeSpan.FromHours(8)));
        (string.Join(' ', role.Principals), string.Join(' ', role.Extensions)).ShouldBe(("deploy ubuntu", "permit-pty"));
        var grant = file.Grants.ShouldHaveSingleItem();
        (grant.Line, grant.Team, grant.Role, grant.Longest, grant.Approval).ShouldBe((14, "on-call", "oncall", TimeSpan.FromHours(1), false));
        grant.Principals.ShouldBe(["deploy"]);
        file.SshGrants.ShouldBe([grant]);
        file.DatabaseGrants.ShouldBeEmpty();
    }

    [Fact]
    public void Without_extensions_and_narrowing_nothing_is_permitted_beside_a_login_and_all_principals_are()
    {
        var text = AccessText.ValidSsh.Replace("      extensions: [permit-pty]\n", "", StringComparison.Ordinal).Replace(", principals: [deploy] }", " }", StringComparison.Ordinal);
        var file = _text.Read(text, out _).ShouldNotBeNull();
        file.SshRoles.Single().Extensions.ShouldBeEmpty();
        file.Grants.Single().Principals.ShouldBeEmpty();
    }

    [Fact]
    public void A_file_for_MariaDB_is_read_with_its_own_defaults()
    {
        var billing = _text.Read(AccessText.ValidMariaDb, out var mistakes).ShouldNotBeNull().Connections.Single();

        mistakes.ShouldBeEmpty();
        (billing.Engine, billing.Port, billing.VaultAddress, billing.TlsMode).ShouldBe(("mariadb", 3306, "db.example.org:3306", "require"));
    }

    [Theory]
    [MemberData(nameof(AccessMistakes.WholeFiles), MemberType = typeof(AccessMistakes))]
    public void A_file_that_is_none_is_refused(string text, string expected)
    {
        _text.Read(text, out var mistakes).ShouldBeNull();

        string.Join('\n', mistakes).ShouldBe(expected.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_huge_file_is_refused()
    {
        _text.Read(AccessText.Valid + new string('#', 1024 * 1024), out var mistakes).ShouldBeNull();

        mistakes.ShouldBe(["1: the file is larger than 1024 KiB"]);
    }

    [Fact]
    public void Every_mistake_is_named_at_once()
    {
        var text = AccessText.Valid
            .Replace("name: payments", "name: Payments", StringComparison.Ordinal)
            .Replace("port: 5432", "port: 99999", StringComparison.Ordinal)
            .Replace("longest: 8h", "longest: soon", StringComparison.Ordinal);

        _text.Read(text, out var mistakes);

        mistakes.Select(mistake => mistake[..mistake.IndexOf(':', StringComparison.Ordinal)]).ShouldBe(["2", "8", "22", "24"]);
    }

    [Fact]
    public void A_mistake_never_repeats_a_password()
    {
        string[] texts =
        [
            AccessText.With("{ file: password }", AccessText.Password),
            AccessText.With("{ file: password }", "{ file: " + AccessText.Password + " }"),
            AccessText.With("{ file: password }", "{ env: " + AccessText.Password + " }"),
            AccessText.With("{ file: password }", "{ " + AccessText.Password + " }"),
            AccessText.With("{ file: password }", "{ value: " + AccessText.Password + " }"),
            AccessText.With("{ file: password }", "[" + AccessText.Password + "]"),
            AccessText.With("{ file: password }", "{ file: two-lines }"),
            AccessText.With("host: db.example.org", "host: vault:" + AccessText.Password + "@db.example.org"),
            AccessText.With("db.internal:5433", "postgresql://vault:" + AccessText.Password + "@db.internal:5433"),
            AccessText.With("'{{password}}'", "'" + AccessText.Password + "'"),
            AccessText.With("{ file: password }", "\"" + AccessText.Password),
            AccessText.With("{ file: password }", "&" + AccessText.Password + " x"),
            AccessText.With("{ file: password }", "*" + AccessText.Password),
            AccessText.With("{ file: password }", "!" + AccessText.Password + " x"),
        ];
        foreach (var text in texts)
        {
            _text.Read(text, out var mistakes).ShouldBeNull(text);
            mistakes.ShouldAllBe(mistake => !mistake.Contains("canary", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_text_of_a_read_file_hides_its_passwords() =>
        _text.Read(AccessText.Valid, out _)!.Connections.Single().ToString().ShouldNotContain("canary");

    [Fact]
    public void The_documented_example_is_free_of_mistakes()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "access.example.yaml"))
            .Replace("shop-password", "password", StringComparison.Ordinal)
            .Replace("billing-password", "password", StringComparison.Ordinal);

        _text.Read(text, out var mistakes);

        mistakes.ShouldBeEmpty();
    }

    [Fact]
    public void Mangled_files_give_listed_mistakes_and_nothing_else()
    {
        string[] splinters =
        [
            "&a", "*a", "!!", "%YAML 1.1", "---", "...", "? ", ": ", "- ", "{", "}", "[", "]", "|", ">", "'", "\"", "\t", "\0", "\u0085", "\uFEFF", "\uD800", "#", "<<",
            "null", "~", "\n", "\r", "@", "`", "\\", "{{", "é", "\U0001F600", "99999999999999999999", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", ",", "|2-", "\"\\x", "\"\\uZZ",
        ];
        var edit = Gen.Select(Gen.Int[0, AccessText.Valid.Length], Gen.Int[0, 40], Gen.Int[0, splinters.Length - 1].Select(index => splinters[index]));
        Gen.Select(edit.Array[1, 6], Gen.Bool).Sample(
            (edits, cutShort) =>
            {
                var text = AccessText.Valid;
                foreach (var (at, removed, splinter) in edits)
                {
                    var start = Math.Min(at, text.Length);
                    text = text[..start] + splinter + text[Math.Min(text.Length, start + removed)..];
                }

                if (cutShort)
                    text = text[..(text.Length / 2)];
                var file = _text.Read(text, out var mistakes);
                return file is null == mistakes.Count > 0 && mistakes.All(mistake => !mistake.Contains('\n'));
            },
            iter: 20_000);
    }
}
