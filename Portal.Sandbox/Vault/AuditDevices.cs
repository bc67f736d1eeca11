using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary>The audit devices, and the request headers that they write down.</summary>
internal sealed class AuditDevices(TimeProvider time) : IDisposable
{
    private readonly Lock _enabling = new();
    private readonly ConcurrentDictionary<string, AuditDevice> _devices = new(StringComparer.Ordinal);

    /// <summary>Name in small letters → written as a hash.</summary>
    public ConcurrentDictionary<string, bool> Headers { get; } = new(StringComparer.Ordinal);

    public JsonObject Table() => new([.. _devices.Values.OrderBy(device => device.Path, StringComparer.Ordinal)
        .Select(device => KeyValuePair.Create(device.Path, (JsonNode?)device.Describe()))]);

    public AuditDevice? At(string path) => _devices.GetValueOrDefault(path);

    /// <exception cref="VaultError">unknown type, path taken, or no file to write to</exception>
    public void Enable(string path, string type, string description, IReadOnlyDictionary<string, string> options)
    {
        if (type != "file")
            throw VaultError.Invalid($"unknown backend type: \"{type}\"");
        lock (_enabling)
        {
            if (_devices.ContainsKey(path))
                throw VaultError.Invalid("path already in use");
            _devices[path] = AuditDevice.Open(path, description, options);
        }
    }

    public void Disable(string path)
    {
        if (_devices.TryRemove(path, out var device))
            device.Dispose();
    }

    /// <summary>Before the request is carried out, or instead.</summary>
    /// <param name="error">why it is not</param>
    /// <exception cref="VaultError">no device could write it down: then Vault does nothing</exception>
    public void WriteRequest(VaultRequest request, string? error = null) => Write("request", request, null, error);

    /// <exception cref="VaultError">no device could write it down: then the answer is not given</exception>
    public void WriteResponse(VaultRequest request, JsonObject? body, string? error = null) => Write("response", request, body, error);

    public void Dispose()
    {
        foreach (var device in _devices.Values)
            device.Dispose();
    }

    private void Write(string type, VaultRequest request, JsonObject? body, string? error)
    {
        if (_devices.IsEmpty)
            return;
        var written = 0;
        foreach (var device in _devices.Values)
        {
            if (device.TryWrite(new AuditEntry(type, time.GetUtcNow(), request, HeadersOf(request), body, error)))
                written++;
        }

        if (written == 0)
            throw VaultError.Fault("internal error");
    }

    private List<(string Name, string Value, bool IsHashed)> HeadersOf(VaultRequest request) =>
        [.. Headers.Where(header => request.Headers.ContainsKey(header.Key)).Select(header => (header.Key, request.Headers[header.Key], header.Value))];
}
