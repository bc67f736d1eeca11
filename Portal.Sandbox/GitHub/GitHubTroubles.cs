namespace Portal.Sandbox.GitHub;

/// <summary>What can go wrong at GitHub, to order. Set from any thread; each holds until it is taken back, unless it says otherwise.</summary>
public sealed class GitHubTroubles
{
    private string? _nextTokenError;
    private long _delay;

    /// <summary>Every answer is 503. For refused connections: <see cref="GitHubServer.StopAsync"/>.</summary>
    public bool Unavailable { get; set; }

    /// <summary>Every answer waits so long, by the server's clock.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _delay));
        set => Interlocked.Exchange(ref _delay, value.Ticks);
    }

    public RateLimitTrouble RateLimit { get; set; }

    /// <summary>The OAuth application is suspended: <c>error=application_suspended</c>.</summary>
    public bool ApplicationSuspended { get; set; }

    /// <summary>The next answer of the token endpoint alone is this error (<c>bad_verification_code</c>, …), with status 200.</summary>
    public string? NextTokenError
    {
        get => Volatile.Read(ref _nextTokenError);
        set => Volatile.Write(ref _nextTokenError, value);
    }

    /// <summary>Everything is well again.</summary>
    public void Clear()
    {
        Unavailable = ApplicationSuspended = false;
        Delay = TimeSpan.Zero;
        RateLimit = RateLimitTrouble.None;
        NextTokenError = null;
    }

    internal string? TakeNextTokenError() => Interlocked.Exchange(ref _nextTokenError, null);
}

public enum RateLimitTrouble
{
    None,

    /// <summary>403, <c>x-ratelimit-remaining: 0</c> and <c>x-ratelimit-reset</c>.</summary>
    Forbidden,

    /// <summary>429, with the same headers.</summary>
    TooManyRequests,

    /// <summary>403 and <c>retry-after</c>: too much at once.</summary>
    Secondary,
}
