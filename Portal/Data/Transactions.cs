using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

public static class Transactions
{
    /// <summary>
    /// Runs the work in one transaction on a context of its own and commits. Sqlite's write lock is taken at the start, so what the work
    /// reads is still true when it writes.
    /// </summary>
    public static async Task<T> InTransactionAsync<T>(
        this IDbContextFactory<PortalDb> databases, Func<PortalDb, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var result = await work(db);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    /// <inheritdoc cref="InTransactionAsync{T}"/>
    public static Task InTransactionAsync(
        this IDbContextFactory<PortalDb> databases, Func<PortalDb, Task> work, CancellationToken cancellationToken) =>
        databases.InTransactionAsync(
            async db =>
            {
                await work(db);
                return true;
            },
            cancellationToken);
}
