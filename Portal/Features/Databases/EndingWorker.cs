using Microsoft.Extensions.Options;
using Portal.Features.Audit;

namespace Portal.Features.Databases;

/// <summary>Goes round and ends what is due: marked, forgotten while pending, or past its time.</summary>
public sealed partial class EndingWorker(
    CredentialEnding ending, AuditKey auditKey, IOptions<DatabasesOptions> options, TimeProvider time, ILogger<EndingWorker> logger) : BackgroundService
{
    private const int AtOnce = 8;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.EndingInterval, time);
        do
        {
            try
            {
                await RoundAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // The next round finds what this one left.
                Log.RoundFailed(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    public async Task RoundAsync(CancellationToken cancellationToken)
    {
        var due = await ending.FindDueAsync(cancellationToken);
        if (due.Count == 0)
            return;
        // Before a start is complete the key still has to come from Vault: not inside a transaction, where everybody else would wait for it.
        await auditKey.GetAsync(cancellationToken);
        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (id, _) => await ending.EndAsync(id));
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3201, Level = LogLevel.Error, Message = "A round of ending credentials failed.")]
        public static partial void RoundFailed(ILogger logger, Exception exception);
    }
}
