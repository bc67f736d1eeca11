using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Portal.Sandbox.Servers;

/// <summary>
/// Ports for servers that cannot report which one they took. They lie below the range from which the kernel serves
/// outgoing connections, so that a server that was stopped finds its port free again.
/// </summary>
public static class FreePort
{
    public static int Next()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_000);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }
    }
}
