using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary>A file of JSON lines. Texts that may be secret stand in it as keyed hashes, with a key of the device's own.</summary>
internal sealed class AuditDevice : IDisposable
{
    private readonly Lock _lock = new();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly IReadOnlyDictionary<string, string> _options;
    private readonly string _description;
    private readonly FileStream? _file;

    private AuditDevice(string path, string description, IReadOnlyDictionary<string, string> options, FileStream? file) =>
        (Path, _description, _options, _file) = (path, description, options, file);

    public string Path { get; }

    /// <exception cref="VaultError">there is no such file to write to</exception>
    public static AuditDevice Open(string path, string description, IReadOnlyDictionary<string, string> options)
    {
        var name = options.GetValueOrDefault("file_path", options.GetValueOrDefault("path", ""));
        if (name.Length == 0)
            throw VaultError.Invalid("file_path is required");
        if (name == "discard")
            return new AuditDevice(path, description, options, null);
        try
        {
            var file = new FileStream(name, new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite,
                // What could not be written is not to be tried again later.
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            return new AuditDevice(path, description, options, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw VaultError.Invalid($"sanity check failed; unable to open {Durations.Quote(name)} for writing");
        }
    }

    public JsonObject Describe() => new()
    {
        ["path"] = Path,
        ["type"] = "file",
        ["description"] = _description,
        ["local"] = false,
        ["options"] = Json.Map(_options),
    };

    public string Hash(string text) => $"hmac-sha256:{Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)))}";

    public bool TryWrite(AuditEntry entry)
    {
        if (_file is null)
            return true;
        var line = Encoding.UTF8.GetBytes(entry.ToJson(Hash).ToJsonString() + "\n");
        try
        {
            lock (_lock)
                _file.Write(line);
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        lock (_lock)
            _file?.Dispose();
    }
}
