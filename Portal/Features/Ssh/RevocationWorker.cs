using Microsoft.Extensions.Options;
using Portal.Features.Audit;

namespace Portal.Features.Ssh;

/// <summary>
/// Goes round: ends what is due, takes over what other replicas revoked, makes the list anew now and then, and learns of a new authority.
/// </summary>
public sealed partial class RevocationWorker(
    CertificateEnding ending,
    RevocationList list,
    SshAuthorities authorities,
    AuditKey auditKey,
    IOptions<SshOptions> options,
    TimeProvider time,
    ILogger<RevocationWorker> logger) : BackgroundService
{
    private DateTimeOffset _madeAt = DateTimeOffset.MinValue;

    public async Task RoundAsync(CancellationToken cancellationToken)
    {
        await TryAsync("endings", () => EndAsync(cancellationToken), cancellationToken);
        await TryAsync("revocation list", () => RefreshListAsync(cancellationToken), cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Both from the database alone: hosts get list and authority also from a portal that starts while Vault is away.
        await TryAsync("revocation list", () => RefreshListAsync(stoppingToken), stoppingToken);
        await TryAsync("authority", () => authorities.LoadAsync(stoppingToken), stoppingToken);
        await Task.WhenAll(
            RepeatAsync(options.Value.EndingInterval, RoundAsync, stoppingToken),
            RepeatAsync(options.Value.RebuildInterval, RefreshAuthorityAsync, stoppingToken));
    }

    private async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, Task> act, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        do
            await act(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        if (!await ending.IsAnyDueAsync(cancellationToken))
            return;
        // Not inside a transaction, where everybody else would wait for Vault.
        await auditKey.GetAsync(cancellationToken);
        await ending.EndDueAsync(cancellationToken);
    }

    private async Task RefreshListAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!list.IsStale && now - _madeAt < options.Value.RebuildInterval && !await list.IsBehindAsync(cancellationToken))
            return;
        await list.RebuildAsync(cancellationToken);
        _madeAt = now;
    }

    // Vault is asked apart from the rounds: they do not wait for it.
    private Task RefreshAuthorityAsync(CancellationToken cancellationToken) =>
        TryAsync("authority", () => authorities.RefreshAsync(cancellationToken), cancellationToken);

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
        [LoggerMessage(EventId = 5201, Level = LogLevel.Warning, Message = "The {What} of SSH could not be done this time; tried again.")]
        public static partial void NotThisTime(ILogger logger, string what, Exception exception);
    }
}
