using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Portal.Outbound;

/// <summary>Judges addresses when a connection is made, so that a name that leads elsewhere a moment later leads nowhere.</summary>
/// <param name="users">For names that users give, however slow those are.</param>
/// <param name="configured">For names that operators give.</param>
public sealed class OutboundGate(IOptions<OutboundOptions> options, NameLookups users, NameLookups configured, OwnServices own)
{
    private const string OwnMachine = "it is the portal's own machine";

    private readonly AllowedNetwork[] _allowed = [.. options.Value.Allow.Select(AllowedNetwork.Parse).OfType<AllowedNetwork>()];

    /// <summary>Connects to an address that a user named.</summary>
    /// <exception cref="OutboundRefusedException">None of the host's addresses may be called.</exception>
    /// <exception cref="OutboundException">The name could not be looked up in time.</exception>
    /// <exception cref="SocketException">The name leads nowhere, or nobody listens there.</exception>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint target, CancellationToken cancellationToken)
    {
        var allowed = new List<IPAddress>();
        string? refusal = null;
        foreach (var address in await users.FindAsync(target.Host, cancellationToken))
        {
            if (await RefusalAsync(target.Host, address, target.Port, cancellationToken) is { } why)
                refusal ??= why;
            else
                allowed.Add(address);
        }

        if (allowed.Count == 0 && refusal is not null)
            throw new OutboundRefusedException($"{target.Host}:{target.Port}", refusal);
        return await ConnectAsync(allowed, target.Port, cancellationToken);
    }

    /// <summary>Connects to an address that an operator named: wherever it is.</summary>
    /// <exception cref="OutboundException">The name could not be looked up in time.</exception>
    /// <exception cref="SocketException">The name leads nowhere, or nobody listens there.</exception>
    public async ValueTask<Stream> ConnectConfiguredAsync(DnsEndPoint target, CancellationToken cancellationToken) =>
        await ConnectAsync(await configured.FindAsync(target.Host, cancellationToken), target.Port, cancellationToken);

    /// <summary>Why the address is not called, without naming it, since a name may be of a network whose addresses are nobody's business; null when it may be.</summary>
    public async Task<string?> RefusalAsync(string host, IPAddress address, int port, CancellationToken cancellationToken)
    {
        var allows = _allowed.Where(network => network.Holds(address, port)).ToArray();
        // To allow a network is not to open the portal's own doors: those one names with their port.
        var isNamed = allows.Any(network => network.Port is not null);
        if (!isNamed && await own.ContainsAsync(host, address, port, cancellationToken))
            return "one of the portal's own services is there";
        if (isNamed)
            return null;
        if (allows.Length > 0)
            return own.IsThisMachine(address) ? OwnMachine : null;
        if (ReservedNetworks.Name(address) is { } name)
            return IPAddress.TryParse(host, out _) ? $"it is {name}" : $"it leads to {name}";
        return own.IsThisMachine(address) ? OwnMachine : null;
    }

    private static async Task<Stream> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        SocketException? failure = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                failure = exception;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }
}
