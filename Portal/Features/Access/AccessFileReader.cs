using Portal.Shell;

namespace Portal.Features.Access;

/// <summary>Reads an access file whole: its parts, or every mistake in it.</summary>
public sealed class AccessFileReader
{
    /// <summary>In letters.</summary>
    public const int LargestFile = 1024 * 1024;

    internal static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    // Vault's own longest lease time, unless its operators changed it.
    internal static readonly TimeSpan Longest = TimeSpan.FromHours(768);

    private static readonly YamlFile s_file = new("an access file", "the keys teams, databases and grants", LargestFile);

    // What OpenSSH knows, apart from what weakens a security key.
    private static readonly string[] s_extensions =
        ["permit-pty", "permit-port-forwarding", "permit-agent-forwarding", "permit-X11-forwarding", "permit-user-rc"];

    private readonly GivenPasswords _passwords;
    private readonly Mistakes _mistakes;
    private readonly Dictionary<string, int> _teams = [];
    private readonly Dictionary<string, int> _subjects = [];
    private readonly Dictionary<string, int> _connections = [];
    private readonly Dictionary<string, NamedRole> _roles = [];

    private AccessFileReader(GivenPasswords passwords, Mistakes mistakes)
    {
        _passwords = passwords;
        _mistakes = mistakes;
    }

    /// <returns>Null when the file has mistakes.</returns>
    public static AccessFile? Read(string text, GivenPasswords passwords, Mistakes mistakes)
    {
        if (YamlTree.Read(text, s_file, mistakes) is not { } root)
            return null;
        var file = new AccessFileReader(passwords, mistakes).File(root);
        return mistakes.Any ? null : file;
    }

    // All but SSH, which stands before the grants, are required, so that a file cut short does not read as "nobody may do anything".
    private AccessFile? File(YamlNode root)
    {
        if (YamlFields.Of(root, "the file", _mistakes, ["teams", "databases", "ssh", "grants"]) is not { } fields)
            return null;
        var teams = Entries(fields, "teams", Team);
        var connections = Entries(fields, "databases", Connection);
        var sshRoles = fields.Has("ssh") && YamlFields.Of(fields.Node("ssh", "")!, "ssh", _mistakes, ["roles"]) is { } ssh
            ? Entries(ssh, "roles", (node, where) => SshRole(node, $"ssh: {where}"))
            : [];
        var grants = Entries(fields, "grants", new GrantReader(_teams.Keys, _roles, _mistakes).Grant);
        return new AccessFile(teams, connections, sshRoles, grants);
    }

    private static List<T> Entries<T>(YamlFields fields, string key, Func<YamlNode, string, T?> read)
        where T : class =>
        [.. fields.List(key, $"{key}: []").Select((node, index) => read(node, $"{key}, entry {index + 1}")).OfType<T>()];

    private TeamEntry? Team(YamlNode node, string where)
    {
        if (Fields(node, "team", where, ["name", "github"]) is not { } fields)
            return null;
        var name = Name(fields, "name: payments", _teams);
        const string Example = "github: { id: 2001, team: acme/payments }";
        if (fields.Node("github", Example) is not { } nested
            || YamlFields.Of(nested, $"{fields.Where}: github", _mistakes, ["id", "team"]) is not { } gitHub)
            return null;
        var subject = gitHub.Text("id", "id: 2001", AccessNames.GitHubId);
        var label = gitHub.Text("team", "team: acme/payments", AccessNames.TeamLabel);
        if (subject is not null && !_subjects.TryAdd(subject, gitHub.LineOf("id")))
            _mistakes.Add(gitHub.LineOf("id"), $"{fields.Where}: the GitHub team {subject} is adopted already, in line {_subjects[subject]}");
        return name is null || subject is null || label is null ? null : new TeamEntry(fields.Line, name, subject, label);
    }

    private ConnectionEntry? Connection(YamlNode node, string where)
    {
        string[] keys = ["name", "engine", "host", "port", "database", "vaultAddress", "tls", "username", "password", "rotate", "owner", "roles"];
        if (Fields(node, "connection", where, keys) is not { } fields)
            return null;
        var name = Name(fields, "name: shop", _connections);
        // What depends on the engine is not judged without one.
        var engineName = fields.Text("engine", "engine: postgresql", AccessNames.OneOf(ManagedEngine.Names));
        var engine = engineName is null ? null : ManagedEngine.Of(engineName);
        var host = fields.Text("host", "host: db.example.org", AccessNames.Host);
        var port = fields.Has("port") ? fields.Number("port", "port: 5432", 1, 65535) : engine?.DefaultPort;
        var database = fields.Text("database", "database: shop", AccessNames.Database);
        var vaultAddress = fields.Text("vaultAddress", "vaultAddress: db.internal:5432", AccessNames.HostAndPort, AccessNames.Address(host ?? "", port ?? 0));
        var tls = fields.Text("tls", "tls: verify-full", engine is null ? AccessNames.Any : AccessNames.OneOf(engine.TlsModes), "verify-full");
        var username = fields.Text("username", "username: vault", AccessNames.SqlName);
        var password = _passwords.Read(fields, _mistakes);
        var rotate = fields.Flag("rotate", false);
        var owner = fields.Text("owner", "owner: shop", engine is null ? AccessNames.Any : engine.OwnerComplaint, username);
        var roles = fields.List("roles", "roles: []")
            .Select((role, index) => Role(role, $"{fields.Where}: roles, entry {index + 1}", name, engine))
            .OfType<RoleEntry>().ToList();
        return name is null || engineName is null || host is null || port is null || database is null || vaultAddress is null || tls is null
            || username is null || password is null || rotate is null || owner is null
            ? null
            : new ConnectionEntry(
                fields.Line, name, engineName, host, port.Value, database, vaultAddress, tls, username, password, rotate.Value, owner, roles);
    }

