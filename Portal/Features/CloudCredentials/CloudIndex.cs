using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.SignIn;
using Portal.Vault;

namespace Portal.Features.CloudCredentials;

/// <summary>
/// Keeps the index in step with Vault, which has the say. Who changes something at Vault marks the place first, and records afterwards; a
/// mark that is left, as by a crash between the two, is settled by looking at Vault.
/// </summary>
public sealed partial class CloudIndex(
    IDbContextFactory<PortalDb> databases, CloudVault vault, CloudTypes types, CloudCheckTimes checks, AuditTrail audit, TimeProvider time, ILogger<CloudIndex> logger)
{
    private readonly KeyedLocks _places = new();

    /// <summary>Held by whoever changes something at Vault, from the look at the row until it is recorded: one at a time for each place.</summary>
    public Task<IDisposable> HoldAsync(CloudPlace place, CancellationToken cancellationToken) => _places.EnterAsync(place.Path, cancellationToken);

    /// <summary>In the caller's transaction.</summary>
    public CloudMark Mark(PortalDb db, CloudPlace place)
    {
        var mark = new CloudMark { Id = Guid.CreateVersion7(), TeamId = place.TeamId, Name = place.Name, At = time.GetUtcNow() };
        db.Add(mark);
        return mark;
    }

    /// <summary>In the caller's transaction: the version is in Vault, and the mark has done its work.</summary>
    public async Task<CloudCredential> RecordAsync(PortalDb db, CloudPlace place, CloudDocument document, int version, CloudMark? mark, CancellationToken cancellationToken)
    {
        // Perhaps added in this transaction: a query would not see it.
        var row = await db.CloudCredentials.FindAsync([document.Id], cancellationToken);
        if (row is null)
        {
            row = CloudCredential.Of(place, document);
            row.CheckNext(checks.First(row.Type));
            db.Add(row);
        }

        if (row.State == CloudState.Revoked)
            row.Reopen(time.GetUtcNow());
        if (row.State == CloudState.Active && version >= row.Version)
        {
            var before = row.Fields;
            row.Follow(document, version, types.Find(row.Type));
            if (before.Count > 0 && !Same(before, row.Fields))
                row.Unjudge(checks.First(row.Type));
        }

        await AddVersionAsync(db, document, version, cancellationToken);
        if (mark is not null)
            await db.CloudMarks.Where(known => known.Id == mark.Id).ExecuteDeleteAsync(cancellationToken);
        return row;
    }

    public async Task UnmarkAsync(CloudMark mark, CancellationToken cancellationToken) =>
        await databases.InTransactionAsync(db => db.CloudMarks.Where(known => known.Id == mark.Id).ExecuteDeleteAsync(cancellationToken), cancellationToken);

    /// <summary>Places whose index may not say what Vault says.</summary>
    /// <param name="before">Marked before; later ones may still be under way.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<CloudPlace>> FindMarkedAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.CloudMarks.Where(mark => mark.At <= before).Select(mark => new CloudPlace(mark.TeamId, mark.Name)).Distinct().ToListAsync(cancellationToken);
    }

    /// <summary>Makes the index say of one place what Vault says.</summary>
    /// <returns>Whether a credential is there.</returns>
    /// <exception cref="VaultException">Vault cannot be asked; the index stays as it is.</exception>
    public async Task<bool> SettleAsync(CloudPlace place, CancellationToken cancellationToken)
    {
        using var held = await HoldAsync(place, cancellationToken);
        return await SettleHeldAsync(place, cancellationToken);
    }

    /// <summary>The same for who holds the place.</summary>
    /// <inheritdoc cref="SettleAsync(CloudPlace, CancellationToken)"/>
    public async Task<bool> SettleHeldAsync(CloudPlace place, CancellationToken cancellationToken)
    {
        var seenAt = time.GetUtcNow();
        var numbers = await vault.ListVersionsAsync(place, cancellationToken);
        await using var known = await databases.CreateDbContextAsync(cancellationToken);
        var knownNumbers = await known.CloudCredentials.Where(row => row.TeamId == place.TeamId && row.Name == place.Name && row.State != CloudState.Revoked)
            .Join(known.CloudVersions, row => row.Id, version => version.CredentialId, (_, version) => version.Number).ToListAsync(cancellationToken);
        var missing = numbers.Except(knownNumbers).ToHashSet();
        var reads = new List<CloudRead>();
        // Latest first, and at least down to one that the portal wrote: it says whose the place is.
        foreach (var number in numbers.Reverse().Where(number => missing.Contains(number) || !reads.Exists(read => read.Document is not null)))
        {
            if (await vault.ReadAsync(place, number, null, cancellationToken) is { } read)
                reads.Insert(0, read);
        }

        return await databases.InTransactionAsync(db => SettleAsync(db, place, numbers, reads, seenAt, cancellationToken), cancellationToken);
    }

    private async Task<bool> SettleAsync(
        PortalDb db, CloudPlace place, IReadOnlyList<int> numbers, List<CloudRead> reads, DateTimeOffset seenAt, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var newest = numbers.Count > 0 ? numbers[^1] : 0;
        var latest = reads.LastOrDefault(read => read.Document is not null)?.Document;
        // A document that somebody copied here is that of another place.
        if (latest is not null && await db.CloudCredentials.FindAsync([latest.Id], cancellationToken) is { } known && (known.TeamId != place.TeamId || known.Name != place.Name))
            latest = null;
        var rows = await db.CloudCredentials
            .Where(row => row.TeamId == place.TeamId && row.Name == place.Name && row.State != CloudState.Revoked).ToListAsync(cancellationToken);
        foreach (var row in rows.Where(row => row.Id != latest?.Id && (reads.Count == 0 || latest is not null)))
        {
            // Its versions are gone, whoever removed them. Not so what was written while Vault was asked.
            if (row.ChangedAt >= seenAt)
                continue;
            row.End(CloudVersion.Outside, now);
            await NoteAsync(db, "cloud.settle", row.Id, place, "Vault has it no more", cancellationToken);
        }

        await db.SaveChangesAsync(cancellationToken);
        if (latest is not null)
        {
            var isNew = rows.TrueForAll(row => row.Id != latest.Id || row.Version < reads[^1].Version);
            CloudCredential row = null!;
            foreach (var read in reads.Where(read => read.Document?.Id == latest.Id))
                row = await RecordAsync(db, place, read.Document!, read.Version, null, cancellationToken);
            if (reads[^1] is { Document: null } foreign && foreign.Version > row.Version)
                await FollowForeignAsync(db, row, foreign.Version, now, cancellationToken);
            await db.CloudVersions.Where(version => version.CredentialId == latest.Id && version.Number <= newest && !numbers.Contains(version.Number))
                .ExecuteUpdateAsync(set => set.SetProperty(version => version.IsGone, true), cancellationToken);
            if (isNew)
            {
                // What its cloud said is lost with the index, or was about other values.
                row.CheckNext(checks.Now(row.Type));
                await NoteAsync(db, "cloud.settle", latest.Id, place, $"version {reads[^1].Version} is taken over from Vault", cancellationToken);
            }
        }

        await db.CloudMarks.Where(mark => mark.TeamId == place.TeamId && mark.Name == place.Name && mark.At <= seenAt).ExecuteDeleteAsync(cancellationToken);
        if (numbers.Count > 0 && latest is null)
            Log.NotOurs(logger, place.Path);
        return latest is not null;
    }

    private static async Task FollowForeignAsync(PortalDb db, CloudCredential row, int version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        row.FollowForeign(version, now);
        if (!await db.CloudVersions.AnyAsync(known => known.CredentialId == row.Id && known.Number == version, cancellationToken))
        {
            db.Add(new CloudVersion
            {
                CredentialId = row.Id, Number = version, At = now, ByProvider = "", BySubject = "", ByLogin = CloudVersion.Outside, Act = "written outside of the portal",
            });
        }
    }

    private static async Task AddVersionAsync(PortalDb db, CloudDocument document, int version, CancellationToken cancellationToken)
    {
        if (!db.ChangeTracker.Entries<CloudVersion>().Any(entry => entry.Entity.CredentialId == document.Id && entry.Entity.Number == version)
            && !await db.CloudVersions.AnyAsync(known => known.CredentialId == document.Id && known.Number == version, cancellationToken))
        {
            db.Add(CloudVersion.Of(document, version));
        }

        // What Vault dropped to keep this one.
        await db.CloudVersions.Where(known => known.CredentialId == document.Id && known.Number <= version - CloudVault.VersionsKept && !known.IsGone)
            .ExecuteUpdateAsync(set => set.SetProperty(known => known.IsGone, true), cancellationToken);
    }

    private static bool Same(IReadOnlyList<CloudFieldState> one, IReadOnlyList<CloudFieldState> other) =>
        one.Select(field => (field.Name, field.Since)).Order().SequenceEqual(other.Select(field => (field.Name, field.Since)).Order());

    private Task NoteAsync(PortalDb db, string action, Guid id, CloudPlace place, string detail, CancellationToken cancellationToken) =>
        audit.AppendAsync(db, new AuditEntry(action, null, "portal", "", $"cloud credential {id}", "ok", $"{place.Name} of team {place.TeamId}: {detail}"), cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(EventId = 6101, Level = LogLevel.Warning, Message = "What Vault keeps at {Path} was not written by the portal, and is not listed.")]
        public static partial void NotOurs(ILogger logger, string path);
    }
}
