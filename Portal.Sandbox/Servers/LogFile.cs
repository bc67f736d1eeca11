namespace Portal.Sandbox.Servers;

/// <summary>What a child process says, line by line, in a file of its own that only its owner reads.</summary>
public sealed class LogFile(string path) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly StreamWriter _writer = new(PrivateFile.Create(path)) { AutoFlush = true };

    public string Path => path;

    /// <summary>All of it so far.</summary>
    public string Text
    {
        get
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadToEnd();
        }
    }

    public void WriteLine(string line)
    {
        lock (_lock)
            _writer.WriteLine(line);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
