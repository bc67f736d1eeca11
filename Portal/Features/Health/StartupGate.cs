using Portal.Shell;
using Portal.Vault;

namespace Portal.Features.Health;

/// <summary>
/// Closed until everything has been loaded that the portal cannot serve people without; then open for good, whatever
/// happens to Vault. Meanwhile it tries again and again and remembers why not yet.
/// </summary>
public sealed partial class StartupGate(IEnumerable<StartupStep> steps, TimeProvider time, ILogger<StartupGate> logger) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);
    private static readonly VaultTrouble s_starting = new("The portal is starting", "It is ready in a moment.", "");
    private static readonly VaultTrouble s_failing = new("The portal cannot start yet", "Something that it needs fails.", "The portal's log tells why.");

    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOpen { get; private set; }

    /// <summary>Why it is closed.</summary>
    public VaultTrouble Trouble { get; private set; } = s_starting;

    /// <summary>Completes when the first try has ended, either way.</summary>
    public Task Tried => _tried.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var step in steps)
            while (!await TryAsync(step, stoppingToken))
                await Task.Delay(s_pause, time, stoppingToken);
        IsOpen = true;
        _tried.TrySetResult();
    }

    private async Task<bool> TryAsync(StartupStep step, CancellationToken cancellationToken)
    {
        try
        {
            await step.LoadAsync(cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            var trouble = VaultFailureIn(exception) is { } failure ? VaultTrouble.Of(failure) : s_failing;
            if (trouble != Trouble)
                Log.NotYet(logger, step.Name, exception);
            Trouble = trouble;
            _tried.TrySetResult();
            return false;
        }
    }

    // Data Protection wraps what its key ring throws.
    private static VaultException? VaultFailureIn(Exception? exception) =>
        exception is null ? null : exception as VaultException ?? VaultFailureIn(exception.InnerException);

    private static partial class Log
    {
        [LoggerMessage(2111, LogLevel.Warning, "The {Step} could not be loaded yet; the portal says so and tries again.")]
        public static partial void NotYet(ILogger logger, string step, Exception exception);
    }
}
