using System.Net;
using Portal.Sandbox.Servers;

namespace Portal.Sandbox;

/// <summary>A running portal, in a process of its own.</summary>
public sealed class PortalProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly PortalProgram _program;
    private readonly IReadOnlyDictionary<string, string?> _settings;
    private readonly LogFile _log;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private GuardedProcess _process;

    private PortalProcess(PortalProgram program, IReadOnlyDictionary<string, string?> settings, string logFile)
    {
        _program = program;
        Address = new Uri(settings["Portal:PublicUrl"]!);
        _settings = new Dictionary<string, string?>(settings) { ["ASPNETCORE_URLS"] = Address.GetLeftPart(UriPartial.Authority) };
        _log = new LogFile(logFile);
        _process = Launch();
    }

    public Uri Address { get; }

    /// <summary>Where its log lies.</summary>
    public string Folder => Path.GetDirectoryName(_log.Path)!;

    /// <summary>Its configuration, by key.</summary>
    public IReadOnlyDictionary<string, string?> Settings => _settings;

    public string LogText => _log.Text;

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    /// <summary>Ends when the process does.</summary>
    public Task Exited => _process.Exited;

    /// <summary>Starts it where its public address says; it may not answer yet.</summary>
    public static PortalProcess Start(PortalProgram program, IReadOnlyDictionary<string, string?> settings, string logFile) =>
        new(program, settings, logFile);

    /// <summary>Waits until it can do its work.</summary>
    public Task WaitUntilReadyAsync(CancellationToken cancellationToken = default) =>
        WaitForAsync("readyz", HttpStatusCode.OK, cancellationToken);

    /// <summary>Waits until it answers at all; its Vault may be away.</summary>
    public Task WaitUntilAliveAsync(CancellationToken cancellationToken = default) =>
        WaitForAsync("livez", HttpStatusCode.OK, cancellationToken);

    /// <summary>As a power cut does: it learns nothing of it.</summary>
    public async Task KillAsync() => await _process.DisposeAsync();

    /// <summary>As Kubernetes does: asked first.</summary>
    public Task StopAsync() => _process.EndAsync(Signal.Terminate, s_patience);

    /// <summary>Starts it again on the same database and address, whether it still ran or not. The log goes on.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await KillAsync();
        _process = Launch();
        await WaitUntilReadyAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _http.Dispose();
        await _log.DisposeAsync();
    }

    private GuardedProcess Launch() => _program.Start(_settings, [], _log.WriteLine);

    private async Task WaitForAsync(string path, HttpStatusCode wanted, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(s_patience);
        while (await StatusAsync(path, enough.Token) != wanted)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"The portal ended with code {_process.ExitCode}:\n{Tail()}");
            if (enough.IsCancellationRequested)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new TimeoutException($"The portal's /{path} did not answer {(int)wanted}:\n{Tail()}");
            }

            await Task.Delay(s_pause, cancellationToken);
        }
    }

    private async Task<HttpStatusCode?> StatusAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(Address, path), cancellationToken);
            return response.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    private string Tail() => string.Join('\n', LogText.Split('\n').TakeLast(30));
}
