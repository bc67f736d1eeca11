namespace Portal.Sandbox.Vault;

/// <summary>What stands behind a mount: paths with their handlers.</summary>
internal abstract class Engine : IAsyncDisposable
{
    protected PathTable Paths { get; } = new();

    /// <summary>Answered without a token.</summary>
    public virtual bool IsPublic(string path) => false;

    public virtual bool NeedsSudo(string path) => false;

    /// <summary>Tells a create from an update; null where the path makes no difference between them.</summary>
    public bool? Exists(VaultRequest request) => Paths.Exists(request);

    /// <exception cref="VaultError">the answer is no</exception>
    public Task<Answer?> HandleAsync(VaultRequest request) => Paths.HandleAsync(request);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
