using System.Diagnostics;
using System.Globalization;

namespace Portal.Sandbox.Servers;

/// <summary>A server that a crashed run left behind.</summary>
internal static class Leftover
{
    /// <summary>Ends it and waits until it is gone; nothing happens when there is none.</summary>
    /// <param name="pidFile">The server's own: its first line is the process's id.</param>
    /// <param name="folder">Stands in the server's command line, so that a stranger under the same id is left alone.</param>
    /// <param name="signal">As <c>kill</c> names it.</param>
    public static async Task EndAsync(string pidFile, string folder, string signal)
    {
        if (!File.Exists(pidFile))
            return;
        var pid = (await File.ReadAllLinesAsync(pidFile)).FirstOrDefault();
        var commandLine = $"/proc/{pid}/cmdline";
        if (!File.Exists(commandLine) || !(await File.ReadAllTextAsync(commandLine)).Contains(folder, StringComparison.Ordinal))
            return;
        using var leftover = Process.GetProcessById(int.Parse(pid!, CultureInfo.InvariantCulture));
        await ServiceUser.MustRunAsync("kill", [$"-{signal}", pid!]);
        await leftover.WaitForExitAsync();
    }
}
