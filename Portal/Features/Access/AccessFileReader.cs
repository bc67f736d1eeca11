namespace Portal.Features.Access;

/// <summary>Reads an access file whole: its parts, or every mistake in it.</summary>
public sealed class AccessFileReader
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMinutes(1);

    // Vault's own longest lease time, unless its operators changed it.
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(768);

    private readonly GivenPasswords _passwords;
    private readonly Mistakes _mistakes;
    private readonly Dictionary<string, int> _teams = [];
    private readonly Dictionary<string, int> _subjects = [];
    private readonly Dictionary<string, int> _connections = [];
    private readonly Dictionary<string, (int Line, TimeSpan? Longest)> _roles = [];
    private readonly Dictionary<(string Team, string Role), int> _grants = [];

    private AccessFileReader(GivenPasswords passwords, Mistakes mistakes)
    {
        _passwords = passwords;
        _mistakes = mistakes;
    }

    /// <returns>Null when the file has mistakes.</returns>
    public static AccessFile? Read(string text, GivenPasswords passwords, Mistakes mistakes)
    {
        if (YamlTree.Read(text, mistakes) is not { } root)
            return null;
        var file = new AccessFileReader(passwords, mistakes).File(root);
        return mistakes.Any ? null : file;
    }

    // Each of the three is required, so that a file cut short does not read as "nobody may do anything".
    private AccessFile? File(YamlNode root)
    {
        if (YamlFields.Of(root, "the file", _mistakes, ["teams", "databases", "grants"]) is not { } fields)
            return null;
        var teams = Entries(fields, "teams", Team);
        var connections = Entries(fields, "databases", Connection);
        var grants = Entries(fields, "grants", Grant);
        return new AccessFile(teams, connections, grants);
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
        var tls = fields.Text("tls", "tls: verify-full", engine is null ? AnyText : AccessNames.OneOf(engine.TlsModes), "verify-full");
        var username = fields.Text("username", "username: vault", AccessNames.SqlName);
        var password = _passwords.Read(fields, _mistakes);
        var rotate = fields.Flag("rotate", false);
        var owner = fields.Text("owner", "owner: shop", engine is null ? AnyText : engine.OwnerComplaint, username);
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
        var longest = fields.Duration("longest", "longest: 8h", s_shortest, s_longest);
        var name = fields.Text("name", "name: shop-readonly", AccessNames.Label);
        if (name is not null && !_roles.TryAdd(name, (fields.LineOf("name"), longest)))
            _mistakes.Add(fields.LineOf("name"), $"{fields.Where} is here already, in line {_roles[name].Line}; Vault's roles share one list");
        var allows = fields.Text("allows", "allows: SELECT on all tables of shop", AccessNames.Allows);
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

    private GrantEntry? Grant(YamlNode node, string where)
    {
        if (YamlFields.Of(node, GrantTitle(node) ?? where, _mistakes, ["team", "role", "longest", "approval"]) is not { } fields)
            return null;
        var team = fields.Text("team", "team: payments", Known("team", _teams.Keys));
        var role = fields.Text("role", "role: shop-readonly", Known("role", _roles.Keys));
        var longest = fields.Has("longest") ? fields.Duration("longest", "longest: 8h", s_shortest, s_longest) : null;
        var approval = fields.Flag("approval", false);
        if (team is null || role is null)
            return null;

        if (!_grants.TryAdd((team, role), fields.Line))
            _mistakes.Add(fields.Line, $"{fields.Where} is here already, in line {_grants[(team, role)]}");
        var (roleLine, roleLongest) = _roles[role];
        if (longest > roleLongest)
        {
            _mistakes.Add(
                fields.LineOf("longest"),
                $"{fields.Where}: longest {ShortDuration.Format(longest.Value)} is longer than the role's {ShortDuration.Format(roleLongest.Value)} (line {roleLine})");
        }

        return (longest ?? roleLongest) is { } allowed && approval is not null
            ? new GrantEntry(fields.Line, team, role, allowed, approval.Value)
            : null;
    }

    private static string? GrantTitle(YamlNode node) =>
        YamlFields.Peek(node, "team") is { } team && YamlFields.Peek(node, "role") is { } role
        && AccessNames.Label(team) is null && AccessNames.Label(role) is null
            ? $"grant {team} → {role}"
            : null;

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

    private static string? AnyText(string value) => null;

    private static ValueCheck Known(string kind, IReadOnlyCollection<string> names) => value =>
        names.Contains(value) ? null
        : Mistakes.Nearest(value, names) is { } nearest ? $"is no {kind} of this file; '{nearest}' is meant?"
        : $"is no {kind} of this file";
}
