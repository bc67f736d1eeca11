using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Credentials;
using Portal.Features.Databases;
using Portal.Features.Teams;
using Portal.Shell;

namespace Portal.Features.Access;

/// <summary>
/// The rows of teams, connections, roles and grants. <see cref="Bring"/> changes tracked rows and says what it changed; saved or
/// thrown away by the caller, so that a dry run is the same work.
/// </summary>
public sealed class PortalRows
{
    private readonly AccessFile _file;
    private readonly List<Team> _teams;
    private readonly List<DatabaseConnection> _connections;
    private readonly List<DatabaseRole> _roles;
    private readonly List<DatabaseGrant> _grants;
    private readonly RowChanges _changes;
    private readonly SshRows _ssh;

    private PortalRows(
        AccessFile file, List<Team> teams, List<DatabaseConnection> connections, List<DatabaseRole> roles, List<DatabaseGrant> grants, SshRows ssh, RowChanges changes)
    {
        (_file, _teams, _connections, _roles, _grants, _ssh, _changes) = (file, teams, connections, roles, grants, ssh, changes);
        Own = new OwnNames([.. roles.Select(role => role.Name)], [.. connections.Select(connection => connection.Name)], ssh.Own);
    }

    /// <summary>What was there when loaded.</summary>
    public OwnNames Own { get; }

    public IReadOnlyList<AccessChange> Changes => _changes.All;

    /// <inheritdoc cref="RowChanges.Kept"/>
    public IReadOnlyList<string> Kept => _changes.Kept;

    /// <inheritdoc cref="RowChanges.RemovedGrants"/>
    public IReadOnlyList<(Guid Id, string Name)> RemovedGrants => _changes.RemovedGrants;

    public static async Task<PortalRows> LoadAsync(PortalDb db, AccessFile file, CancellationToken cancellationToken)
    {
        var changes = new RowChanges(db);
        return new(
            file,
            await db.Teams.ToListAsync(cancellationToken),
            await db.DatabaseConnections.ToListAsync(cancellationToken),
            await db.DatabaseRoles.ToListAsync(cancellationToken),
            await db.DatabaseGrants.Include(grant => grant.Team).ToListAsync(cancellationToken),
            await SshRows.LoadAsync(db, file, changes, cancellationToken),
            changes);
    }

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

