using System.Net.Sockets;

namespace Portal.Tests.Support;

public static class Port
{
    /// <summary>Whether anything takes connections there.</summary>
    public static async Task<bool> IsOpenAsync(Uri address)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
