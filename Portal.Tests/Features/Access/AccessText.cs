using Portal.Features.Access;
using Portal.Shell;

namespace Portal.Tests.Features.Access;

/// <summary>A small access file without mistakes, its passwords, and edits of it.</summary>
public sealed class AccessText : IDisposable
{
    public const string Password = "s3cret-canary";

    public const string Valid = """
        teams:
          - name: payments
            github: { id: 2001, team: acme/payments }
        databases:
          - name: shop
            engine: postgresql
            host: db.example.org
            port: 5432
            database: shop
            vaultAddress: db.internal:5433
            tls: require
            username: vault
            password: { file: password }
            rotate: true
            owner: shop_owner
            roles:
              - name: shop-readonly
                allows: SELECT on all tables
                statements:
                  - CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}';
                  - GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{{name}}";
                longest: 8h
        grants:
          - { team: payments, role: shop-readonly, longest: 1h30m, approval: true }

        """;

    public const string ValidMariaDb = """
        teams:
          - name: payments
            github: { id: 2001, team: acme/payments }
        databases:
          - name: billing
            engine: mariadb
            host: db.example.org
            database: billing
            tls: require
            username: vault
            password: { file: password }
            roles:
              - name: billing-readonly
                allows: SELECT on all tables
                statements:
                  - CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}';
                  - GRANT SELECT ON billing.* TO '{{name}}'@'%';
                longest: 8h
        grants:
          - { team: payments, role: billing-readonly }

        """;

    public const string ValidSsh = """
        teams:
          - name: on-call
            github: { id: 2002, team: acme/on-call }
        databases: []
        ssh:
          roles:
            - name: oncall
              allows: log in as deploy or ubuntu
              hosts: web servers
              principals: [deploy, ubuntu]
              extensions: [permit-pty]
              longest: 8h
        grants:
          - { team: on-call, role: oncall, longest: 1h, principals: [deploy] }

        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("access-text-");

    public AccessText()
    {
        Put("password", Password + "\n");
        Put("empty", "\n");
        Put("two-lines", Password + "\nmore\n");
        Put("long", new string('x', 2000));
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "folder"));
    }

    public AccessFile? Read(string text, out IReadOnlyList<string> mistakes)
    {
        var found = new Mistakes();
        var file = AccessFileReader.Read(text, new GivenPasswords(_folder.FullName, Environment), found);
        mistakes = [.. found.ByLine.Select(mistake => $"{mistake.Line}: {mistake.Says}")];
        return file;
    }

    /// <summary>The valid file with one part replaced; the part must be there once.</summary>
    public static string With(string part, string replacement) => Edit(Valid, part, replacement);

    /// <summary>The same with the valid file for MariaDB.</summary>
    public static string WithMariaDb(string part, string replacement) => Edit(ValidMariaDb, part, replacement);

    /// <summary>The same with the valid file for SSH.</summary>
    public static string WithSsh(string part, string replacement) => Edit(ValidSsh, part, replacement);

    public void Dispose() => _folder.Delete(recursive: true);

    private static string? Environment(string name) => name switch
    {
        "SHOP_PASSWORD" => Password,
        "EMPTY" => "",
        _ => null,
    };

    private static string Edit(string text, string part, string replacement)
    {
        var normal = part.ReplaceLineEndings("\n");
        text.Split(normal).Length.ShouldBe(2, $"'{part}' is not once in the file");
        return text.Replace(normal, replacement.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    private void Put(string name, string content) => File.WriteAllText(Path.Combine(_folder.FullName, name), content);
}
