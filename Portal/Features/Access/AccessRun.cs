using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.Teams;
using Portal.Shell;
using Portal.Vault;

namespace Portal.Features.Access;

/// <param name="Changes">What was changed, or would be in a dry run.</param>
/// <param name="Notes">What stays although the file does not name it, and why.</param>
/// <param name="Failures">What could not be done, by line of the file; all else was done.</param>
public sealed record AccessOutcome(IReadOnlyList<AccessChange> Changes, IReadOnlyList<string> Notes, IReadOnlyList<Mistake> Failures);

/// <summary>
/// Brings Vault and the portal's database to what a file says, writing differences only. First Vault's additions, then all rows in one
/// transaction, then Vault's deletions: whatever is in the database works at Vault, and a run that broke off is healed by the next.
/// </summary>
public sealed class AccessRun(
    IDbContextFactory<PortalDb> databases, VaultNames names, CredentialInventory inventory, AuditTrail audit, AuditKey auditKey)
{
    private const string Actor = "access file";

    /// <param name="vault">With the right to configure the portal's mounts.</param>
    /// <exception cref="VaultException">Vault cannot be read, or refuses.</exception>
    public async Task<AccessOutcome> PreviewAsync(AccessFile file, VaultAdmin vault, bool prune, CancellationToken cancellationToken)
    {
        await using var db = await OpenForPreviewAsync(cancellationToken);
        var plan = await PlanAsync(db, file, vault, prune, cancellationToken);
        if (plan.Conflicts.Count > 0)
            return new AccessOutcome([], [], plan.Conflicts);
        plan.Rows.Bring(prune, new HashSet<string>());
        var ends = new List<AccessChange>();
        foreach (var (id, name) in plan.Rows.RemovedGrants)
        {
            var count = await db.Credentials.CountAsync(
                credential => credential.GrantId == id && (credential.State == CredentialState.Active || credential.State == CredentialState.Pending),
                cancellationToken);
            ends.AddRange(Ends(name, count));
        }

        var leftovers = prune ? await LeftoversIn(vault).FindAsync(file, plan.Rows.Own, plan.Live, cancellationToken) : new([], []);
        return new AccessOutcome(
            AccessChange.Merge(file, plan.Rows.Changes, [.. ends, .. plan.Vault.Select(planned => planned.Difference.Change), .. leftovers.Deletions.Select(deletion => deletion.Change)]),
            [.. plan.Rows.Kept, .. leftovers.Waiting],
            []);
    }

    /// <inheritdoc cref="PreviewAsync"/>
    public async Task<AccessOutcome> ApplyAsync(AccessFile file, VaultAdmin vault, bool prune, CancellationToken cancellationToken)
    {
        // Both before anything is changed, and outside of the transaction: each may write to the database itself.
        await MigrateAsync(cancellationToken);
        await auditKey.GetAsync(cancellationToken);

        Plan plan;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
            plan = await PlanAsync(db, file, vault, prune, cancellationToken);
        if (plan.Conflicts.Count > 0)
            return new AccessOutcome([], [], plan.Conflicts);

        var (written, failures) = await WriteVaultAsync(plan, cancellationToken);
        var skipped = failures.Select(failure => failure.Part.Name).ToHashSet();
        var saved = await databases.InTransactionAsync(db => SaveAsync(db, file, prune, skipped, written, cancellationToken), cancellationToken);
        var leftovers = prune ? await DeleteAsync(file, vault, saved.Rows.Own, cancellationToken) : new([], []);
        return new AccessOutcome(
            AccessChange.Merge(file, saved.Changes, leftovers.Deletions.Select(deletion => deletion.Change)),
            [.. saved.Rows.Kept, .. leftovers.Waiting],
            [.. failures.Select(failure => new Mistake(failure.Part.Line, $"{failure.Part.Name}: {failure.Why}"))]);
    }

    private async Task<Plan> PlanAsync(PortalDb db, AccessFile file, VaultAdmin vault, bool prune, CancellationToken cancellationToken)
    {
        var rows = await PortalRows.LoadAsync(db, file, cancellationToken);
        var live = await PortalRows.CountLiveAsync(db, cancellationToken);
        if (rows.Conflicts(prune, live).ToList() is { Count: > 0 } conflicts)
            return new Plan(rows, live, [], conflicts);

        var (connections, roles) = (new VaultConnections(vault, names), Roles(vault));
        var differences = new List<Planned>();
        foreach (var entry in file.Connections)
        {
            var allowed = entry.Roles.Select(role => role.Name).Concat(prune ? [] : rows.RolesToKeep(entry.Name));
            var part = new Part(entry.Line, AccessChange.Connection(entry.Name));
            if (await connections.CompareAsync(entry, allowed, cancellationToken) is { } difference)
                differences.Add(new Planned(part, difference));
            foreach (var role in entry.Roles)
            {
                if (await roles.CompareAsync(entry, role, cancellationToken) is { } roleDifference)
                    differences.Add(new Planned(part, roleDifference));
            }
        }

        foreach (var role in file.SshRoles)
        {
            if (await SshRoles(vault).CompareAsync(role, cancellationToken) is { } difference)
                differences.Add(new Planned(new Part(role.Line, AccessChange.Role(role.Name)), difference));
        }

        return new Plan(rows, live, differences, []);
    }

    // A part that Vault does not take stops with its first failure; others go on.
    private static async Task<(IReadOnlyList<AccessChange> Written, IReadOnlyList<Failure> Failures)> WriteVaultAsync(Plan plan, CancellationToken cancellationToken)
    {
        var written = new List<AccessChange>();
        var failures = new List<Failure>();
        foreach (var (part, difference) in plan.Vault)
        {
            if (failures.Any(failure => failure.Part == part))
                continue;
            try
            {
                await difference.WriteAsync(cancellationToken);
                written.Add(difference.Change);
            }
            catch (VaultException exception)
            {
                failures.Add(new Failure(part, VaultWords.Of(exception)));
            }
        }

        return (written, failures);
    }

    // Rows are loaded again: they may have changed since the plan, and from here on nobody else writes.
    private async Task<(PortalRows Rows, IReadOnlyList<AccessChange> Changes)> SaveAsync(
        PortalDb db, AccessFile file, bool prune, IReadOnlySet<string> skipped, IReadOnlyList<AccessChange> written, CancellationToken cancellationToken)
    {
        var rows = await PortalRows.LoadAsync(db, file, cancellationToken);
        await FreeNamesAsync(db, file, cancellationToken);
        rows.Bring(prune, skipped);
        // The rows have these names now: for EF a swap of the old ones would be a circle without an order.
        foreach (var renamed in db.ChangeTracker.Entries<Team>().Where(team => team.State == EntityState.Modified && team.Property(row => row.Name).IsModified))
            renamed.Property(row => row.Name).OriginalValue = Placeholder(renamed.Entity.Subject);
        await db.SaveChangesAsync(cancellationToken);

        var ends = new List<AccessChange>();
        foreach (var (id, name) in rows.RemovedGrants)
            ends.AddRange(Ends(name, await inventory.EndAsync(db, credential => credential.GrantId == id, Actor, cancellationToken)));
        var changes = AccessChange.Merge(file, rows.Changes, [.. ends, .. written]);
        foreach (var change in changes)
        {
            var entry = new AuditEntry($"access.{Verb(change.Kind)}", null, Actor, "", change.Name, "ok", change.Details.Count > 0 ? Shorten(change.Detail) : null);
            await audit.AppendAsync(db, entry, cancellationToken);
        }

        return (rows, changes);
    }

    // Two teams that swap their names would meet the unique index half-way.
    private static async Task FreeNamesAsync(PortalDb db, AccessFile file, CancellationToken cancellationToken)
    {
        foreach (var entry in file.Teams)
        {
            await db.Teams.Where(team => team.Provider == TeamEntry.GitHub && team.Subject == entry.Subject && team.Name != entry.Name)
                .ExecuteUpdateAsync(set => set.SetProperty(team => team.Name, Placeholder(entry.Subject)), cancellationToken);
        }
    }

    private static string Placeholder(string subject) => $"renamed {subject}";

    private async Task<Leftovers> DeleteAsync(AccessFile file, VaultAdmin vault, OwnNames own, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, int> live;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
            live = await PortalRows.CountLiveAsync(db, cancellationToken);
        var leftovers = await LeftoversIn(vault).FindAsync(file, own, live, cancellationToken);
        foreach (var deletion in leftovers.Deletions)
            await deletion.WriteAsync(cancellationToken);
        return leftovers;
    }

    private VaultDatabaseRoles Roles(VaultAdmin vault) => new(vault, names);

    private VaultSshRoles SshRoles(VaultAdmin vault) => new(vault, names);

    private VaultLeftovers LeftoversIn(VaultAdmin vault) => new(vault, names, Roles(vault), SshRoles(vault));

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // Migrating takes a lock of its own even when there is nothing to do, and would wait for a portal that is writing.
        if ((await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
            await db.Database.MigrateAsync(cancellationToken);
    }

    // A preview creates no database: where none is, an empty one in memory stands for it.
    private async Task<PortalDb> OpenForPreviewAsync(CancellationToken cancellationToken)
    {
        var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Database.CanConnectAsync(cancellationToken)
            && (!db.Database.GetMigrations().Any() || (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).Any()))
            return db;

        await db.DisposeAsync();
        var empty = new PortalDb(new DbContextOptionsBuilder<PortalDb>().UseSqlite("Data Source=:memory:").Options);
        await empty.Database.OpenConnectionAsync(cancellationToken);
        await empty.Database.EnsureCreatedAsync(cancellationToken);
        return empty;
    }

    private static IEnumerable<AccessChange> Ends(string grant, int count) => count == 0
        ? []
        : [new AccessChange(ChangeKind.Removed, grant, [string.Create(CultureInfo.InvariantCulture, $"{count} credential{(count == 1 ? " ends" : "s end")}")])];

    private static string Verb(ChangeKind kind) => kind switch
    {
        ChangeKind.Added => "add",
        ChangeKind.Changed => "change",
        _ => "remove",
    };

    private static string Shorten(string detail) => detail.Length <= 2000 ? detail : detail[..1999] + "…";

    /// <summary>What Vault takes or refuses as a whole: a connection with its roles, or an SSH role.</summary>
    private sealed record Part(int Line, string Name);

    private sealed record Planned(Part Part, VaultDifference Difference);

    private sealed record Plan(
        PortalRows Rows, IReadOnlyDictionary<string, int> Live, IReadOnlyList<Planned> Vault, IReadOnlyList<Mistake> Conflicts);

    private sealed record Failure(Part Part, string Why);
}