    private RoleEntry? Role(YamlNode node, string where, string? connection, ManagedEngine? engine)
    {
        if (Fields(node, "role", where, ["name", "allows", "statements", "longest"]) is not { } fields)
            return null;
        var longest = fields.Duration("longest", "longest: 8h", Shortest, Longest);
        var name = RoleName(fields, "name: shop-readonly", new NamedRole(fields.LineOf("name"), longest));
        var allows = fields.Text("allows", "allows: SELECT on all tables of shop", AccessNames.Words);
        var statements = Statements(fields, engine);
        return name is null || allows is null || longest is null || connection is null
            ? null
            : new RoleEntry(fields.Line, name, connection, allows, statements, longest.Value);
    }

    private List<string> Statements(YamlFields fields, ManagedEngine? engine)
    {
        var nodes = fields.List("statements", """statements: ['CREATE ROLE "{{name}}" WITH LOGIN PASSWORD ''{{password}}'' VALID UNTIL ''{{expiration}}'';']""");
        var statements = new List<string>();
        foreach (var node in nodes)
        {
            if (node is not YamlText { IsNothing: false } text || string.IsNullOrWhiteSpace(text.Value))
                _mistakes.Add(node.Line, $"{fields.Where}: a statement is {node.Kind}; SQL belongs here");
            else if (engine?.Complaint(text.Value) is { } complaint)
                _mistakes.Add(text.Line, $"{fields.Where}: {complaint}");
            else
                statements.Add(text.Value.Trim());
        }

        if (fields.Has("statements") && statements.Count == nodes.Count && engine?.Lack(statements) is { } lack)
            _mistakes.Add(fields.LineOf("statements"), $"{fields.Where}: {lack}");
        return statements;
    }

    private SshRoleEntry? SshRole(YamlNode node, string where)
    {
        if (Fields(node, "role", where, ["name", "allows", "hosts", "principals", "extensions", "longest"]) is not { } fields)
            return null;
        var longest = fields.Duration("longest", "longest: 8h", Shortest, Longest);
        var allows = fields.Text("allows", "allows: log in as deploy", AccessNames.Words);
        var hosts = fields.Text("hosts", "hosts: web servers of the shop", AccessNames.Words);
        var principals = fields.Texts("principals", "principals: [deploy]", AccessNames.Principal, "such a certificate would open nothing");
        var extensions = fields.Has("extensions") ? fields.Texts("extensions", "extensions: [permit-pty]", AccessNames.OneOf(s_extensions)) : [];
        var name = RoleName(fields, "name: oncall", new NamedSshRole(fields.LineOf("name"), longest, principals));
        return name is null || allows is null || hosts is null || principals is null || extensions is null || longest is null
            ? null
            : new SshRoleEntry(fields.Line, name, allows, hosts, principals, extensions, longest.Value);
    }

    // One role is one thing to grant, whatever it opens.
    private string? RoleName(YamlFields fields, string example, NamedRole role)
    {
        var name = fields.Text("name", example, AccessNames.Label);
        if (name is not null && !_roles.TryAdd(name, role))
            _mistakes.Add(role.Line, $"{fields.Where} is here already, in line {_roles[name].Line}; roles share one list");
        return name;
    }

    // An entry with a usable name is called by it in mistakes, else by its place.
    private YamlFields? Fields(YamlNode node, string kind, string place, string[] keys) =>
        YamlFields.Of(node, YamlFields.Peek(node, "name") is { } name && AccessNames.Label(name) is null ? $"{kind} {name}" : place, _mistakes, keys);

    private string? Name(YamlFields fields, string example, Dictionary<string, int> taken)
    {
        var name = fields.Text("name", example, AccessNames.Label);
        if (name is not null && !taken.TryAdd(name, fields.LineOf("name")))
            _mistakes.Add(fields.LineOf("name"), $"{fields.Where} is here already, in line {taken[name]}");
        return name;
    }
}
