using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Credentials;
using Portal.Features.Databases;
using Portal.Features.Teams;

namespace Portal.Features.Access;

/// <summary>
/// The rows of teams, connections, roles and grants. <see cref="Bring"/> changes tracked rows and says what it changed; saved or
/// thrown away by the caller, so that a dry run is the same work.
/// </summary>
public sealed class PortalRows
{
    private readonly PortalDb _db;
    private readonly AccessFile _file;
    private readonly List<Team> _teams;
    private readonly List<DatabaseConnection> _connections;
    private readonly List<DatabaseRole> _roles;
    private readonly List<DatabaseGrant> _grants;
    private readonly List<AccessChange> _changes = [];
    private readonly List<string> _kept = [];

    private PortalRows(PortalDb db, AccessFile file, List<Team> teams, List<DatabaseConnection> connections, List<DatabaseRole> roles, List<DatabaseGrant> grants)
    {
        (_db, _file, _teams, _connections, _roles, _grants) = (db, file, teams, connections, roles, grants);
        Own = new OwnNames([.. roles.Select(role => role.Name)], [.. connections.Select(connection => connection.Name)]);
    }

    /// <summary>What was there when loaded.</summary>
    public OwnNames Own { get; }

    public IReadOnlyList<AccessChange> Changes => _changes;

    /// <summary>What the file no longer names and pruning would remove.</summary>
    public IReadOnlyList<string> Kept => _kept;

    /// <summary>Grants that go, and with them what was issued under them.</summary>
    public List<(Guid Id, string Name)> RemovedGrants { get; } = [];

    public static async Task<PortalRows> LoadAsync(PortalDb db, AccessFile file, CancellationToken cancellationToken) => new(
        db,
        file,
        await db.Teams.ToListAsync(cancellationToken),
        await db.DatabaseConnections.ToListAsync(cancellationToken),
        await db.DatabaseRoles.ToListAsync(cancellationToken),
        await db.DatabaseGrants.Include(grant => grant.Team).ToListAsync(cancellationToken));

    /// <summary>How many credentials live under each role, those being revoked included.</summary>
    public static async Task<IReadOnlyDictionary<string, int>> CountLiveAsync(PortalDb db, CancellationToken cancellationToken) =>
        await db.Credentials
            .Where(credential => credential.State != CredentialState.Revoked && credential.State != CredentialState.Expired)
            .GroupBy(credential => credential.Role)
            .ToDictionaryAsync(same => same.Key, same => same.Count(), cancellationToken);

    /// <summary>Roles of a connection that stay although the file does not name them.</summary>
    public IEnumerable<string> RolesToKeep(string connection) =>
        _roles.Where(role => role.ConnectionName == connection && !IsNamed(role)).Select(role => role.Name);

    /// <summary>What stands against the file, with its line: names that another team still has, roles that would leave their credentials behind.</summary>
    public IEnumerable<Mistake> Conflicts(bool prune, IReadOnlyDictionary<string, int> live)
    {
        foreach (var entry in _file.Teams)
        {
            if (!prune && _teams.Find(team => team.Name == entry.Name && !IsNamed(team)) is { } other)
                yield return new(entry.Line, $"team {entry.Name}: is GitHub team {other.Subject} in the portal, {entry.Subject} in the file; --prune removes the old one and ends what was issued under it");
        }

        foreach (var entry in _file.Connections.SelectMany(connection => connection.Roles))
        {
            if (_roles.Find(role => role.Name == entry.Name && role.ConnectionName != entry.Connection) is { } moved && live.GetValueOrDefault(entry.Name) > 0)
                yield return new(entry.Line, $"role {entry.Name}: cannot move from connection {moved.ConnectionName} to {entry.Connection} while credentials live under it; give it another name");
        }
    }

