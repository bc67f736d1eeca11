using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Ssh;

namespace Portal.Tests.Data;

/// <summary>Many writers at once on a real file.</summary>
public sealed class TransactionTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("portal-transactions-");
    private readonly Databases _databases;

    public TransactionTests() => _databases = new(Path.Combine(_folder.FullName, "portal.db"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await using var db = _databases.CreateDbContext();
        await db.Database.MigrateAsync(Cancel);
    }

    public ValueTask DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Of_many_at_once_each_sees_what_those_before_it_wrote()
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => AddAsync($"{i}")));

        counts.Order().ShouldBe(Enumerable.Range(0, 200));
        (await NamesAsync()).Count.ShouldBe(200);
    }

    [Fact]
    public async Task One_that_fails_leaves_nothing_and_disturbs_nobody()
    {
        var all = Enumerable.Range(0, 60).Select(i => i % 3 == 0 ? FailAsync($"{i}") : AddAsync($"{i}")).ToList();
        await Task.WhenAll(all).ContinueWith(_ => { }, Cancel, TaskContinuationOptions.None, TaskScheduler.Default);

        all.Where((_, i) => i % 3 == 0).ShouldAllBe(task => task.Exception!.InnerException is InvalidOperationException);
        (await NamesAsync()).ShouldBe(Enumerable.Range(0, 60).Where(i => i % 3 != 0).Select(i => $"{i}"), ignoreOrder: true);
    }

    [Fact]
    public async Task What_the_database_refuses_to_one_it_refuses_to_that_one()
    {
        await AddAsync("twice");

        var (again, other) = (AddAsync("twice"), AddAsync("other"));

        await Should.ThrowAsync<DbUpdateException>(() => again);
        await other;
        (await NamesAsync()).ShouldBe(["twice", "other"], ignoreOrder: true);
    }

    [Fact]
    public async Task Nothing_is_told_before_it_is_committed()
    {
        var inside = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var holding = _databases.InTransactionAsync(
            async db =>
            {
                inside.SetResult();
                await goOn.Task;
                db.Add(Row("held"));
            },
            Cancel);
        await inside.Task;
        var waiting = AddAsync("after");

        (await NamesAsync()).ShouldBeEmpty();
        (holding.IsCompleted, waiting.IsCompleted).ShouldBe((false, false));
        goOn.SetResult();
        await Task.WhenAll(holding, waiting);
        (await NamesAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_full_disk_fails_those_who_share_it_in_a_databases_words_and_is_over_when_there_is_room()
    {
        var (inside, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = _databases.InTransactionAsync(
            _ =>
            {
                inside.SetResult();
                return goOn.Task;
            },
            Cancel);
        await inside.Task;
        var filling = _databases.InTransactionAsync(
            async db =>
            {
                // Sqlite rolls back the whole transaction, savepoints and all.
                await db.Database.ExecuteSqlRawAsync("PRAGMA max_page_count = 1", Cancel);
                db.Add(new SshAuthority { Fingerprint = "big", PublicKey = new string('x', 1_000_000) });
                await db.SaveChangesAsync(Cancel);
            },
            Cancel);
        var sharing = AddAsync("sharing");
        goOn.SetResult();
        await first;

        await Should.ThrowAsync<DbUpdateException>(() => filling);
        await Should.ThrowAsync<DbUpdateException>(() => sharing);
        SqliteConnection.ClearAllPools();
        await AddAsync("after");
        (await NamesAsync()).ShouldBe(["after"]);
    }

    [Fact]
    public async Task A_transaction_within_one_is_refused_instead_of_waiting_for_itself()
    {
        await Should.ThrowAsync<InvalidOperationException>(() => _databases.InTransactionAsync(_ => AddAsync("inner"), Cancel));
        await AddAsync("after");
        (await NamesAsync()).ShouldBe(["after"]);
    }

    [Fact]
    public async Task Who_gave_up_while_waiting_wrote_nothing()
    {
        using var gaveUp = new CancellationTokenSource();
        await gaveUp.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => _databases.InTransactionAsync(db => Task.FromResult(db.Add(Row("no"))), gaveUp.Token));

        (await NamesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_work_belongs_to_the_trace_of_who_asked()
    {
        var seen = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            using var activity = new Activity($"{i}").Start();
            return await _databases.InTransactionAsync(_ => Task.FromResult((i, Activity.Current?.OperationName)), Cancel);
        }));

        seen.ShouldAllBe(pair => pair.OperationName == $"{pair.i}");
    }

    private Task<int> AddAsync(string name) => _databases.InTransactionAsync(
        async db =>
        {
            var before = await db.SshAuthorities.CountAsync(Cancel);
            db.Add(Row(name));
            return before;
        },
        Cancel);

    private Task<int> FailAsync(string name) => _databases.InTransactionAsync<int>(
        async db =>
        {
            db.Add(Row(name));
            await db.SaveChangesAsync(Cancel);
            throw new InvalidOperationException();
        },
        Cancel);

    private async Task<List<string>> NamesAsync()
    {
        await using var db = _databases.CreateDbContext();
        return await db.SshAuthorities.Select(row => row.Fingerprint).ToListAsync(Cancel);
    }

    private static SshAuthority Row(string name) => new() { Fingerprint = name, PublicKey = "" };

    private sealed class Databases(string file) : IDbContextFactory<PortalDb>
    {
        private readonly DbContextOptions<PortalDb> _options = new DbContextOptionsBuilder<PortalDb>().UseSqlite($"Data Source={file}").Options;

        public PortalDb CreateDbContext() => new(_options);
    }
}
