namespace Portal.Sandbox.Vault.Engines;

/// <summary>How many connections to a server are used at once.</summary>
internal sealed class ConnectionSlots(int count)
{
    private readonly SemaphoreSlim _free = new(count);

    public Task TakeAsync() => _free.WaitAsync();

    public void Return() => _free.Release();

    /// <summary>Disposes the source of connections when none is used any more. Who comes later is not left waiting, and finds it disposed.</summary>
    public async ValueTask CloseAsync(IAsyncDisposable source)
    {
        for (var taken = 0; taken < count; taken++)
            await _free.WaitAsync();
        await source.DisposeAsync();
        _free.Release(count);
    }
}