    /// <param name="skipped">Connections that Vault did not take: they and what hangs on them stay as they are.</param>
    public void Bring(bool prune, IReadOnlySet<string> skipped)
    {
        foreach (var entry in _file.Teams)
            Team(entry);
        var connections = _file.Connections.Where(connection => !skipped.Contains(connection.Name)).ToList();
        foreach (var entry in connections)
        {
            Connection(entry);
            foreach (var role in entry.Roles)
                Role(role);
        }

        var skippedRoles = _file.Connections.Where(connection => skipped.Contains(connection.Name))
            .SelectMany(connection => connection.Roles).Select(role => role.Name).ToHashSet();
        foreach (var entry in _file.Grants.Where(grant => !skippedRoles.Contains(grant.Role)))
            Grant(entry);
        Unnamed(prune);
    }

    private void Team(TeamEntry entry)
    {
        if (_teams.Find(team => team.Provider == TeamEntry.GitHub && team.Subject == entry.Subject) is not { } row)
        {
            row = new Team { Id = Guid.CreateVersion7(), Name = entry.Name, Provider = TeamEntry.GitHub, Subject = entry.Subject, Label = entry.Label };
            _teams.Add(row);
            _db.Add(row);
            Changed(ChangeKind.Added, AccessChange.Team(entry.Name), $"github {entry.Subject}");
            return;
        }

        var details = new Details();
        row.Name = details.Set("name", row.Name, entry.Name);
        row.Label = details.Set("at GitHub", row.Label, entry.Label);
        Changed(AccessChange.Team(entry.Name), details);
    }

    private void Connection(ConnectionEntry entry)
    {
        if (_connections.Find(connection => connection.Name == entry.Name) is not { } row)
        {
            row = new DatabaseConnection
            {
                Name = entry.Name, Engine = entry.Engine, Host = entry.Host, Port = entry.Port, Database = entry.Database, TlsMode = entry.TlsMode,
            };
            _connections.Add(row);
            _db.Add(row);
            Changed(ChangeKind.Added, AccessChange.Connection(entry.Name), $"{entry.Engine} {AccessNames.Address(entry.Host, entry.Port)}/{entry.Database}");
            return;
        }

        var details = new Details();
        row.Engine = details.Set("engine", row.Engine, entry.Engine);
        row.Host = details.Set("host", row.Host, entry.Host);
        row.Port = details.Set("port", row.Port, entry.Port);
        row.Database = details.Set("database", row.Database, entry.Database);
        row.TlsMode = details.Set("tls", row.TlsMode, entry.TlsMode);
        Changed(AccessChange.Connection(entry.Name), details);
    }

    private void Role(RoleEntry entry)
    {
        var statements = string.Join('\n', entry.Statements);
        var longest = (int)entry.Longest.TotalSeconds;
        if (_roles.Find(role => role.Name == entry.Name) is not { } row)
        {
            row = new DatabaseRole
            {
                Name = entry.Name, ConnectionName = entry.Connection, Allows = entry.Allows, CreationStatements = statements, MaxDurationSeconds = longest,
            };
            _roles.Add(row);
            _db.Add(row);
            Changed(ChangeKind.Added, AccessChange.Role(entry.Name), $"longest {ShortDuration.Format(entry.Longest)}");
            return;
        }

        var details = new Details();
        row.ConnectionName = details.Set("connection", row.ConnectionName, entry.Connection);
        row.Allows = details.Set("allows", row.Allows, entry.Allows);
        row.CreationStatements = details.Set("statements", row.CreationStatements, statements, shown: false);
        row.MaxDurationSeconds = details.SetDuration("longest", row.MaxDurationSeconds, longest);
        Changed(AccessChange.Role(entry.Name), details);
    }

