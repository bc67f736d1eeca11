namespace Portal.Features.Health;

/// <summary>Keeps <see cref="HealthChecklist"/> up to date: often while something is broken, so that pages recover soon.</summary>
internal sealed partial class HealthRounds(HealthChecklist checklist, TimeProvider time, ILogger<HealthRounds> logger) : BackgroundService
{
    private static readonly TimeSpan s_whenFine = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_whenBroken = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var before = HealthStatus.Ok;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await checklist.RefreshAsync().WaitAsync(stoppingToken);
                Tell(before, checklist.Current);
                before = checklist.Current.Status;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.CheckFailed(logger, exception);
            }
            await Task.Delay(checklist.Current.Status == HealthStatus.Ok ? s_whenFine : s_whenBroken, time, stoppingToken);
        }
    }

    private void Tell(HealthStatus before, HealthSummary now)
    {
        if (now.Status == HealthStatus.Broken && before != HealthStatus.Broken)
            Log.Broken(logger, now.Message ?? "see the health page");
        if (now.Status != HealthStatus.Broken && before == HealthStatus.Broken)
            Log.Recovered(logger);
    }

    private static partial class Log
    {
        [LoggerMessage(2101, LogLevel.Error, "The portal's health could not be checked.")]
        public static partial void CheckFailed(ILogger logger, Exception exception);

        [LoggerMessage(2102, LogLevel.Warning, "Something is broken: {What}")]
        public static partial void Broken(ILogger logger, string what);

        [LoggerMessage(2103, LogLevel.Information, "Nothing is broken any more.")]
        public static partial void Recovered(ILogger logger);
    }
}
