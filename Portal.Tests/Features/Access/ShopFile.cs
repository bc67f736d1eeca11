using System.Globalization;
using Portal.Sandbox.Servers;

namespace Portal.Tests.Features.Access;

/// <summary>An access file for the sandbox's shop database, in parts that a test can change.</summary>
public sealed record ShopFile(PostgresServer Server)
{
    public string[] Teams { get; init; } = ["payments 2001"];

    /// <summary>Name and longest life of each role.</summary>
    public string[] Roles { get; init; } = ["shop-readonly 8h"];

    /// <summary>Team, role and longest life of each grant.</summary>
    public string[] Grants { get; init; } = ["payments shop-readonly 4h"];

    public string Connection { get; init; } = "shop";

    public string PasswordFile { get; init; } = "password";

    public bool Rotate { get; init; }

    public string Tls { get; init; } = "disable";

    public string? VaultAddress { get; init; }

    /// <summary>More connections, as they stand in the file.</summary>
    public string More { get; init; } = "";

    public static implicit operator string(ShopFile file) => file.ToString();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $$$"""
        teams: [{{{Join(Teams, team => $"{{ name: {team[0]}, github: {{ id: {team[1]}, team: acme/{team[0]} }} }}")}}}]
        databases:
        {{{Database(Connection, Roles)}}}
        {{{More}}}
        grants: [{{{Join(Grants, grant => $"{{ team: {grant[0]}, role: {grant[1]}, longest: {grant[2]} }}")}}}]
        """).ReplaceLineEndings("\n");

    public string Database(string name, params string[] roles) => string.Create(CultureInfo.InvariantCulture, $$$$"""
          - name: {{{{name}}}}
            engine: postgresql
            host: {{{{Server.Host}}}}
            port: {{{{Server.Port}}}}
            database: shop
            vaultAddress: {{{{VaultAddress ?? $"{Server.Host}:{Server.Port}"}}}}
            tls: {{{{Tls}}}}
            username: vault
            password: { file: {{{{PasswordFile}}}} }
            rotate: {{{{(Rotate ? "true" : "false")}}}}
            owner: shop
            roles: [{{{{Join(roles, role => Role(role[0], role[1]))}}}}]
        """);

    private static string Role(string name, string longest) => $$$"""
        {
              name: {{{name}}}, allows: everything, longest: {{{longest}}}, statements: [
                'CREATE ROLE "{{name}}" WITH LOGIN PASSWORD ''{{password}}'' VALID UNTIL ''{{expiration}}'';',
                'GRANT CONNECT ON DATABASE shop TO "{{name}}"; GRANT CREATE, USAGE ON SCHEMA public TO "{{name}}"; GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{{name}}";']}
        """;

    private static string Join(string[] entries, Func<string[], string> write) => string.Join(", ", entries.Select(entry => write(entry.Split(' '))));
}