    private void Grant(GrantEntry entry)
    {
        var team = _teams.Single(team => team.Name == entry.Team && IsNamed(team));
        var longest = (int)entry.Longest.TotalSeconds;
        var name = AccessChange.Grant(entry.Team, entry.Role);
        if (_grants.Find(grant => grant.TeamId == team.Id && grant.RoleName == entry.Role) is not { } row)
        {
            row = new DatabaseGrant
            {
                Id = Guid.CreateVersion7(), TeamId = team.Id, RoleName = entry.Role, MaxDurationSeconds = longest, RequiresApproval = entry.Approval,
            };
            _grants.Add(row);
            _db.Add(row);
            Changed(ChangeKind.Added, name, [$"longest {ShortDuration.Format(entry.Longest)}", .. entry.Approval ? ["needs approval"] : Array.Empty<string>()]);
            return;
        }

        var details = new Details();
        row.MaxDurationSeconds = details.SetDuration("longest", row.MaxDurationSeconds, longest);
        row.RequiresApproval = details.Set("approval", row.RequiresApproval, entry.Approval);
        Changed(name, details);
    }

    // In the order that foreign keys ask for. A grant that stays never promises more than its role.
    private void Unnamed(bool prune)
    {
        foreach (var grant in _grants.Where(grant => !_file.Grants.Any(entry => entry.Role == grant.RoleName && TeamId(entry.Team) == grant.TeamId)).ToList())
        {
            var name = AccessChange.Grant(grant.Team.Name, grant.RoleName);
            if (Remove(prune, grant, name))
            {
                RemovedGrants.Add((grant.Id, name));
                continue;
            }

            var details = new Details();
            var most = _roles.Find(role => role.Name == grant.RoleName)?.MaxDurationSeconds ?? grant.MaxDurationSeconds;
            grant.MaxDurationSeconds = details.SetDuration("longest", grant.MaxDurationSeconds, Math.Min(most, grant.MaxDurationSeconds));
            Changed(name, details);
        }

        foreach (var role in _roles.Where(role => !IsNamed(role)).ToList())
            Remove(prune, role, AccessChange.Role(role.Name));
        foreach (var connection in _connections.Where(row => _file.Connections.All(entry => entry.Name != row.Name)).ToList())
            Remove(prune, connection, AccessChange.Connection(connection.Name));
        foreach (var team in _teams.Where(team => !IsNamed(team)).ToList())
            Remove(prune, team, AccessChange.Team(team.Name));
    }

    private bool Remove(bool prune, object row, string name)
    {
        if (prune)
        {
            _db.Remove(row);
            Changed(ChangeKind.Removed, name);
        }
        else
        {
            _kept.Add($"{name}: not in the file; --prune removes it");
        }

        return prune;
    }

    private Guid? TeamId(string name) => _teams.Find(team => team.Name == name && IsNamed(team))?.Id;

    private bool IsNamed(Team team) => team.Provider == TeamEntry.GitHub && _file.Teams.Any(entry => entry.Subject == team.Subject);

    private bool IsNamed(DatabaseRole role) => _file.Connections.Any(connection => connection.Roles.Any(entry => entry.Name == role.Name));

    private void Changed(ChangeKind kind, string name, params IReadOnlyList<string> details) => _changes.Add(new(kind, name, details));

    private void Changed(string name, Details details)
    {
        if (details.Count > 0)
            Changed(ChangeKind.Changed, name, details);
    }

    /// <summary>Notes what of a row changes, in words.</summary>
    private sealed class Details : List<string>
    {
        public T Set<T>(string what, T old, T made, bool shown = true)
        {
            if (!EqualityComparer<T>.Default.Equals(old, made))
                Add(shown ? $"{what} {Shown(old)} → {Shown(made)}" : what);
            return made;
        }

        public int SetDuration(string what, int old, int made)
        {
            Set(what, ShortDuration.Format(old), ShortDuration.Format(made));
            return made;
        }

        private static string Shown<T>(T value) => value switch
        {
            true => "yes",
            false => "no",
            string text => Mistakes.Quote(text).Trim('\''),
            _ => $"{value}",
        };
    }
}
