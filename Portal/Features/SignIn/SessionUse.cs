using Microsoft.AspNetCore.SignalR;

namespace Portal.Features.SignIn;

/// <summary>
/// What people do on a page counts as use of their session: events and navigation. Acknowledged renderings and answers of the
/// page's script do not, though circuit handlers see them as inbound activity, too: a countdown would keep an open tab signed in.
/// </summary>
public sealed partial class SessionUse(Sessions sessions, TimeProvider time, ILogger<SessionUse> logger) : IHubFilter
{
    private static readonly object s_touchedAt = new();

    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        if (IsUse(invocationContext.HubMethodName, invocationContext.HubMethodArguments))
            await TouchAsync(invocationContext.Context);
        return await next(invocationContext);
    }

    /// <summary>Blazor's events come as a call of the renderer's <c>DispatchEventAsync</c>; a component's own calls from script bear other names.</summary>
    public static bool IsUse(string method, IReadOnlyList<object?> arguments) => method switch
    {
        "OnLocationChanged" => true,
        "BeginInvokeDotNetFromJS" => arguments is [_, _, "DispatchEventAsync", ..],
        _ => false,
    };

    private async Task TouchAsync(HubCallerContext connection)
    {
        var now = time.GetUtcNow();
        if (connection.User?.Identity is not { IsAuthenticated: true }
            || (connection.Items.TryGetValue(s_touchedAt, out var value) && value is DateTimeOffset at && now - at < Sessions.TouchInterval))
        {
            return;
        }

        connection.Items[s_touchedAt] = now;
        try
        {
            if (Actor.Of(connection.User).SessionId is { } session)
                await sessions.TouchAsync(session, connection.ConnectionAborted);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.NotTouched(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The use of a session could not be recorded")]
        public static partial void NotTouched(ILogger logger, Exception exception);
    }
}
