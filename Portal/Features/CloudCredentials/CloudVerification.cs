using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.SignIn;
using Portal.Vault;

namespace Portal.Features.CloudCredentials;

/// <summary>Asks clouds about credentials: new ones before they are kept, kept ones on demand and by and by.</summary>
public sealed class CloudVerification(
    IDbContextFactory<PortalDb> databases,
    IEnumerable<ICloudVerifier> verifiers,
    CloudVault vault,
    CloudAccess accesses,
    CloudCredentialList list,
    CloudCheckTimes checks,
    AuditTrail audit,
    TimeProvider time)
{
    private const int AtOnce = 100;
    private static readonly TimeSpan s_withoutVault = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, ICloudVerifier> _verifiers = verifiers.ToDictionary(verifier => verifier.Type);
    private readonly KeyedLocks _locks = new();

    /// <summary>Whether any cloud can be asked about credentials of this type.</summary>
    public bool Knows(string type) => _verifiers.ContainsKey(type);

    /// <summary>Null when no cloud can be asked about this type.</summary>
    public async Task<CloudVerdict?> AskAsync(string type, IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken) =>
        _verifiers.TryGetValue(type, out var verifier) ? await verifier.VerifyAsync(values, cancellationToken) : null;

    /// <summary>On demand, by anybody who may see it.</summary>
    /// <exception cref="VaultException">Vault does not hand out the values.</exception>
    public async Task<CloudOutcome> VerifyAsync(Actor actor, string team, string name, CancellationToken cancellationToken)
    {
        var reader = await accesses.OfAsync(actor, now: true, cancellationToken);
        if (await list.FindRowAsync(reader, team, name, cancellationToken) is not var (row, teamName))
            return new CloudOutcome.NotFound();
        if (!Knows(row.Type))
            return new CloudOutcome.Rejected(new Dictionary<string, string> { ["type"] = $"No cloud can be asked about credentials of type {row.Type}." });
        var verdict = await CheckAsync(row.Id, reader, cancellationToken);
        return await list.FindRowAsync(reader, team, name, cancellationToken) is var (now, _)
            ? new CloudOutcome.Saved(CloudCredentialView.Of(now, teamName, reader.MayManage(now)), verdict)
            : new CloudOutcome.NotFound();
    }

    /// <summary>Ids of those whose time it is.</summary>
    public async Task<IReadOnlyList<Guid>> FindDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.CloudCredentials.Where(row => row.State == CloudState.Active && row.NextCheckAt <= now)
            .OrderBy(row => row.NextCheckAt).Select(row => row.Id).Take(AtOnce).ToListAsync(cancellationToken);
    }

    /// <summary>Asks its cloud, and writes down what it says. One call at a time for each.</summary>
    /// <param name="id">Of the credential.</param>
    /// <param name="reader">Who asks for it; null for the portal itself.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when it is gone, or nobody can read it.</returns>
    public async Task<CloudVerdict?> CheckAsync(Guid id, CloudReader? reader, CancellationToken cancellationToken)
    {
        using var alone = await _locks.EnterAsync(id.ToString(), cancellationToken);
        CloudCredential? row;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
            row = await db.CloudCredentials.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && row.State == CloudState.Active, cancellationToken);
        if (row is null)
            return null;
        CloudRead? read;
        try
        {
            read = await vault.ReadAsync(new(row.TeamId, row.Name), null, new OnBehalfOf(reader?.Actor.Login ?? "portal", id), cancellationToken);
        }
        catch (VaultException) when (reader is null)
        {
            await ChangeAsync(id, (_, current) =>
            {
                current.CheckNext(time.GetUtcNow() + s_withoutVault);
                return Task.CompletedTask;
            });
            return null;
        }

        var verdict = read?.Document is { } document && document.Id == id ? await AskAsync(document.Type, document.Values, cancellationToken) : null;
        await ChangeAsync(id, async (db, current) =>
        {
            // Values that were changed meanwhile were not asked about.
            if (verdict is null || current.Version != read!.Version)
            {
                current.CheckNext(checks.First(current.Type));
                return;
            }

            var before = current.Standing;
            current.Judge(verdict, time.GetUtcNow(), checks.After(verdict));
            if (reader is not null || before != current.Standing)
                await audit.AppendAsync(db, Entry(current, verdict, reader), CancellationToken.None);
        });
        return verdict;
    }

    private Task ChangeAsync(Guid id, Func<PortalDb, CloudCredential, Task> change) => databases.InTransactionAsync(
        async db =>
        {
            if (await db.CloudCredentials.SingleOrDefaultAsync(row => row.Id == id && row.State == CloudState.Active) is { } row)
                await change(db, row);
        },
        CancellationToken.None);

    private static AuditEntry Entry(CloudCredential row, CloudVerdict verdict, CloudReader? reader) => new(
        "cloud.verify", reader?.Actor.UserId, reader?.Actor.Login ?? "portal", reader?.Actor.Address ?? "", $"cloud credential {row.Id}",
        verdict is CloudVerdict.Good ? "ok" : "failed",
        $"{row.Name}: {verdict switch { CloudVerdict.Bad bad => bad.Message, CloudVerdict.Unreachable away => away.Message, _ => "good" }}{reader?.Actor.Means}");
}
