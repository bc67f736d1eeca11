using System.Globalization;
using Portal.Sandbox.Servers;

namespace Portal.Tests.Features.Access;

/// <summary>An access file for the sandbox's billing database, in parts that a test can change.</summary>
public sealed record BillingFile(MariaDbServer Server)
{
    /// <summary>What a user of each role may do in billing.</summary>
    public (string Name, string Privileges)[] Roles { get; init; } = [("billing-readonly", "SELECT")];

    public string Longest { get; init; } = "8h";

    public bool Rotate { get; init; }

    public string VaultAddress { get; init; } = $"{Server.Host}:{Server.Port}";

    public static implicit operator string(BillingFile file) => file.ToString();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $$$"""
        teams: [{ name: payments, github: { id: 2001, team: acme/payments } }]
        databases:
          - name: billing
            engine: mariadb
            host: {{{Server.Host}}}
            port: {{{Server.Port}}}
            database: billing
            vaultAddress: {{{VaultAddress}}}
            tls: disable
            username: vault
            password: { file: password }
            rotate: {{{(Rotate ? "true" : "false")}}}
            roles: [{{{string.Join(", ", Roles.Select(role => Role(role.Name, role.Privileges)))}}}]
        grants: [{{{string.Join(", ", Roles.Select(role => $"{{ team: payments, role: {role.Name} }}"))}}}]
        """).ReplaceLineEndings("\n");

    private string Role(string name, string privileges) => $$$"""
        {
              name: {{{name}}}, allows: '{{{privileges}}}', longest: {{{Longest}}}, statements: [
                "CREATE USER '{{name}}'@'%' IDENTIFIED BY '{{password}}';",
                "GRANT {{{privileges}}} ON billing.* TO '{{name}}'@'%';"]}
        """;
}
