using Portal.Features.Audit;

namespace Portal.Features.AccessTokens;

/// <summary>Goes round: takes off the whitelist what is due, learns of new signing keys, and writes down which tokens were used.</summary>
public sealed partial class AccessTokenWorker(
    AccessTokenEnding ending,
    AccessTokenInventory inventory,
    AccessTokenUse use,
    SigningKeys keys,
    AuditKey auditKey,
    TimeProvider time,
    ILogger<AccessTokenWorker> logger) : BackgroundService
{
    private const int AtOnce = 8;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    private DateTimeOffset _keysAskedAt;

    public async Task RoundAsync(CancellationToken cancellationToken)
    {
        await TryAsync("uses", () => use.WriteAsync(cancellationToken), cancellationToken);
        await TryAsync("endings", () => EndAsync(cancellationToken), cancellationToken);
        await TryAsync("signing keys", () => RefreshKeysAsync(cancellationToken), cancellationToken);
        inventory.ForgetExpired();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await RoundAsync(stoppingToken);
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        var due = await ending.FindDueAsync(cancellationToken);
        if (due.Count == 0)
            return;
        // Not inside a transaction, where everybody else would wait for Vault.
        await auditKey.GetAsync(cancellationToken);
        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (id, _) => await ending.EndAsync(id));
    }

    private async Task RefreshKeysAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (now - _keysAskedAt < SigningKeys.Interval)
            return;
        _keysAskedAt = now;
        await keys.LoadAsync(cancellationToken);
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
        [LoggerMessage(EventId = 4201, Level = LogLevel.Warning, Message = "The {What} of access tokens could not be done this time; tried again.")]
        public static partial void NotThisTime(ILogger logger, string what, Exception exception);
    }
}
