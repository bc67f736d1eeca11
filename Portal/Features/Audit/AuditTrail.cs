using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Features.Audit;

/// <param name="Action">Such as <c>credential.issue</c>.</param>
/// <param name="Object">Kind and id, such as <c>credential 0193…</c>.</param>
/// <param name="Outcome"><c>ok</c>, <c>refused</c> or <c>failed</c>.</param>
public sealed record AuditEntry(
    string Action, Guid? ActorId, string ActorLogin, string Address, string Object, string Outcome, string? Detail = null);

/// <summary>Writes the audit trail. What happened and its event are one transaction: neither is there without the other.</summary>
public sealed class AuditTrail(IDbContextFactory<PortalDb> databases, AuditKey auditKey, TimeProvider time)
{
    private static readonly byte[] s_beforeTheFirst = new byte[32];

    /// <summary>Saves the context's changes with the event, inside the caller's transaction.</summary>
    /// <exception cref="InvalidOperationException">The caller has no transaction: two events could follow the same one.</exception>
    public async Task AppendAsync(PortalDb db, AuditEntry entry, CancellationToken cancellationToken)
    {
        if (db.Database.CurrentTransaction is null)
            throw new InvalidOperationException("Audit events are appended inside a transaction.");

        var key = await auditKey.GetAsync(cancellationToken);
        var last = await db.AuditEvents.OrderByDescending(audited => audited.Id)
            .Select(audited => new { audited.Id, audited.Hash })
            .FirstOrDefaultAsync(cancellationToken);
        var audited = new AuditEvent
        {
            Id = (last?.Id ?? 0) + 1,
            At = time.GetUtcNow(),
            Action = entry.Action,
            ActorId = entry.ActorId,
            ActorLogin = entry.ActorLogin,
            Address = entry.Address,
            Object = entry.Object,
            Outcome = entry.Outcome,
            Detail = entry.Detail,
        };
        audited.Hash = AuditChain.Hash(key, last?.Hash ?? s_beforeTheFirst, audited);
        db.Add(audited);
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>In a transaction of its own, for what changes nothing else.</summary>
    public Task AppendAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        databases.InTransactionAsync(db => AppendAsync(db, entry, cancellationToken), cancellationToken);

    /// <summary>The id of the first event that does not follow from the one before; null when the whole chain holds.</summary>
    public async Task<long?> FindBreakAsync(CancellationToken cancellationToken)
    {
        var key = await auditKey.GetAsync(cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var (expectedId, before) = (1L, s_beforeTheFirst);
        await foreach (var audited in db.AuditEvents.AsNoTracking().OrderBy(audited => audited.Id).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (audited.Id != expectedId || !audited.Hash.AsSpan().SequenceEqual(AuditChain.Hash(key, before, audited)))
                return expectedId;
            (expectedId, before) = (audited.Id + 1, audited.Hash);
        }

        return null;
    }
}
