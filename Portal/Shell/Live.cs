namespace Portal.Shell;

/// <summary>
/// What a page shows of the world: loaded at the start, when told, and slowly by itself, so that it recovers alone.
/// While trouble lasts the last good value stays. Belongs to one component and runs on its dispatcher.
/// </summary>
public sealed class Live<T>(Func<CancellationToken, Task<T>> load, Action changed, TroubleWords words, TimeProvider time) : IDisposable
    where T : class
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_periodInTrouble = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private CancellationToken _stopped;
    private bool _running;
    private bool _again;

    public T? Value { get; private set; }

    public Trouble? Trouble { get; private set; }

    public bool IsLoading => Value is null && Trouble is null;

    /// <summary>Loads now and then again and again until disposed. Called once, from the component's dispatcher.</summary>
    public async Task RunAsync()
    {
        _stopped = _stop.Token;
        while (!_stopped.IsCancellationRequested)
        {
            await RefreshAsync();
            await Task.Delay(Trouble is null ? s_period : s_periodInTrouble, time, _stopped)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>Loads once more. Told while loading, it loads again afterwards, so no change is missed.</summary>
    public async Task RefreshAsync()
    {
        _again = true;
        if (_running)
            return;

        _running = true;
        try
        {
            while (_again && !_stopped.IsCancellationRequested)
            {
                _again = false;
                await LoadAsync();
            }
        }
        finally
        {
            _running = false;
        }
    }

    public void Dispose()
    {
        if (_stop.IsCancellationRequested)
            return;
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task LoadAsync()
    {
        try
        {
            Value = await load(_stopped);
            Trouble = null;
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            Trouble = words.Of(exception);
        }

        if (!_stopped.IsCancellationRequested)
            changed();
    }
}
