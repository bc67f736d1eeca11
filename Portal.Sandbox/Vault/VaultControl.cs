namespace Portal.Sandbox.Vault;

/// <summary>
/// The client of the control port. In globs <c>*</c> stands for anything, slashes too; paths are those below <c>/v1/</c>.
/// </summary>
/// <param name="http">with the control address as its base address</param>
public sealed class VaultControl(HttpClient http)
{
    public Task SealAsync(CancellationToken cancellationToken = default) => PostAsync("seal", null, cancellationToken);

    public Task UnsealAsync(CancellationToken cancellationToken = default) => PostAsync("unseal", null, cancellationToken);

    /// <summary>Connections are refused until <see cref="StartAsync"/>; nothing is forgotten, and what ends meanwhile ends.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => PostAsync("stop", null, cancellationToken);

    /// <summary>Listens again at the same port.</summary>
    public Task StartAsync(CancellationToken cancellationToken = default) => PostAsync("start", null, cancellationToken);

    /// <summary>Every request on the path waits so long first; zero ends it.</summary>
    public Task SlowAsync(TimeSpan delay, string? pathGlob = null, CancellationToken cancellationToken = default) =>
        PostAsync("slow", new SlowOrder(delay.TotalMilliseconds, pathGlob), cancellationToken);

    /// <summary>Every request on the path is answered 403; null ends it.</summary>
    public Task DenyAsync(string? pathGlob, CancellationToken cancellationToken = default) => PostAsync("deny", new PathOrder(pathGlob), cancellationToken);

    /// <summary>
    /// Revokes every token but the root token, and with them their leases; behind a door to another Vault, the tokens alone
    /// that have policies of the door's prefix.
    /// </summary>
    public Task ForgetTokensAsync(CancellationToken cancellationToken = default) => PostAsync("forget-tokens", null, cancellationToken);

    /// <summary>Waits until everything that is due to end has been tried. Another Vault keeps its own time: nothing is waited for.</summary>
    public Task SettleAsync(CancellationToken cancellationToken = default) => PostAsync("settle", null, cancellationToken);

    /// <summary>The next request of the method (<c>*</c> = any) on the path is carried out, and its answer held back.</summary>
    public Task HoldAsync(string method, string pathGlob, CancellationToken cancellationToken = default) =>
        PostAsync("hold", new HoldOrder(method, pathGlob), cancellationToken);

    public Task WaitUntilHeldAsync(CancellationToken cancellationToken = default) => PostAsync("wait-until-held", null, cancellationToken);

    /// <summary>Delivers the answer held.</summary>
    public Task ReleaseAsync(CancellationToken cancellationToken = default) => PostAsync("release", null, cancellationToken);

    /// <summary>Cuts the connection whose answer is held.</summary>
    public Task DropAsync(CancellationToken cancellationToken = default) => PostAsync("drop", null, cancellationToken);

    /// <summary>The requests seen since the start or the last reset, the latest 10,000 at most.</summary>
    public async Task<IReadOnlyList<VaultRequestSeen>> RequestsAsync(CancellationToken cancellationToken = default) =>
        await http.GetFromJsonAsync<List<VaultRequestSeen>>("requests", cancellationToken) ?? [];

    /// <summary>Unsealed, listening, nothing slow, denied or held, no request remembered. Tokens and data stay.</summary>
    public Task ResetAsync(CancellationToken cancellationToken = default) => PostAsync("reset", null, cancellationToken);

    private async Task PostAsync(string path, object? body, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync(path, body ?? new { }, cancellationToken);
        response.EnsureSuccessStatusCode();
    }
}

/// <param name="Path">below <c>/v1/</c></param>
/// <param name="Headers">those that start with <c>X-Portal-</c></param>
public sealed record VaultRequestSeen(string Method, string Path, IReadOnlyDictionary<string, string> Headers)
{
    public DateTimeOffset At { get; init; }
}
