using System.Runtime.InteropServices;
using Portal.Sandbox.Servers;

namespace Portal.Sandbox;

public static class Program
{
    public static Task<int> Main(string[] args) => args switch
    {
        ["vault", .. var rest] => VaultVerb.RunAsync(rest),
        ["kubernetes", .. var rest] => KubernetesVerb.RunAsync(rest),
        _ => RunAsync(args, SandboxOptions.Usage, mistakes => SandboxOptions.Parse(args, mistakes), RunAsync),
    };

    /// <summary>Reads the options, and works by them until Ctrl+C or a signal.</summary>
    /// <returns>0: done, or asked to stop; 1: it failed; 2: the arguments are wrong.</returns>
    internal static async Task<int> RunAsync<T>(
        string[] args, string usage, Func<List<string>, T> parse, Func<T, CancellationToken, Task<int>> workAsync)
    {
        if (args.Contains("--help"))
        {
            Console.WriteLine(usage);
            return 0;
        }

        var mistakes = new List<string>();
        var options = parse(mistakes);
        if (mistakes.Count > 0)
        {
            Console.Error.WriteLine($"{string.Join('\n', mistakes)}\n--help lists the options.");
            return 2;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            return await workAsync(options, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task<int> RunAsync(SandboxOptions options, CancellationToken stop)
    {
        await using var sandbox = await Sandbox.StartAsync(options, stop);
        await using var portal = await sandbox.StartPortalAsync(new Uri($"http://127.0.0.1:{options.Port}"), stop);
        await sandbox.StartSshAsync(portal, stop);
        await AccessTokenFiles.WriteAsync(sandbox.Folder, portal.Address, stop);
        await Handover.WriteAsync(sandbox, portal);
        if (options.Headless)
            await PrivateFile.ReplaceAsync(sandbox.Folder.SandboxLog, Welcome.Text(sandbox, portal));
        else
            Console.WriteLine(Welcome.Text(sandbox, portal));

        await portal.Exited.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        File.Delete(sandbox.Folder.Handover);
        if (stop.IsCancellationRequested)
        {
            await portal.StopAsync();
            return 0;
        }

        Console.Error.WriteLine($"The portal ended with code {portal.ExitCode}: see {sandbox.Folder.PortalLog}");
        return 1;
    }
}
