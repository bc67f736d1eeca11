using System.Diagnostics;

namespace Portal.Tests.Features.Ssh;

/// <summary>OpenSSH's own tool, in a folder of its own.</summary>
public sealed class SshKeygen : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ssh-keygen-");

    public void Dispose() => _folder.Delete(recursive: true);

    public string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    /// <summary>Makes a key pair.</summary>
    /// <returns>The line of the public key.</returns>
    public string Generate(string name, params string[] arguments)
    {
        Run(["-q", "-N", "", "-f", Path(name), .. arguments]);
        return File.ReadAllText(Path($"{name}.pub"));
    }

    /// <summary>What <c>ssh-keygen -L</c> says of a certificate.</summary>
    public string Describe(string certificate)
    {
        File.WriteAllText(Path("described"), certificate);
        return Run("-L", "-f", Path("described"));
    }

    /// <summary>Which of the lines, keys or certificates, a revocation list revokes: one call for all, as each costs a process.</summary>
    public bool[] AreRevoked(byte[] list, IReadOnlyList<string> lines)
    {
        File.WriteAllBytes(Path("krl"), list);
        for (var i = 0; i < lines.Count; i++)
            File.WriteAllText(Path($"{i}"), lines[i]);
        var (_, output, error) = Start(["-Q", "-f", Path("krl"), .. Enumerable.Range(0, lines.Count).Select(i => Path($"{i}"))]);
        var verdicts = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[(line.LastIndexOf(": ", StringComparison.Ordinal) + 2)..]).ToList();
        verdicts.Count.ShouldBe(lines.Count, error);
        verdicts.ShouldAllBe(verdict => verdict == "REVOKED" || verdict == "ok");
        return [.. verdicts.Select(verdict => verdict == "REVOKED")];
    }

    public string Run(params string[] arguments)
    {
        var (exitCode, output, error) = Start(arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException(error);
    }

    /// <param name="input">To its standard input.</param>
    public (int ExitCode, string Output, string Error) Start(IEnumerable<string> arguments, string? input = null)
    {
        using var process = Process.Start(new ProcessStartInfo("ssh-keygen", arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.FullName,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        if (input is not null)
            process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
