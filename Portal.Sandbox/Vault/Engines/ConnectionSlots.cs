namespace Portal.Sandbox.Vault.Engines;

/// <summary>How many connections of a source are used at once.</summary>
internal sealed class ConnectionSlots(int count, IAsyncDisposable source) : IAsyncDisposable
{
    private readonly SemaphoreSlim _free = new(count);

    public Task TakeAsync() => _free.WaitAsync();

    public void Return() => _free.Release();

    /// <summary>Disposes the source when no connection is used any more. Who comes later is not left waiting, and finds it disposed.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var taken = 0; taken < count; taken++)
            await _free.WaitAsync();
        await source.DisposeAsync();
        _free.Release(count);
    }
}
