namespace Portal.Sandbox.Vault;

/// <summary>Something that ends at a time; the queue calls it then, once for every time that was set.</summary>
internal sealed class Deadline(Func<Task> onEnd)
{
    public Func<Task> OnEnd { get; } = onEnd;

    /// <summary>The queue's own: where it stands in the order.</summary>
    public (long Ticks, long Number)? Place { get; set; }
}

/// <summary>All deadlines in order, with one timer for the first of them.</summary>
internal sealed class ExpiryQueue : IDisposable
{
    // Timers hold no more than 49 days.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly DeadlineOrder _order = [];
    private readonly SemaphoreSlim _workers = new(64);
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Action<Exception> _onFailure;
    private TaskCompletionSource _idle = NewSignal();
    private int _running;
    private long _number;
    private bool _isPaused;
    private bool _isDisposed;

    public ExpiryQueue(TimeProvider time, Action<Exception> onFailure)
    {
        _time = time;
        _onFailure = onFailure;
        _timer = time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Set(Deadline deadline, DateTimeOffset when)
    {
        lock (_lock)
        {
            Remove(deadline);
            deadline.Place = (when.UtcTicks, ++_number);
            _order.Add(deadline.Place.Value, deadline);
            if (_order.Min.Place != deadline.Place)
                return;
        }

        Fire();
    }

    public void Clear(Deadline deadline)
    {
        lock (_lock)
            Remove(deadline);
    }

    /// <summary>While paused nothing ends; what was due then ends on going on.</summary>
    public void Pause(bool isPaused)
    {
        lock (_lock)
            _isPaused = isPaused;
        Fire();
    }

    /// <summary>Waits until everything due has been tried.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Fire();
            Task idle;
            lock (_lock)
            {
                if (_running == 0)
                    return;
                idle = _idle.Task;
            }

            await idle.WaitAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        lock (_lock)
            _isDisposed = true;
        _timer.Dispose();
    }

    private void Fire()
    {
        List<Deadline> due = [];
        lock (_lock)
        {
            if (_isPaused || _isDisposed)
                return;
            var now = _time.GetUtcNow().UtcTicks;
            while (_order.Count > 0 && _order.Min.Place!.Value.Ticks <= now)
            {
                var first = _order.Min;
                Remove(first);
                due.Add(first);
            }

            _running += due.Count;
            if (_order.Count > 0)
                _timer.Change(Until(_order.Min, now), Timeout.InfiniteTimeSpan);
        }

        foreach (var deadline in due)
            _ = Task.Run(() => EndAsync(deadline));
    }

    private async Task EndAsync(Deadline deadline)
    {
        await _workers.WaitAsync();
        try
        {
            await deadline.OnEnd();
        }
        catch (Exception e)
        {
            _onFailure(e);
        }
        finally
        {
            _workers.Release();
            lock (_lock)
            {
                if (--_running == 0)
                {
                    _idle.SetResult();
                    _idle = NewSignal();
                }
            }
        }
    }

    private static TimeSpan Until(Deadline deadline, long now)
    {
        var left = TimeSpan.FromTicks(deadline.Place!.Value.Ticks - now);
        // Timers count in milliseconds: rounded up, so that none fires early.
        return left > s_longest ? s_longest : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
    }

    private void Remove(Deadline deadline)
    {
        if (deadline.Place is { } place)
            _order.Remove(place);
        deadline.Place = null;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class DeadlineOrder : SortedDictionary<(long Ticks, long Number), Deadline>
    {
        public Deadline Min
        {
            get
            {
                using var first = GetEnumerator();
                first.MoveNext();
                return first.Current.Value;
            }
        }
    }
}
