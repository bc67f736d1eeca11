using System.Globalization;
using System.Text.Json;

namespace Portal.Vault;

/// <summary>One version of a JSON object in the key/value engine.</summary>
public sealed record KeyValueDocument(JsonElement Data, int Version)
{
    public override string ToString() => $"document, version {Version}";
}

/// <summary>JSON objects with versions in Vault's key/value engine, version 2, at the portal's mount.</summary>
public sealed class KeyValueDocuments(VaultClient vault, VaultNames names, KeyValueEngine engine)
{
    /// <param name="version">Null for the latest.</param>
    /// <returns>Null when it is not there, deleted or destroyed.</returns>
    public async Task<KeyValueDocument?> ReadAsync(VaultRole role, string path, int? version, OnBehalfOf? who, CancellationToken cancellationToken)
    {
        var request = new VaultRequest(HttpMethod.Get, VaultPath.Of(names.Kv, "data", path), Who: who)
        {
            Query = version is { } number ? string.Create(CultureInfo.InvariantCulture, $"version={number}") : null,
        };
        if (await vault.SendAsync(role, request, cancellationToken) is not { } body)
            return null;
        return VaultJson.Read(request.Path, body, VaultJson.Default.AnswerKeyValueDocumentData).Data is { Data: { ValueKind: JsonValueKind.Object } data, Metadata: { } metadata }
            ? new KeyValueDocument(data, metadata.Version)
            : null;
    }

    /// <param name="basedOn">The version that must be the latest; 0: none may be there.</param>
    /// <returns>The new version's number; null when another version is the latest, which stays as it is.</returns>
    public async Task<int?> WriteAsync(VaultRole role, string path, JsonElement data, int basedOn, OnBehalfOf? who, CancellationToken cancellationToken)
    {
        var body = VaultJson.Write(new KeyValueDocumentBody(data, new KeyValueOptions(basedOn)), VaultJson.Default.KeyValueDocumentBody);
        var request = new VaultRequest(HttpMethod.Post, VaultPath.Of(names.Kv, "data", path), body, who);
        try
        {
            var answer = await vault.SendAsync(role, request, cancellationToken) ?? throw VaultErrors.NotUnderstood(request.Path);
            return VaultJson.Read(request.Path, answer, VaultJson.Default.AnswerKeyValueVersion).Data?.Version ?? throw VaultErrors.NotUnderstood(request.Path);
        }
        catch (VaultException conflict) when (KeyValueEngine.IsConflict(conflict))
        {
            return null;
        }
    }

    /// <inheritdoc cref="KeyValueEngine.ListAsync"/>
    public Task<IReadOnlyList<string>> ListAsync(VaultRole role, string path, CancellationToken cancellationToken) => engine.ListAsync(role, path, cancellationToken);

    /// <inheritdoc cref="KeyValueEngine.DeleteAsync"/>
    public Task DeleteAsync(VaultRole role, string path, OnBehalfOf? who, CancellationToken cancellationToken) => engine.DeleteAsync(role, path, who, cancellationToken);

    /// <summary>How many versions Vault keeps of it; the oldest fall away. Also before the first is written.</summary>
    public Task KeepVersionsAsync(VaultRole role, string path, int count, OnBehalfOf? who, CancellationToken cancellationToken)
    {
        var body = VaultJson.Write(new KeyValueMetadataBody(count), VaultJson.Default.KeyValueMetadataBody);
        return vault.SendAsync(role, new VaultRequest(HttpMethod.Post, VaultPath.Of(names.Kv, "metadata", path), body, who), cancellationToken);
    }

    /// <summary>The numbers of the versions that can be read, in order.</summary>
    public async Task<IReadOnlyList<int>> ListVersionsAsync(VaultRole role, string path, CancellationToken cancellationToken)
    {
        var request = new VaultRequest(HttpMethod.Get, VaultPath.Of(names.Kv, "metadata", path));
        if (await vault.SendAsync(role, request, cancellationToken) is not { } body)
            return [];
        var versions = VaultJson.Read(request.Path, body, VaultJson.Default.AnswerKeyValueMetadata).Data?.Versions ?? [];
        return [.. versions.Where(version => version.Value is { Destroyed: false, DeletionTime: null or "" })
            .Select(version => int.Parse(version.Key, CultureInfo.InvariantCulture)).Order()];
    }

    /// <summary>Removes what one version holds, for good. Others stay.</summary>
    public Task DestroyVersionAsync(VaultRole role, string path, int version, OnBehalfOf? who, CancellationToken cancellationToken)
    {
        var body = VaultJson.Write(new KeyValueVersionsBody([version]), VaultJson.Default.KeyValueVersionsBody);
        return vault.SendAsync(role, new VaultRequest(HttpMethod.Post, VaultPath.Of(names.Kv, "destroy", path), body, who), cancellationToken);
    }
}
