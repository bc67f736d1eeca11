using System.Threading.Channels;

namespace Portal.Features.SignIn;

/// <summary>Deletes sessions that are over, and the GitHub tokens that nobody needs any more: every minute, and when woken.</summary>
public sealed partial class SessionSweep(Sessions sessions, GitHubTokens tokens, TimeProvider time, ILogger<SessionSweep> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    // Many wishes are one.
    private readonly Channel<bool> _wishes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Wake() => _wishes.Writer.TryWrite(true);

    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await sessions.ExpireAsync(cancellationToken);
        await tokens.DiscardUnusedAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var timer = time.CreateTimer(_ => Wake(), null, s_interval, s_interval);
        await foreach (var _ in _wishes.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Sessions could not be swept; tried again within a minute")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
