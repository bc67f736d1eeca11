using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portal.Tests.Features.Ssh;

/// <summary>Stands where hosts fetch from, and answers every call with the same bytes.</summary>
public sealed class ListServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[]? _answer;
    private readonly Task _serving;

    /// <param name="answer">Null: none ever comes.</param>
    public ListServer(byte[]? answer)
    {
        _answer = answer;
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>Ends when the first call is there.</summary>
    public Task Asked => _asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <param name="promised">How long the body is said to be; null: as long as it is.</param>
    public static byte[] Http(byte[] body, string status = "200 OK", int? promised = null, string header = "") =>
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {promised ?? body.Length}\r\nConnection: close\r\n{header}\r\n"), .. body];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                var stream = client.GetStream();
                await ReadHeadAsync(stream);
                _asked.TrySetResult();
                if (_answer is null)
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                else
                    await stream.WriteAsync(_answer, _stop.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // Stopped, or the caller went away.
        }
    }

    private async Task ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, _stop.Token) > 0)
            head.Append((char)one[0]);
    }
}
