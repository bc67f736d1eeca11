using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Portal.Sandbox.Servers;

/// <summary>
/// A child process in a session of its own, so that Ctrl+C reaches the sandbox alone, and that is killed when this
/// process ends, however it ends: a watcher holds the other end of a pipe.
/// </summary>
public sealed class GuardedProcess : IAsyncDisposable
{
    // The shell becomes the program, so its process id is the program's. The watcher reads a line when told to
    // leave, and the end of the pipe when this process has died. What the program writes is for its owner alone.
    private const string Guard =
        """
        umask 077
        signal=$1; shift
        exec 3<&0 </dev/null
        { read -r _ <&3 || kill -s "$signal" $$; } >/dev/null 2>&1 &
        exec "$@" 3<&-
        """;

    private readonly Process _process;
    private readonly Task _exited;

    private GuardedProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        _exited = WaitForExitAsync();
    }

    public int Id { get; }

    public bool HasExited => _exited.IsCompleted;

    /// <summary>Once it has exited; 128 and more: the signal that ended it.</summary>
    public int ExitCode { get; private set; }

    /// <summary>Ends with the process, after its last line was handed over.</summary>
    public Task Exited => _exited;

    /// <param name="program">Full path, or a name on PATH.</param>
    /// <param name="arguments">As the program gets them; no shell reads them.</param>
    /// <param name="onLine">Gets each line of standard output and standard error.</param>
    /// <param name="environment">On top of this process's own; null takes a variable away.</param>
    /// <param name="workingDirectory">This process's own when absent.</param>
    /// <param name="guardSignal">What the child gets when this process dies.</param>
    public static GuardedProcess Start(
        string program,
        IEnumerable<string> arguments,
        Action<string> onLine,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null,
        string guardSignal = "KILL")
    {
        var start = new ProcessStartInfo("setsid", ["sh", "-c", Guard, "guard", guardSignal, program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? string.Empty,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => HandOver(line.Data);
        process.ErrorDataReceived += (_, line) => HandOver(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new GuardedProcess(process);

        void HandOver(string? line)
        {
            if (line is not null)
                onLine(line);
        }
    }

    public void Signal(Signal signal)
    {
        if (!HasExited)
            _ = Kill(Id, (int)signal);
    }

    /// <summary>Asks the process to end, and kills it when it has not done so in time.</summary>
    public async Task EndAsync(Signal signal, TimeSpan patience)
    {
        Signal(signal);
        try
        {
            await _exited.WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            Signal(Servers.Signal.Kill);
            await _exited;
        }
    }

    /// <summary>Kills it when it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        Signal(Servers.Signal.Kill);
        await _exited;
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);

    private async Task WaitForExitAsync()
    {
        await _process.WaitForExitAsync();
        ExitCode = _process.ExitCode;
        try
        {
            await _process.StandardInput.WriteLineAsync();
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The watcher has gone already.
        }
    }
}

/// <summary>POSIX signals that the sandbox sends.</summary>
public enum Signal
{
    None = 0,
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    Terminate = 15,
}
