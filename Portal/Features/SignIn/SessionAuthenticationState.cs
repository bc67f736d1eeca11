using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Portal.Features.SignIn;

/// <summary>
/// Who is signed in at a circuit. It turns anonymous when the session is over: at once when this process ended it, else within
/// <see cref="Interval"/>.
/// </summary>
public sealed partial class SessionAuthenticationState(
    Sessions sessions, SessionEnds ends, TimeProvider time, ILogger<SessionAuthenticationState> logger) : ServerAuthenticationStateProvider, IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private static readonly Task<AuthenticationState> s_nobody = Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity())));
    private readonly CancellationTokenSource _closed = new();
    private IDisposable? _subscription;

    /// <summary>Watches over the session from now until disposed. For circuits alone: a plain request is over before its session.</summary>
    public async Task StartAsync()
    {
        if (await SessionAsync(GetAuthenticationStateAsync()) is not { } session)
            return;
        _subscription = ends.Subscribe(session, Leave);
        AuthenticationStateChanged += changed => _ = LeaveUnlessAsync(session, changed);
        if (await sessions.IsLiveAsync(session, _closed.Token))
            _ = WatchAsync(session);
        else
            Leave();
    }

    public void Dispose()
    {
        _subscription?.Dispose();
        _closed.Cancel();
        _closed.Dispose();
    }

    private void Leave() => SetAuthenticationState(s_nobody);

    // A browser that comes back to the circuit with another session gets a circuit of its own.
    private async Task LeaveUnlessAsync(Guid session, Task<AuthenticationState> changed)
    {
        if (changed != s_nobody && await SessionAsync(changed) != session)
            Leave();
    }

    private async Task WatchAsync(Guid session)
    {
        try
        {
            using var timer = new PeriodicTimer(Interval, time);
            while (await timer.WaitForNextTickAsync(_closed.Token))
            {
                if (!await IsLiveAsync(session))
                {
                    Leave();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The circuit is closed.
        }
    }

    private async Task<bool> IsLiveAsync(Guid session)
    {
        try
        {
            return await sessions.IsLiveAsync(session, _closed.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Nothing is given out on the strength of this: whoever issues looks again.
            Log.NotChecked(logger, session, exception);
            return true;
        }
    }

    private static async Task<Guid?> SessionAsync(Task<AuthenticationState> state) =>
        (await state).User is { Identity.IsAuthenticated: true } user ? Actor.Of(user).SessionId : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Session {SessionId} could not be looked up; looked up again in a moment")]
        public static partial void NotChecked(ILogger logger, Guid sessionId, Exception exception);
    }
}

/// <summary>Starts the watch when a circuit opens.</summary>
public sealed class SessionCircuit(AuthenticationStateProvider state) : CircuitHandler
{
    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken) =>
        state is SessionAuthenticationState session ? session.StartAsync() : Task.CompletedTask;
}
