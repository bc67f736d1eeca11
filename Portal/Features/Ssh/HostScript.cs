using Microsoft.Extensions.Options;
using Portal.Shell;

namespace Portal.Features.Ssh;

/// <summary>The program that makes a host's sshd take the portal's certificates and fetch its revocation list, with this portal's address in it.</summary>
public sealed class HostScript(IOptions<PortalOptions> options)
{
    private const string Placeholder = "@PORTAL@";

    public string Text { get; } = Read().Replace(Placeholder, PosixShell.Quoted(options.Value.Origin), StringComparison.Ordinal);

    private static string Read()
    {
        using var stream = typeof(HostScript).Assembly.GetManifestResourceStream("Portal.Features.Ssh.host.sh")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
