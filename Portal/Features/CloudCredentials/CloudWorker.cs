using Portal.Features.Audit;

namespace Portal.Features.CloudCredentials;

/// <summary>Goes round: settles what a crash left between Vault and index, ends what is due, and asks clouds about what they were not asked for long.</summary>
public sealed partial class CloudWorker(
    CloudIndex index, CloudEnding ending, CloudVerification verification, AuditKey auditKey, TimeProvider time, ILogger<CloudWorker> logger) : BackgroundService
{
    private const int AtOnce = 4;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    /// <summary>Longer than any write at Vault takes.</summary>
    private static readonly TimeSpan s_underWay = TimeSpan.FromMinutes(2);

    // Who marked before this start is gone.
    private readonly DateTimeOffset _start = time.GetUtcNow();

    public async Task RoundAsync(CancellationToken cancellationToken)
    {
        await SettleAndEndAsync(cancellationToken);
        await VerifyAsync(cancellationToken);
    }

    // A slow cloud keeps nobody from being ended in time.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(RepeatAsync(SettleAndEndAsync, stoppingToken), RepeatAsync(VerifyAsync, stoppingToken));

    private async Task RepeatAsync(Func<CancellationToken, Task> round, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        do
        {
            await round(cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task SettleAndEndAsync(CancellationToken cancellationToken)
    {
        await TryAsync("settled", () => SettleAsync(cancellationToken), cancellationToken);
        await TryAsync("ended", () => EachAsync(ending.FindDueAsync, (id, _) => ending.EndAsync(id), cancellationToken), cancellationToken);
    }

    private Task VerifyAsync(CancellationToken cancellationToken) => TryAsync(
        "verified", () => EachAsync(verification.FindDueAsync, (id, token) => verification.CheckAsync(id, null, token), cancellationToken), cancellationToken);

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - s_underWay;
        foreach (var place in await index.FindMarkedAsync(before > _start ? before : _start, cancellationToken))
        {
            await auditKey.GetAsync(cancellationToken);
            // One that cannot be settled keeps no other from it.
            await TryAsync("settled", () => index.SettleAsync(place, cancellationToken), cancellationToken);
        }
    }

    private async Task EachAsync(Func<CancellationToken, Task<IReadOnlyList<Guid>>> find, Func<Guid, CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        var due = await find(cancellationToken);
        if (due.Count == 0)
            return;
        // Not inside a transaction, where everybody else would wait for Vault.
        await auditKey.GetAsync(cancellationToken);
        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (id, token) => await TryAsync("handled", () => act(id, token), token));
    }

    private async Task TryAsync(string what, Func<Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act();
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Log.NotThisTime(logger, what, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 6301, Level = LogLevel.Warning, Message = "Cloud credentials could not be {What} this time; tried again.")]
        public static partial void NotThisTime(ILogger logger, string what, Exception exception);
    }
}
