using System.Text.Json;

namespace Portal.Vault;

public sealed record KeyValueSecret(IReadOnlyDictionary<string, string> Data, int Version)
{
    public override string ToString() => $"secret, version {Version}";
}

/// <summary>Vault's key/value engine, version 2, at the portal's mount. Paths such as <c>users/&lt;id&gt;/github</c>.</summary>
public sealed class KeyValueEngine(VaultClient vault, VaultNames names)
{
    public async Task<KeyValueSecret?> ReadAsync(VaultRole role, string path, CancellationToken cancellationToken)
    {
        var request = new VaultRequest(HttpMethod.Get, VaultPath.Of(names.Kv, "data", path));
        if (await vault.SendAsync(role, request, cancellationToken) is not { } body)
            return null;
        var answer = VaultJson.Read(request.Path, body, VaultJson.Default.AnswerKeyValueData);
        return answer.Data is { Data: { } data, Metadata: { } metadata }
            ? new KeyValueSecret(data.ToDictionary(field => field.Key, field => Text(field.Value)), metadata.Version)
            : null;
    }

    /// <summary>Writes a new version; earlier ones stay readable.</summary>
    public async Task WriteAsync(
        VaultRole role, string path, IReadOnlyDictionary<string, string> data, OnBehalfOf? who, CancellationToken cancellationToken)
    {
        var body = VaultJson.Write(new KeyValueBody(data), VaultJson.Default.KeyValueBody);
        await vault.SendAsync(role, new VaultRequest(HttpMethod.Post, VaultPath.Of(names.Kv, "data", path), body, who), cancellationToken);
    }

    /// <summary>Writes the first version of what was never there.</summary>
    /// <returns>False when something is there already, which stays as it is.</returns>
    public async Task<bool> CreateAsync(
        VaultRole role, string path, IReadOnlyDictionary<string, string> data, OnBehalfOf? who, CancellationToken cancellationToken)
    {
        var body = VaultJson.Write(new KeyValueBody(data, new KeyValueOptions(Cas: 0)), VaultJson.Default.KeyValueBody);
        try
        {
            await vault.SendAsync(role, new VaultRequest(HttpMethod.Post, VaultPath.Of(names.Kv, "data", path), body, who), cancellationToken);
            return true;
        }
        catch (VaultException conflict) when (IsConflict(conflict))
        {
            return false;
        }
    }

    /// <summary>The names below a path, those of folders with a slash at the end. Empty when nothing is there.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(VaultRole role, string path, CancellationToken cancellationToken)
    {
        var request = new VaultRequest(HttpMethod.Get, VaultPath.Of(names.Kv, "metadata", path)) { Query = "list=true" };
        return await vault.SendAsync(role, request, cancellationToken) is { } body
            ? VaultJson.Read(request.Path, body, VaultJson.Default.AnswerKeysData).Data?.Keys ?? []
            : [];
    }

    /// <summary>Writes so that no earlier version stays.</summary>
    public async Task ReplaceAsync(
        VaultRole role, string path, IReadOnlyDictionary<string, string> data, OnBehalfOf? who, CancellationToken cancellationToken)
    {
        var body = VaultJson.Write(new KeyValueMetadataBody(MaxVersions: 1), VaultJson.Default.KeyValueMetadataBody);
        await vault.SendAsync(role, new VaultRequest(HttpMethod.Post, VaultPath.Of(names.Kv, "metadata", path), body, who), cancellationToken);
        await WriteAsync(role, path, data, who, cancellationToken);
    }

    /// <summary>Deletes all versions and what Vault remembers of them. Not there is fine.</summary>
    public Task DeleteAsync(VaultRole role, string path, OnBehalfOf? who, CancellationToken cancellationToken) =>
        vault.SendAsync(role, new VaultRequest(HttpMethod.Delete, VaultPath.Of(names.Kv, "metadata", path), Who: who), cancellationToken);

    /// <summary>Another version is the latest than the one that was asked for.</summary>
    internal static bool IsConflict(VaultException exception) => exception.Words.Contains("check-and-set parameter did not match", StringComparison.Ordinal);

    private static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
