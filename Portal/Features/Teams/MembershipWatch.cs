using Microsoft.Extensions.Options;
using Portal.Features.AccessTokens;
using Portal.Features.SignIn;

namespace Portal.Features.Teams;

/// <summary>Confirms the memberships of everybody with a live session or access token, every <c>SignIn:MembershipInterval</c>.</summary>
public sealed partial class MembershipWatch(
    Sessions sessions,
    AccessTokenInventory tokens,
    MembershipRefresh refresh,
    IOptions<SignInOptions> options,
    TimeProvider time,
    ILogger<MembershipWatch> logger) : BackgroundService
{
    private const int AtOnce = 4;

    public async Task RunOnceAsync(CancellationToken cancellationToken) =>
        await Parallel.ForEachAsync(
            (await sessions.ListUsersAsync(cancellationToken)).Union(await tokens.ListOwnersAsync(cancellationToken)),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (user, cancel) => await TryAsync(user, cancel));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.MembershipInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.RoundFailed(logger, exception);
            }
        }
    }

    private async Task TryAsync(Guid user, CancellationToken cancellationToken)
    {
        try
        {
            await refresh.RefreshAsync(user, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.UserFailed(logger, user, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Memberships could not be confirmed this time; tried again at the next interval")]
        public static partial void RoundFailed(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "Memberships of user {UserId} could not be confirmed this time; tried again at the next interval")]
        public static partial void UserFailed(ILogger logger, Guid userId, Exception exception);
    }
}
