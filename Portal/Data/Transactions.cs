using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

public static class Transactions
{
    /// <summary>
    /// Runs the work in one transaction and commits. The write lock is taken at the start, so what the work reads is still true when it
    /// writes. Others may share the transaction, see <see cref="SharedCommit"/>: the work is quick and waits for nothing but the database.
    /// </summary>
    public static Task<T> InTransactionAsync<T>(
        this IDbContextFactory<PortalDb> databases, Func<PortalDb, Task<T>> work, CancellationToken cancellationToken) =>
        SharedCommit.Of(databases).RunAsync(work, cancellationToken);

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
