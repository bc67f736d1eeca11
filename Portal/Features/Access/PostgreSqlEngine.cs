using System.Text.RegularExpressions;

namespace Portal.Features.Access;

/// <summary>PostgreSQL. Vault runs the statements of a user in one transaction.</summary>
public sealed partial class PostgreSqlEngine : ManagedEngine
{
    public override string Plugin => "postgresql-database-plugin";

    public override int DefaultPort => 5432;

    public override string[] TlsModes => ["disable", "require", "verify-ca", "verify-full"];

    /// <summary>Keeps 24 letters of the login, where Vault's own form keeps eight; at most 63 in all.</summary>
    public override string UsernameTemplate =>
        """v-{{.DisplayName | replace "token-" "" | truncate 24}}-{{.RoleName | truncate 12}}-{{random 12}}-{{unix_time}}""";

    public override IReadOnlyList<string> Renewal => ["""ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}';"""];

    protected override string NameExample => "\"{{name}}\"";

    protected override string PasswordExample => "PASSWORD '{{password}}'";

    public override string ConnectionUrl(ConnectionEntry entry) =>
        $"postgresql://{{{{username}}}}:{{{{password}}}}@{entry.VaultAddress}/{entry.Database}?sslmode={entry.TlsMode}";

    public override string? OwnerComplaint(string owner) => AccessNames.SqlName(owner);

    /// <summary>
    /// The commit in the middle lets others see the lock before sessions are cut, so that a pool cannot slip back in. <c>\x3b</c> is a
    /// semicolon that Vault does not cut at. Who is no superuser must be a member of a role to take what it owns. What runs with the
    /// rights of whoever owns it is disarmed first: it would run with the new owner's.
    /// </summary>
    public override IReadOnlyList<string> Revocation(string owner) =>
    [
        IfThere("""ALTER ROLE "{{name}}" NOLOGIN\x3b"""),
        "COMMIT;",
        "BEGIN;",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}';",
        IfThere("""GRANT "{{name}}" TO CURRENT_USER\x3b"""),
        ForEach("p.oid::regprocedure FROM pg_proc p WHERE p.prosecdef AND p.proowner", "''ALTER ROUTINE %s SECURITY INVOKER''"),
        // Views know security_invoker since PostgreSQL 15.
        ForEach(
            "c.oid::regclass FROM pg_class c WHERE c.relkind = ''v'' AND c.relowner",
            "CASE WHEN current_setting(''server_version_num'')::int >= 150000 THEN ''ALTER VIEW %s SET (security_invoker = true)'' ELSE ''DROP VIEW IF EXISTS %s CASCADE'' END"),
        IfThere($$$"""REASSIGN OWNED BY "{{name}}" TO "{{{owner}}}"\x3b DROP OWNED BY "{{name}}"\x3b"""),
        """DROP ROLE IF EXISTS "{{name}}";""",
    ];

    protected override string? NameComplaint(string before, string after) =>
        IsQuoted(before, after, "\"'") ? null : "write \"{{name}}\" in quotes, as user names hold hyphens";

    protected override bool HasClearPassword(string statement) => ClearPassword().IsMatch(statement);

    private static string IfThere(string actions) =>
        $$$"""DO E'BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = ''{{name}}'') THEN {{{actions}}} END IF\x3b END';""";

    /// <param name="things">A query up to the column with their owner.</param>
    /// <param name="command">An expression: what is done to each, whose name stands in for <c>%s</c>.</param>
    private static string ForEach(string things, string command) =>
        $$$"""DO E'DECLARE thing text\x3b BEGIN FOR thing IN SELECT {{{things}}} = (SELECT oid FROM pg_roles WHERE rolname = ''{{name}}'') LOOP EXECUTE format({{{command}}}, thing)\x3b END LOOP\x3b END';""";

    [GeneratedRegex(@"\bPASSWORD\s+E?'(?!\{\{)", RegexOptions.IgnoreCase)]
    private static partial Regex ClearPassword();
}
