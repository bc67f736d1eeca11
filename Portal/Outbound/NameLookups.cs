using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Portal.Outbound;

/// <summary>The addresses of a host, or a <see cref="SocketException"/>. May block for as long as the system's name servers let it wait.</summary>
public delegate IPAddress[] OutboundResolver(string host);

/// <summary>
/// Looks names up, a few at a time and on threads of their own: nothing ends a look-up that has begun, and with names whose server never answers
/// anybody could take the whole thread pool.
/// </summary>
public sealed class NameLookups(OutboundResolver resolve, TimeProvider time)
{
    public const int AtOnce = 8;

    /// <summary>So many may wait for one to end; more are refused at once.</summary>
    public const int Waiting = 64;

    /// <summary>For waiting and looking up. Shorter than connecting may take, so that people hear what took so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    // One for each thread at work.
    private readonly Channel<bool> _busy = Channel.CreateBounded<bool>(AtOnce);
    private int _asked;

    /// <exception cref="OutboundException">The name could not be looked up in time.</exception>
    /// <exception cref="SocketException">It leads nowhere.</exception>
    public async Task<IPAddress[]> FindAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
            return [literal];
        try
        {
            // Those whose look-up goes on without them are not counted here, but keep one of the few threads.
            if (Interlocked.Increment(ref _asked) > AtOnce + Waiting)
                throw TooSlow(host);
            return await FindInTimeAsync(host, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _asked);
        }
    }

    private async Task<IPAddress[]> FindInTimeAsync(string host, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await _busy.Writer.WriteAsync(true, either.Token);
            return await Begin(host).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TooSlow(host);
        }
    }

    // It keeps its place until it ends, also when nobody waits for it any more.
    private Task<IPAddress[]> Begin(string host) => Task.Factory.StartNew(
        () =>
        {
            try
            {
                return resolve(host);
            }
            finally
            {
                _busy.Reader.TryRead(out _);
            }
        },
        CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    private static OutboundException TooSlow(string host) => new($"The name {host} could not be looked up in time.");
}
