using System.Collections.Immutable;

namespace Portal.Features.Credentials;

/// <summary>Tells open pages of this process that a person's credentials changed. Other replicas' pages learn it by their slow poll.</summary>
public sealed class CredentialChanges
{
    private ImmutableDictionary<Guid, ImmutableList<Action>> _subscribers = ImmutableDictionary<Guid, ImmutableList<Action>>.Empty;

    /// <param name="changed">Called on the thread of the change; must return at once and not throw.</param>
    public IDisposable Subscribe(Guid userId, Action changed)
    {
        Update(userId, actions => actions.Add(changed));
        return new Subscription(() => Update(userId, actions => actions.Remove(changed)));
    }

    public void Publish(Guid userId)
    {
        foreach (var changed in _subscribers.GetValueOrDefault(userId, []))
            changed();
    }

    private void Update(Guid userId, Func<ImmutableList<Action>, ImmutableList<Action>> change) =>
        ImmutableInterlocked.Update(ref _subscribers, subscribers =>
        {
            var actions = change(subscribers.GetValueOrDefault(userId, []));
            return actions.IsEmpty ? subscribers.Remove(userId) : subscribers.SetItem(userId, actions);
        });

    private sealed class Subscription(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
