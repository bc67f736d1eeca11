using System.Collections.Concurrent;
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
    TimeProvider time) : IDisposable
{
    private const int AtOnce = 100;
    private const int MostCalls = 16;
    private const int LongestWords = 1000;
    private static readonly TimeSpan s_withoutVault = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, ICloudVerifier> _verifiers = verifiers.ToDictionary(verifier => verifier.Type);
    private readonly ConcurrentDictionary<Guid, Lazy<Task<CloudVerdict?>>> _running = [];
    private readonly KeyedLocks _people = new();

    // Whoever asks for many at once waits: clouds limit those who call too often, and the portal is no tool to knock at addresses with.
    private readonly SemaphoreSlim _under = new(MostCalls, MostCalls);

    /// <summary>Whether any cloud can be asked about credentials of this type.</summary>
    public bool Knows(string type) => _verifiers.ContainsKey(type);

    /// <summary>Null when no cloud can be asked about this type.</summary>
    public async Task<CloudVerdict?> AskAsync(string type, IReadOnlyDictionary<string, string> values, CloudReader? reader, CancellationToken cancellationToken)
    {
        if (!_verifiers.TryGetValue(type, out var verifier))
            return null;
        // One after the other for each person, and few at once for all.
        using var alone = await _people.EnterAsync($"{reader?.Actor.UserId ?? Guid.CreateVersion7()}", cancellationToken);
        await _under.WaitAsync(cancellationToken);
        try
        {
            return await verifier.VerifyAsync(values, cancellationToken);
        }
        finally
        {
            _under.Release();
        }
    }

    /// <summary>Puts on record that somebody had a cloud asked about values that it did not find good, and that were not kept.</summary>
    /// <param name="reader">Who.</param>
    /// <param name="what">Name and team.</param>
    /// <param name="id">Of the credential; null for one that was about to be.</param>
    /// <param name="verdict">What the cloud said.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<CloudOutcome> RefuseAsync(CloudReader reader, string what, Guid? id, CloudVerdict verdict, CancellationToken cancellationToken)
    {
        await audit.AppendAsync(Entry(id is null ? "cloud credential" : $"cloud credential {id}", what, verdict, reader), cancellationToken);
        return new CloudOutcome.NotVerified(verdict);
    }

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

    /// <summary>Asks its cloud, and writes down what it says. Who asks while it is asked about gets the same answer.</summary>
    /// <param name="id">Of the credential.</param>
    /// <param name="reader">Who asks for it; null for the portal itself.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when it is gone, or nobody can read it.</returns>
    public Task<CloudVerdict?> CheckAsync(Guid id, CloudReader? reader, CancellationToken cancellationToken) =>
        _running.GetOrAdd(id, _ => new Lazy<Task<CloudVerdict?>>(() => CheckAloneAsync(id, reader))).Value.WaitAsync(cancellationToken);

    // Shared by all who ask meanwhile: none of them cancels it.
    private async Task<CloudVerdict?> CheckAloneAsync(Guid id, CloudReader? reader)
    {
        try
        {
            return await CheckRowAsync(id, reader, CancellationToken.None);
        }
        finally
        {
            _running.TryRemove(id, out _);
        }
    }

    private async Task<CloudVerdict?> CheckRowAsync(Guid id, CloudReader? reader, CancellationToken cancellationToken)
    {
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

        var verdict = read?.Document is { } document && document.Id == id ? await AskAsync(document.Type, document.Values, reader, cancellationToken) : null;
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
                await audit.AppendAsync(db, Entry($"cloud credential {id}", current.Name, verdict, reader), CancellationToken.None);
        });
        return verdict;
    }

    public void Dispose() => _under.Dispose();

    private Task ChangeAsync(Guid id, Func<PortalDb, CloudCredential, Task> change) => databases.InTransactionAsync(
        async db =>
        {
            if (await db.CloudCredentials.SingleOrDefaultAsync(row => row.Id == id && row.State == CloudState.Active) is { } row)
                await change(db, row);
        },
        CancellationToken.None);

    private static AuditEntry Entry(string about, string what, CloudVerdict verdict, CloudReader? reader) => new(
        "cloud.verify", reader?.Actor.UserId, reader?.Actor.Login ?? "portal", reader?.Actor.Address ?? "", about, verdict is CloudVerdict.Good ? "ok" : "failed",
        $"{what}: {Shorten(verdict switch { CloudVerdict.Bad bad => bad.Message, CloudVerdict.Unreachable away => away.Message, _ => "good" })}{reader?.Actor.Means}");

    private static string Shorten(string words) => words.Length <= LongestWords ? words : words[..LongestWords] + "…";
}
