using System.Text;

namespace Portal.Sandbox.Servers;

/// <summary>A program that ran to its end.</summary>
/// <param name="Said">All lines of its standard output and standard error.</param>
public sealed record Command(int ExitCode, string Said)
{
    /// <param name="environment">On top of this process's own; null takes a variable away.</param>
    public static async Task<Command> RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var said = new StringBuilder();
        await using var process = GuardedProcess.Start(
            program,
            arguments,
            line =>
            {
                lock (said)
                    said.AppendLine(line);
            },
            environment);
        await process.Exited;
        return new Command(process.ExitCode, said.ToString());
    }
}
