using System.Collections.Concurrent;

namespace Portal.Features.SignIn;

/// <summary>Tells open circuits of this process at once that their session ended; other processes notice at their next look.</summary>
public sealed class SessionEnds
{
    private readonly ConcurrentDictionary<(Guid Session, object Subscriber), Action> _subscribers = [];

    public IDisposable Subscribe(Guid sessionId, Action ended)
    {
        var key = (sessionId, new object());
        _subscribers[key] = ended;
        return new Subscription(() => _subscribers.TryRemove(key, out _));
    }

    /// <summary>Call after the rows are gone for good, not within the transaction.</summary>
    public void Publish(IEnumerable<Guid> sessionIds)
    {
        var ended = sessionIds.ToHashSet();
        foreach (var (key, notify) in _subscribers)
        {
            if (ended.Contains(key.Session))
                notify();
        }
    }

    private sealed class Subscription(Action unsubscribe) : IDisposable
    {
        public void Dispose() => unsubscribe();
    }
}
