namespace Portal.Sandbox.GitHub;

/// <summary>Counts calls: 5,000 an hour for each user, 60 for nobody.</summary>
internal sealed class RateLimits(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, (int Used, DateTimeOffset Reset)> _windows = [];

    /// <summary>As when the hour is over.</summary>
    public void Forget()
    {
        lock (_lock)
            _windows.Clear();
    }

    /// <param name="userId">0: nobody.</param>
    public Usage Count(long userId)
    {
        var limit = userId == 0 ? 60 : 5_000;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (!_windows.TryGetValue(userId, out var window) || now >= window.Reset)
                window = (0, now + Window);
            window.Used++;
            _windows[userId] = window;
            return new Usage(limit, Math.Min(window.Used, limit), window.Used > limit, window.Reset.ToUnixTimeSeconds());
        }
    }
}

/// <param name="Reset">Epoch seconds.</param>
internal sealed record Usage(int Limit, int Used, bool IsExceeded, long Reset)
{
    public int Remaining => Limit - Used;
}
