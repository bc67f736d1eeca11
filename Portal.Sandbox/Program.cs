using System.Runtime.InteropServices;

namespace Portal.Sandbox;

public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args.Contains("--help"))
        {
            Console.WriteLine(SandboxOptions.Usage);
            return 0;
        }

        var mistakes = new List<string>();
        var options = SandboxOptions.Parse(args, mistakes);
        if (mistakes.Count > 0)
        {
            Console.Error.WriteLine($"{string.Join('\n', mistakes)}\n\n{SandboxOptions.Usage}");
            return 2;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            return await RunAsync(options, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException or TimeoutException)
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
        await AccessTokenFiles.WriteAsync(sandbox.Folder, portal.Address, stop);
        await Handover.WriteAsync(sandbox, portal);
        if (options.Headless)
            await Servers.PrivateFile.ReplaceAsync(sandbox.Folder.SandboxLog, Welcome.Text(sandbox, portal));
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