        foreach (var entry in _file.SshRoles.Where(entry => Own.Roles.Contains(entry.Name)))
            yield return new(entry.Line, $"role {entry.Name}: is a database role in the portal; give it another name");
        foreach (var entry in _file.Connections.SelectMany(connection => connection.Roles).Where(entry => Own.SshRoles.Contains(entry.Name)))
            yield return new(entry.Line, $"role {entry.Name}: is an SSH role in the portal; give it another name");
    }

    /// <param name="skipped">Connections and SSH roles that Vault did not take: they and what hangs on them stay as they are.</param>
    public void Bring(bool prune, IReadOnlySet<string> skipped)
    {
        foreach (var entry in _file.Teams)
            Team(entry);
        var connections = _file.Connections.Where(connection => !skipped.Contains(AccessChange.Connection(connection.Name))).ToList();
        foreach (var entry in connections)
        {
            Connection(entry);
            foreach (var role in entry.Roles)
                Role(role);
        }

        var skippedRoles = _file.Connections.Where(connection => skipped.Contains(AccessChange.Connection(connection.Name)))
            .SelectMany(connection => connection.Roles).Select(role => role.Name).ToHashSet();
        foreach (var entry in _file.DatabaseGrants.Where(grant => !skippedRoles.Contains(grant.Role)))
            Grant(entry);
        _ssh.Bring(prune, skipped, TeamOf);
        Unnamed(prune);
    }

    private void Team(TeamEntry entry)
    {
        if (_teams.Find(team => team.Provider == TeamEntry.GitHub && team.Subject == entry.Subject) is not { } row)
        {
            row = new Team { Id = StableId.OfTeam(TeamEntry.GitHub, entry.Subject), Name = entry.Name, Provider = TeamEntry.GitHub, Subject = entry.Subject, Label = entry.Label };
            _teams.Add(row);
            _changes.Add(row, AccessChange.Team(entry.Name), $"github {entry.Subject}");
            return;
        }

        var details = new RowDetails();
        row.Name = details.Set("name", row.Name, entry.Name);
        row.Label = details.Set("at GitHub", row.Label, entry.Label);
        _changes.Change(AccessChange.Team(entry.Name), details);
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
            _changes.Add(row, AccessChange.Connection(entry.Name), $"{entry.Engine} {AccessNames.Address(entry.Host, entry.Port)}/{entry.Database}");
            return;
        }

        var details = new RowDetails();
        row.Engine = details.Set("engine", row.Engine, entry.Engine);
        row.Host = details.Set("host", row.Host, entry.Host);
        row.Port = details.Set("port", row.Port, entry.Port);
        row.Database = details.Set("database", row.Database, entry.Database);
        row.TlsMode = details.Set("tls", row.TlsMode, entry.TlsMode);
        _changes.Change(AccessChange.Connection(entry.Name), details);
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
            _changes.Add(row, AccessChange.Role(entry.Name), $"longest {ShortDuration.Format(entry.Longest)}");
            return;
        }

        var details = new RowDetails();
        row.ConnectionName = details.Set("connection", row.ConnectionName, entry.Connection);
        row.Allows = details.Set("allows", row.Allows, entry.Allows);
        row.CreationStatements = details.Set("statements", row.CreationStatements, statements, shown: false);
        row.MaxDurationSeconds = details.SetDuration("longest", row.MaxDurationSeconds, longest);
        _changes.Change(AccessChange.Role(entry.Name), details);
    }

    private void Grant(GrantEntry entry)
    {
        var team = TeamOf(entry.Team);
        var longest = (int)entry.Longest.TotalSeconds;
        var name = AccessChange.Grant(entry.Team, entry.Role);
        if (_grants.Find(grant => grant.TeamId == team.Id && grant.RoleName == entry.Role) is not { } row)
        {
            row = new DatabaseGrant
            {
                Id = Guid.CreateVersion7(), TeamId = team.Id, RoleName = entry.Role, MaxDurationSeconds = longest, RequiresApproval = entry.Approval,
            };
            _grants.Add(row);
            _changes.Add(row, name, [$"longest {ShortDuration.Format(entry.Longest)}", .. entry.Approval ? ["needs approval"] : Array.Empty<string>()]);
            return;
        }

        var details = new RowDetails();
        row.MaxDurationSeconds = details.SetDuration("longest", row.MaxDurationSeconds, longest);
        row.RequiresApproval = details.Set("approval", row.RequiresApproval, entry.Approval);
        _changes.Change(name, details);
    }

    // In the order that foreign keys ask for. A grant that stays never promises more than its role.
    private void Unnamed(bool prune)
    {
        foreach (var grant in _grants.Where(grant => !_file.Grants.Any(entry => entry.Role == grant.RoleName && TeamOf(entry.Team).Id == grant.TeamId)).ToList())
        {
            var name = AccessChange.Grant(grant.Team.Name, grant.RoleName);
            if (_changes.Remove(prune, grant, name))
            {
                _changes.RemovedGrants.Add((grant.Id, name));
                continue;
            }

            var details = new RowDetails();
            var most = _roles.Find(role => role.Name == grant.RoleName)?.MaxDurationSeconds ?? grant.MaxDurationSeconds;
            grant.MaxDurationSeconds = details.SetDuration("longest", grant.MaxDurationSeconds, Math.Min(most, grant.MaxDurationSeconds));
            _changes.Change(name, details);
        }

        foreach (var role in _roles.Where(role => !IsNamed(role)).ToList())
            _changes.Remove(prune, role, AccessChange.Role(role.Name));
        foreach (var connection in _connections.Where(row => _file.Connections.All(entry => entry.Name != row.Name)).ToList())
            _changes.Remove(prune, connection, AccessChange.Connection(connection.Name));
        foreach (var team in _teams.Where(team => !IsNamed(team)).ToList())
            _changes.Remove(prune, team, AccessChange.Team(team.Name));
    }

    private Team TeamOf(string name) => _teams.Single(team => team.Name == name && IsNamed(team));

    private bool IsNamed(Team team) => team.Provider == TeamEntry.GitHub && _file.Teams.Any(entry => entry.Subject == team.Subject);

    private bool IsNamed(DatabaseRole role) => _file.Connections.Any(connection => connection.Roles.Any(entry => entry.Name == role.Name));
}
