using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Servers;

namespace Portal.Sandbox;

/// <summary>Keeps the portal's service-account token in a file, as a kubelet does for a pod: renewed when four fifths of its life are over.</summary>
internal sealed class ServiceAccountTokenFile : IAsyncDisposable
{
    private static readonly TimeSpan s_life = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly string _path;
    private readonly ServiceAccounts _accounts;
    private Task _renewing = Task.CompletedTask;

    private ServiceAccountTokenFile(string path, ServiceAccounts accounts) => (_path, _accounts) = (path, accounts);

    public static async Task<ServiceAccountTokenFile> WriteAsync(string path, ServiceAccounts accounts, CancellationToken cancellationToken)
    {
        var file = new ServiceAccountTokenFile(path, accounts);
        await file.WriteOnceAsync(cancellationToken);
        file._renewing = file.RenewAsync(file._stop.Token);
        return file;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var pause = s_life * 0.8;
        while (true)
        {
            await Task.Delay(pause, TimeProvider.System, cancellationToken);
            try
            {
                await WriteOnceAsync(cancellationToken);
                pause = s_life * 0.8;
            }
            catch (InvalidOperationException)
            {
                // The API is away, as it may be in a cluster: the old token is good for a while.
                pause = s_pause;
            }
        }
    }

    private async Task WriteOnceAsync(CancellationToken cancellationToken) =>
        await PrivateFile.ReplaceAsync(_path, await _accounts.TokenAsync("portal", s_life, cancellationToken));
}
