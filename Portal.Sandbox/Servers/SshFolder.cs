using System.Security.Cryptography;
using System.Text;

namespace Portal.Sandbox.Servers;

/// <summary>The folder of a private sshd, which takes no principals from below a folder that others may write, such as /tmp.</summary>
internal static class SshFolder
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The wanted folder, or one of its own in <c>/var/lib</c>, or in one's home for whoever is not root.</summary>
    public static string Open(string wanted)
    {
        var path = Path.GetFullPath(wanted);
        if (Parents(path).Any(parent => (File.GetUnixFileMode(parent) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0))
            path = Path.Combine(Fallback, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..12]);
        Directory.CreateDirectory(path, Owner | Others);
        File.SetUnixFileMode(path, Owner | Others);
        return path;
    }

    private static string Fallback => Environment.IsPrivilegedProcess
        ? "/var/lib/portal-sandbox"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/state/portal-sandbox");

    private static IEnumerable<string> Parents(string path)
    {
        for (var parent = Directory.GetParent(path); parent is not null; parent = parent.Parent)
        {
            if (parent.Exists)
                yield return parent.FullName;
        }
    }
}
