using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Ssh;
using Portal.Features.Teams;

namespace Portal.Features.Access;

/// <summary>The rows of SSH roles and their grants; a part of <see cref="PortalRows"/>.</summary>
public sealed class SshRows
{
    private readonly AccessFile _file;
    private readonly List<SshRole> _roles;
    private readonly List<SshGrant> _grants;
    private readonly RowChanges _changes;

    private SshRows(AccessFile file, List<SshRole> roles, List<SshGrant> grants, RowChanges changes)
    {
        (_file, _roles, _grants, _changes) = (file, roles, grants, changes);
        Own = [.. roles.Select(role => role.Name)];
    }

    /// <summary>The names of the roles that were there when loaded.</summary>
    public IReadOnlyList<string> Own { get; }

    public static async Task<SshRows> LoadAsync(PortalDb db, AccessFile file, RowChanges changes, CancellationToken cancellationToken) => new(
        file,
        await db.SshRoles.ToListAsync(cancellationToken),
        await db.SshGrants.Include(grant => grant.Team).ToListAsync(cancellationToken),
        changes);

    /// <param name="skipped">What Vault did not take: it and what hangs on it stay as they are.</param>
    /// <param name="teamOf">The row of a team that the file names.</param>
    public void Bring(bool prune, IReadOnlySet<string> skipped, Func<string, Team> teamOf)
    {
        foreach (var entry in _file.SshRoles.Where(role => !skipped.Contains(AccessChange.Role(role.Name))))
            Role(entry);
        var grants = _file.SshGrants.Select(entry => (Entry: entry, Team: teamOf(entry.Team))).ToList();
        foreach (var (entry, team) in grants.Where(grant => !skipped.Contains(AccessChange.Role(grant.Entry.Role))))
            Grant(entry, team);
        foreach (var grant in _grants.Where(row => !grants.Exists(grant => grant.Entry.Role == row.RoleName && grant.Team.Id == row.TeamId)).ToList())
            Unnamed(prune, grant);
        foreach (var role in _roles.Where(row => _file.SshRoles.All(entry => entry.Name != row.Name)).ToList())
            _changes.Remove(prune, role, AccessChange.Role(role.Name));
    }

    private void Role(SshRoleEntry entry)
    {
        var longest = (int)entry.Longest.TotalSeconds;
        if (_roles.Find(role => role.Name == entry.Name) is not { } row)
        {
            row = new SshRole
            {
                Name = entry.Name, Allows = entry.Allows, Hosts = entry.Hosts, Principals = [.. entry.Principals], Extensions = [.. entry.Extensions],
                MaxDurationSeconds = longest,
            };
            _roles.Add(row);
            _changes.Add(row, AccessChange.Role(entry.Name), $"principals {string.Join(", ", entry.Principals)}", $"longest {ShortDuration.Format(entry.Longest)}");
            return;
        }

        var details = new RowDetails();
        row.Allows = details.Set("allows", row.Allows, entry.Allows);
        row.Hosts = details.Set("hosts", row.Hosts, entry.Hosts);
        row.Principals = details.SetList("principals", row.Principals, entry.Principals, "none");
        row.Extensions = details.SetList("extensions", row.Extensions, entry.Extensions, "none");
        row.MaxDurationSeconds = details.SetDuration("longest", row.MaxDurationSeconds, longest);
        _changes.Change(AccessChange.Role(entry.Name), details);
    }

    private void Grant(GrantEntry entry, Team team)
    {
        var longest = (int)entry.Longest.TotalSeconds;
        var name = AccessChange.Grant(entry.Team, entry.Role);
        if (_grants.Find(grant => grant.TeamId == team.Id && grant.RoleName == entry.Role) is not { } row)
        {
            row = new SshGrant
            {
                Id = Guid.CreateVersion7(), TeamId = team.Id, RoleName = entry.Role, Principals = [.. entry.Principals], MaxDurationSeconds = longest,
                RequiresApproval = entry.Approval,
            };
            _grants.Add(row);
            string[] narrowed = entry.Principals.Count > 0 ? [$"principals {string.Join(", ", entry.Principals)}"] : [];
            string[] approval = entry.Approval ? ["needs approval"] : [];
            _changes.Add(row, name, [$"longest {ShortDuration.Format(entry.Longest)}", .. narrowed, .. approval]);
            return;
        }

        var details = new RowDetails();
        row.MaxDurationSeconds = details.SetDuration("longest", row.MaxDurationSeconds, longest);
        row.Principals = details.SetList("principals", row.Principals, entry.Principals, "all");
        row.RequiresApproval = details.Set("approval", row.RequiresApproval, entry.Approval);
        _changes.Change(name, details);
    }

    // A grant that stays never promises more than its role.
    private void Unnamed(bool prune, SshGrant grant)
    {
        var name = AccessChange.Grant(grant.Team.Name, grant.RoleName);
        if (_changes.Remove(prune, grant, name))
        {
            _changes.RemovedGrants.Add((grant.Id, name));
            return;
        }

        var details = new RowDetails();
        var most = _roles.Find(role => role.Name == grant.RoleName)?.MaxDurationSeconds ?? grant.MaxDurationSeconds;
        grant.MaxDurationSeconds = details.SetDuration("longest", grant.MaxDurationSeconds, Math.Min(most, grant.MaxDurationSeconds));
        _changes.Change(name, details);
    }
}
