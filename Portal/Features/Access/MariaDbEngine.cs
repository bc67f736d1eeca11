using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Portal.Features.Access;

/// <summary>
/// MariaDB 10.5 or newer; MySQL has no <c>KILL USER</c>, so there a revocation could not cut sessions. Statements about users commit by
/// themselves: nothing is rolled back.
/// </summary>
public sealed partial class MariaDbEngine : ManagedEngine
{
    private static readonly JsonSerializerOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override string Plugin => "mysql-database-plugin";

    public override int DefaultPort => 3306;

    /// <summary>Neither Vault's driver nor MariaDB's client can verify the authority without the host's name.</summary>
    public override string[] TlsModes => ["disable", "require", "verify-full"];

    /// <summary>Keeps 18 letters of the login; at most 31 in all, within MySQL's 32.</summary>
    public override string UsernameTemplate => """v-{{.DisplayName | replace "token-" "" | truncate 18}}-{{random 10}}""";

    public override IReadOnlyList<string> Renewal => [];

    protected override string NameExample => "'{{name}}'@'%'";

    protected override string PasswordExample => "IDENTIFIED BY '{{password}}'";

    // The form of Go's driver: https://github.com/go-sql-driver/mysql#dsn-data-source-name
    public override string ConnectionUrl(ConnectionEntry entry)
    {
        var tls = entry.TlsMode switch
        {
            "disable" => "false",
            "require" => "skip-verify",
            _ => "true",
        };
        return $"{{{{username}}}}:{{{{password}}}}@tcp({entry.VaultAddress})/{entry.Database}?tls={tls}";
    }

    public override string? OwnerComplaint(string owner) => "has no meaning on MariaDB, where nobody owns a table; leave the key out";

    /// <summary>The second <c>KILL</c> is for who was signing in during the first. Both need the privilege CONNECTION ADMIN.</summary>
    public override IReadOnlyList<string> Revocation(string owner) =>
    [
        "ALTER USER IF EXISTS '{{name}}'@'%' ACCOUNT LOCK;",
        "KILL USER '{{name}}'@'%';",
        Uncut(Disarm()),
        "DROP USER IF EXISTS '{{name}}'@'%';",
        "KILL USER '{{name}}'@'%';",
    ];

    // A revocation names the account by its whole name, so no statement may make another one.
    protected override string? NameComplaint(string before, string after) =>
        IsQuoted(before, after, "'\"`") && (after.Length == 1 || after[1] != '@' || AnyHost().IsMatch(after[1..]))
            ? null
            : "write '{{name}}'@'%', the account that a revocation ends";

    protected override bool HasClearPassword(string statement) => ClearPassword().IsMatch(statement);

    /// <summary>
    /// What the user defined runs with the user's rights, and fails for everybody once the user is gone: a trigger would then refuse all
    /// writes to its table. Triggers and events are dropped; routines and views stay, with the rights of whoever uses them. What cannot
    /// be changed stays as it is and fails, except that a lock is waited for: the revocation is run again later.
    /// </summary>
    private static string Disarm()
    {
        var cures = string.Join(" UNION ALL ",
            Cure("TRIGGERS", "'DROP TRIGGER '", Name("TRIGGER_SCHEMA", "TRIGGER_NAME")),
            Cure("EVENTS", "'DROP EVENT '", Name("EVENT_SCHEMA", "EVENT_NAME")),
            Cure("ROUTINES", "'ALTER ', ROUTINE_TYPE, ' '", Name("ROUTINE_SCHEMA", "ROUTINE_NAME"), "' SQL SECURITY INVOKER'"),
            Cure("VIEWS", "'ALTER DEFINER = CURRENT_USER SQL SECURITY INVOKER VIEW '", Name("TABLE_SCHEMA", "TABLE_NAME"), "' AS '", "VIEW_DEFINITION"));
        return "BEGIN NOT ATOMIC SET SESSION lock_wait_timeout = 5; "
            + $"FOR found IN ({cures}) DO "
            + "BEGIN DECLARE EXIT HANDLER FOR 1205 RESIGNAL; DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; EXECUTE IMMEDIATE found.cure; END; "
            + "END FOR; END";
    }

    private static string Cure(string table, params string[] parts) =>
        $$$"""SELECT CONCAT({{{string.Join(", ", parts)}}}) AS cure FROM information_schema.{{{table}}} WHERE BINARY DEFINER = '{{name}}@%'""";

    private static string Name(string schema, string name) => $"'`', REPLACE({schema}, '`', '``'), '`.`', REPLACE({name}, '`', '``'), '`'";

    // Vault does not cut what is a JSON list already.
    private static string Uncut(string statement) => JsonSerializer.Serialize<string[]>([statement], s_readable);

    [GeneratedRegex("""\A@(?:'%'|"%"|`%`)""")]
    private static partial Regex AnyHost();

    [GeneratedRegex("""\bIDENTIFIED\s+BY\s+(?:PASSWORD\s+)?['"](?!\{\{)|\bPASSWORD\s*\(\s*['"](?!\{\{)""", RegexOptions.IgnoreCase)]
    private static partial Regex ClearPassword();
}
