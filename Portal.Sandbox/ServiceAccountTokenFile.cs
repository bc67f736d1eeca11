using Portal.Sandbox.Kubernetes;
using Portal.Sandbox.Servers;

namespace Portal.Sandbox;

/// <summary>Keeps a service account's token in a file, as a kubelet does for a pod: renewed when four fifths of its life are over.</summary>
internal sealed class ServiceAccountTokenFile : IAsyncDisposable
{
    private static readonly TimeSpan s_life = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource _stop = new();
    private Task _renewing = Task.CompletedTask;

    private ServiceAccountTokenFile()
    {
    }

    public static async Task<ServiceAccountTokenFile> WriteAsync(string path, KubernetesServer kubernetes)
    {
        var file = new ServiceAccountTokenFile();
        await WriteOnceAsync(path, kubernetes);
        file._renewing = RenewAsync(path, kubernetes, file._stop.Token);
        return file;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static async Task RenewAsync(string path, KubernetesServer kubernetes, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(s_life * 0.8, TimeProvider.System, cancellationToken);
            await WriteOnceAsync(path, kubernetes);
        }
    }

    private static Task WriteOnceAsync(string path, KubernetesServer kubernetes) =>
        PrivateFile.ReplaceAsync(path, kubernetes.CreateToken("portal", "portal", audience: null, s_life));
}
