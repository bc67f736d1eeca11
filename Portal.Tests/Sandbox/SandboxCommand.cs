using Portal.Sandbox.Servers;

namespace Portal.Tests.Sandbox;

/// <summary>The sandbox's program, or one of its verbs, in a process of its own.</summary>
public sealed class SandboxCommand : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly GuardedProcess _process;
    private readonly List<string> _said = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // A shell lets what it runs in the background ignore Ctrl+C, and so all that this starts: not here.
    private SandboxCommand(string[] arguments, string ready) => _process = GuardedProcess.Start(
        "env", ["--default-signal", "dotnet", typeof(Portal.Sandbox.Sandbox).Assembly.Location, .. arguments], line =>
        {
            lock (_said)
                _said.Add(line);
            if (line.Contains(ready, StringComparison.Ordinal))
                _ready.TrySetResult();
        });

    /// <summary>All that it printed.</summary>
    public string Said
    {
        get
        {
            lock (_said)
                return string.Join('\n', _said);
        }
    }

    /// <summary>Starts it and waits until it says that it is ready.</summary>
    public static async Task<SandboxCommand> StartAsync(params string[] arguments)
    {
        var command = new SandboxCommand(arguments, "Ctrl+C stops");
        await Task.WhenAny(command._ready.Task, command._process.Exited);
        command._ready.Task.IsCompleted.ShouldBeTrue(command.Said);
        return command;
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Said)> RunAsync(params string[] arguments)
    {
        await using var command = new SandboxCommand(arguments, "\0");
        await command._process.Exited;
        return (command._process.ExitCode, command.Said);
    }

    public void Signal(Signal signal) => _process.Signal(signal);

    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync()
    {
        await _process.Exited.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    /// <summary>What it said after the word at the start of a line.</summary>
    public Uri Address(string word) => new(Said.Split('\n').First(line => line.StartsWith(word, StringComparison.Ordinal))[word.Length..].Trim());

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
