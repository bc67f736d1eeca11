using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Portal.Sandbox.Vault;

/// <summary>The audit devices, and the request headers that they write down.</summary>
internal sealed class AuditDevices
{
    private readonly ConcurrentDictionary<string, AuditDevice> _devices = new(StringComparer.Ordinal);

    /// <summary>Name in small letters → written as a hash.</summary>
    public ConcurrentDictionary<string, bool> Headers { get; } = new(StringComparer.Ordinal);

    public JsonObject Table() => new([.. _devices.Values.OrderBy(device => device.Path, StringComparer.Ordinal)
        .Select(device => KeyValuePair.Create(device.Path, (JsonNode?)new JsonObject
        {
            ["path"] = device.Path,
            ["type"] = device.Type,
            ["description"] = device.Description,
            ["local"] = false,
            ["options"] = Json.Map(device.Options),
        }))]);

    /// <exception cref="VaultError">unknown type, path taken, or no file to write to</exception>
    public void Enable(string path, string type, string description, IReadOnlyDictionary<string, string> options)
    {
        if (type != "file")
            throw VaultError.Invalid($"unknown backend type: \"{type}\"");
        if (!options.ContainsKey("file_path"))
            throw VaultError.Invalid("file_path is required");
        if (!_devices.TryAdd(path, new AuditDevice(path, type, description, options)))
            throw VaultError.Invalid($"path already in use");
    }

    public void Disable(string path) => _devices.TryRemove(path, out _);
}

internal sealed record AuditDevice(string Path, string Type, string Description, IReadOnlyDictionary<string, string> Options);
