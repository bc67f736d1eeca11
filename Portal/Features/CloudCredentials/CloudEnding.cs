using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.SignIn;
using Portal.Vault;

namespace Portal.Features.CloudCredentials;

/// <summary>
/// Revokes cloud credentials: refused at once, and all versions deleted from Vault, now or as soon as Vault lets it. Before anything is
/// deleted Vault is asked what is there: an index that lags, as one out of a backup, deletes nothing that it does not know.
/// </summary>
public sealed partial class CloudEnding(
    IDbContextFactory<PortalDb> databases, CloudAccess accesses, CloudVault vault, CloudIndex index, CloudCredentialList list, AuditTrail audit, TimeProvider time, ILogger<CloudEnding> logger)
{
    private const int AtOnce = 100;
    private const string ByDate = "its end date";
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMinutes(5);

    /// <param name="actor">Who asks.</param>
    /// <param name="team">The portal's name.</param>
    /// <param name="name">Of the credential.</param>
    /// <param name="id">The one that is meant, as a name may be used again; null for whichever it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Saved with <see cref="CloudState.Revoking"/> while Vault does not delete it.</returns>
    public async Task<CloudOutcome> RevokeAsync(Actor actor, string team, string name, Guid? id, CancellationToken cancellationToken)
    {
        var reader = await accesses.OfAsync(actor, now: true, cancellationToken);
        if (await list.FindRowAsync(reader, team, name, cancellationToken) is not var (row, teamName) || (id is not null && row.Id != id))
            return new CloudOutcome.NotFound();
        if (!reader.MayManage(row))
            return new CloudOutcome.NotAllowed(reader.WhyNot(row));
        var isMarked = await databases.InTransactionAsync(
            async db =>
            {
                if (!await accesses.StillMayAsync(db, reader, row.TeamId, row, cancellationToken))
                    return false;
                var current = await db.CloudCredentials.SingleAsync(current => current.Id == row.Id, cancellationToken);
                if (current.State == CloudState.Active)
                {
                    current.StartRevoking(actor.Login, time.GetUtcNow());
                    await audit.AppendAsync(
                        db, new AuditEntry("cloud.revoke", actor.UserId, actor.Login, actor.Address, $"cloud credential {row.Id}", "ok", $"{row.Name} of {teamName}{actor.Means}"),
                        cancellationToken);
                }

                return true;
            },
            cancellationToken);
        if (!isMarked)
            return new CloudOutcome.NotFound();
        await EndAsync(row.Id);
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        return new CloudOutcome.Saved(CloudCredentialView.Of(await db.CloudCredentials.AsNoTracking().SingleAsync(current => current.Id == row.Id, CancellationToken.None), teamName, mayManage: true), null);
    }

    /// <summary>Ids of those that are being revoked, and of those whose end date has come.</summary>
    public async Task<IReadOnlyList<Guid>> FindDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.CloudCredentials
            .Where(row => (row.State == CloudState.Revoking || (row.State == CloudState.Active && row.EndsAt <= now)) && (row.NextAttemptAt == null || row.NextAttemptAt <= now))
            .OrderBy(row => row.NextAttemptAt).Select(row => row.Id).Take(AtOnce).ToListAsync(cancellationToken);
    }

    /// <summary>Deletes it from Vault, if it still is what the index says. Never throws for Vault; it is tried again.</summary>
    public async Task EndAsync(Guid id)
    {
        var known = await LoadAsync(id);
        var place = new CloudPlace(known.TeamId, known.Name);
        using var held = await index.HoldAsync(place, CancellationToken.None);
        try
        {
            await EndHeldAsync(id, place);
        }
        catch (VaultException exception)
        {
            await ChangeAsync(id, (_, current) =>
            {
                current.RetryRevoking(time.GetUtcNow() + Delay(current.Attempts));
                return Task.CompletedTask;
            });
            Log.StillThere(logger, id, exception.Message);
        }
    }

    private async Task EndHeldAsync(Guid id, CloudPlace place)
    {
        var row = await LoadAsync(id);
        if (row.State == CloudState.Revoked || (row.State == CloudState.Active && !row.IsDue(time.GetUtcNow())))
            return;
        var numbers = await vault.ListVersionsAsync(place, CancellationToken.None);
        var latest = await ReadLatestAsync(place, id, numbers);
        if (row.State == CloudState.Active)
        {
            if (latest?.Id != id || !(latest.EndsAt <= time.GetUtcNow()))
            {
                // Vault knows of another end, or of nothing: the index has to learn that first.
                await index.SettleHeldAsync(place, CancellationToken.None);
                await PutOffAsync(id);
                return;
            }

            await ChangeAsync(id, (_, current) =>
            {
                current.StartRevoking(ByDate, time.GetUtcNow());
                return Task.CompletedTask;
            });
        }

        // What is there may be another's by now: a name is used again, or an index out of a backup does not know.
        if (latest is null ? numbers.Count == 0 || await KnowsAsync(id, numbers) : latest.Id == id)
            await vault.DeleteAsync(place, new OnBehalfOf(row.EndedBy is { } by && by != ByDate ? by : "portal", id), CancellationToken.None);
        await FinishAsync(id);
    }

    // The latest one that the portal can read says whose the place is.
    private async Task<CloudDocument?> ReadLatestAsync(CloudPlace place, Guid id, IReadOnlyList<int> numbers)
    {
        foreach (var number in numbers.Reverse())
        {
            if ((await vault.ReadAsync(place, number, new OnBehalfOf("portal", id), CancellationToken.None))?.Document is { } document)
                return document;
        }

        return null;
    }

    private async Task<bool> KnowsAsync(Guid id, IReadOnlyList<int> numbers)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.CloudVersions.AnyAsync(version => version.CredentialId == id && numbers.Contains(version.Number));
    }

    private async Task<CloudCredential> LoadAsync(Guid id)
    {
        await using var db = await databases.CreateDbContextAsync();
        return await db.CloudCredentials.AsNoTracking().SingleAsync(row => row.Id == id);
    }

    private Task PutOffAsync(Guid id) => ChangeAsync(id, (_, current) =>
    {
        if (current.State == CloudState.Active && current.EndsAt <= time.GetUtcNow())
            current.RetryRevoking(time.GetUtcNow() + Delay(current.Attempts));
        return Task.CompletedTask;
    });

    private Task FinishAsync(Guid id) => ChangeAsync(id, (db, row) =>
    {
        row.End(ByDate, time.GetUtcNow());
        return audit.AppendAsync(
            db, new AuditEntry("cloud.revoked", null, "portal", "", $"cloud credential {id}", "ok", $"{row.Name}: {row.EndedBy}"), CancellationToken.None);
    });

    private Task ChangeAsync(Guid id, Func<PortalDb, CloudCredential, Task> change) => databases.InTransactionAsync(
        async db =>
        {
            var row = await db.CloudCredentials.SingleAsync(row => row.Id == id);
            if (row.State != CloudState.Revoked)
                await change(db, row);
        },
        CancellationToken.None);

    private static TimeSpan Delay(int attempts) => attempts >= 6 ? s_longestDelay : s_firstDelay * Math.Pow(2, attempts);

    private static partial class Log
    {
        [LoggerMessage(EventId = 6201, Level = LogLevel.Warning, Message = "Cloud credential {Credential} is revoked, but still in Vault; deleted later: {Why}")]
        public static partial void StillThere(ILogger logger, Guid credential, string why);
    }
}
