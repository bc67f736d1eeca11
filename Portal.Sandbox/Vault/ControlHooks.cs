using System.Text.RegularExpressions;

namespace Portal.Sandbox.Vault;

/// <summary>What tests do to requests on their way: look, slow down, refuse, hold the answer back. The Vault behind knows nothing of it.</summary>
internal sealed class ControlHooks(TimeProvider time)
{
    private const int Remembered = 10_000;

    private readonly Lock _lock = new();
    private readonly Queue<VaultRequestSeen> _seen = new();
    private Slowness? _slowness;
    private Regex? _denied;
    private Hold? _hold;

    public IReadOnlyList<VaultRequestSeen> Seen
    {
        get
        {
            lock (_lock)
                return [.. _seen];
        }
    }

    public Hold? CurrentHold
    {
        get
        {
            lock (_lock)
                return _hold;
        }
    }

    public void Slow(TimeSpan delay, string? pathGlob) => Set(() => _slowness = delay > TimeSpan.Zero ? new Slowness(delay, Glob(pathGlob ?? "*")) : null);

    public void Deny(string? pathGlob) => Set(() => _denied = pathGlob is null ? null : Glob(pathGlob));

    /// <summary>The next request that matches is carried out and its answer held.</summary>
    public void HoldNext(string method, string pathGlob)
    {
        Hold? before = null;
        Set(() => (before, _hold) = (_hold, new Hold(method, Glob(pathGlob))));
        before?.Decide(isDelivered: true);
    }

    public void Reset()
    {
        Hold? before = null;
        Set(() =>
        {
            (before, _hold, _slowness, _denied) = (_hold, null, null, null);
            _seen.Clear();
        });
        before?.Decide(isDelivered: true);
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var path = (context.Request.Path.Value ?? "").TrimStart('/');
        path = path.StartsWith("v1/", StringComparison.Ordinal) ? path["v1/".Length..] : path;
        var (slowness, denied, hold) = Note(context.Request, path);
        if (slowness?.Path.IsMatch(path) == true)
            await Task.Delay(slowness.Delay, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (denied?.IsMatch(path) == true)
        {
            await WireAnswer.Errors(403, VaultError.Denied().Text).WriteAsync(context);
            return;
        }

        if (hold is null)
            await next(context);
        else
            await HoldAsync(context, next, hold);
    }

    private static async Task HoldAsync(HttpContext context, RequestDelegate next, Hold hold)
    {
        var wire = context.Response.Body;
        using var kept = new MemoryStream();
        context.Response.Body = kept;
        try
        {
            await next(context);
        }
        finally
        {
            context.Response.Body = wire;
        }

        if (!await hold.WaitAsync(context.RequestAborted))
        {
            context.Abort();
            return;
        }

        kept.Position = 0;
        await kept.CopyToAsync(wire, context.RequestAborted);
    }

    private (Slowness? Slowness, Regex? Denied, Hold? Hold) Note(HttpRequest request, string path)
    {
        var headers = request.Headers.Where(header => header.Key.StartsWith("X-Portal-", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        lock (_lock)
        {
            if (_seen.Count == Remembered)
                _seen.Dequeue();
            _seen.Enqueue(new VaultRequestSeen(request.Method, path, headers) { At = time.GetUtcNow() });
            return (_slowness, _denied, _hold?.TryTake(request.Method, path) == true ? _hold : null);
        }
    }

    private void Set(Action set)
    {
        lock (_lock)
            set();
    }

    /// <summary><c>*</c> stands for anything, slashes too.</summary>
    private static Regex Glob(string glob)
    {
        glob = glob.TrimStart('/');
        glob = glob.StartsWith("v1/", StringComparison.Ordinal) ? glob["v1/".Length..] : glob;
        return new Regex($"^{Regex.Escape(glob).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    private sealed record Slowness(TimeSpan Delay, Regex Path);
}

/// <summary>One answer to be held back.</summary>
internal sealed class Hold(string method, Regex path)
{
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _decision = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isTaken;

    /// <summary>Ends when the request has been carried out and its answer waits.</summary>
    public Task Held => _held.Task;

    public bool TryTake(string requestMethod, string requestPath)
    {
        if (_isTaken || (method != "*" && !string.Equals(method, requestMethod, StringComparison.OrdinalIgnoreCase)) || !path.IsMatch(requestPath))
            return false;
        return _isTaken = true;
    }

    public void Decide(bool isDelivered) => _decision.TrySetResult(isDelivered);

    /// <summary>True when the answer may go out.</summary>
    public async Task<bool> WaitAsync(CancellationToken aborted)
    {
        _held.TrySetResult();
        using var registration = aborted.Register(() => _decision.TrySetResult(false));
        return await _decision.Task;
    }
}
