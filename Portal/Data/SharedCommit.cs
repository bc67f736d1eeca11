using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>
/// Sqlite has one writer at a time, and each commit waits for the disk. Who comes while another writes waits here, and then shares one
/// transaction and its commit with all who wait: one after the other, each behind a savepoint, so that the failure of one undoes that one alone.
/// </summary>
internal sealed class SharedCommit(IDbContextFactory<PortalDb> databases)
{
    // One transaction stays short, whatever waits.
    private const int AtOnce = 50;
    private const string Savepoint = "turn";

    private static readonly ConditionalWeakTable<IDbContextFactory<PortalDb>, SharedCommit> s_all = [];
    private static readonly AsyncLocal<bool> s_isInside = new();

    private readonly ConcurrentQueue<Turn> _waiting = [];
    private int _isRunning;

    /// <summary>The one of a factory, and so of a process and its database.</summary>
    public static SharedCommit Of(IDbContextFactory<PortalDb> databases) => s_all.GetValue(databases, key => new(key));

    /// <summary>Completes when the work is committed; work that throws leaves nothing behind.</summary>
    /// <exception cref="InvalidOperationException">It is work within work, which would wait for itself.</exception>
    public async Task<T> RunAsync<T>(Func<PortalDb, Task<T>> work, CancellationToken cancellationToken)
    {
        if (s_isInside.Value)
            throw new InvalidOperationException("A transaction is under way here: use its context.");
        var turn = new Turn<T>(work, cancellationToken);
        _waiting.Enqueue(turn);
        // Not on the dispatcher of who asks: a page would then write for all.
        ThreadPool.UnsafeQueueUserWorkItem(static shared => _ = shared.DrainAsync(), this, preferLocal: false);
        return await turn.Committed;
    }

    private async Task DrainAsync()
    {
        while (!_waiting.IsEmpty && Interlocked.Exchange(ref _isRunning, 1) == 0)
        {
            var turns = new List<Turn>();
            while (turns.Count < AtOnce && _waiting.TryDequeue(out var turn))
                turns.Add(turn);
            await RunAsync(turns);
            Interlocked.Exchange(ref _isRunning, 0);
        }
    }

    private async Task RunAsync(IReadOnlyList<Turn> turns)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync();
            await using var transaction = await db.Database.BeginTransactionAsync();
            foreach (var turn in turns)
            {
                await transaction.CreateSavepointAsync(Savepoint);
                if (!await turn.TryAsync(db))
                    await transaction.RollbackToSavepointAsync(Savepoint);
                await transaction.ReleaseSavepointAsync(Savepoint);
                db.ChangeTracker.Clear();
            }

            await transaction.CommitAsync();
        }
        catch (Exception failure)
        {
            // A full disk, say, ends the whole transaction, and what it is asked next fails in other words. Callers know those of a database.
            var lost = failure is DbException or DbUpdateException ? failure : new DbUpdateException("The database took back the transaction.", failure);
            foreach (var turn in turns)
                turn.Fail(lost);
            return;
        }

        foreach (var turn in turns)
            turn.Complete();
    }

    private abstract class Turn
    {
        // Traces and log scopes of who asked, not of who happens to write.
        private readonly ExecutionContext? _context = ExecutionContext.Capture();

        public async Task<bool> TryAsync(PortalDb db)
        {
            try
            {
                Task? work = null;
                if (_context is null)
                    work = WorkAsync(db);
                else
                    ExecutionContext.Run(_context, _ => work = WorkAsync(db), null);
                await work!;
                return true;
            }
            catch (Exception failure)
            {
                Fail(failure);
                return false;
            }
        }

        public abstract void Complete();

        public abstract void Fail(Exception failure);

        protected abstract Task WorkAsync(PortalDb db);
    }

    private sealed class Turn<T>(Func<PortalDb, Task<T>> work, CancellationToken cancellationToken) : Turn
    {
        private readonly TaskCompletionSource<T> _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Committed => _committed.Task;

        public override void Complete() => _committed.TrySetResult(_result);

        public override void Fail(Exception failure) => _committed.TrySetException(failure);

        protected override async Task WorkAsync(PortalDb db)
        {
            cancellationToken.ThrowIfCancellationRequested();
            s_isInside.Value = true;
            _result = await work(db);
            await db.SaveChangesAsync(cancellationToken);
        }
    }
}
