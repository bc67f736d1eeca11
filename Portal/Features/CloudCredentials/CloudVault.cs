using Portal.Vault;

namespace Portal.Features.CloudCredentials;

/// <summary>Where a cloud credential rests in Vault.</summary>
public sealed record CloudPlace(Guid TeamId, string Name)
{
    public string Path => $"{TeamPath(TeamId)}/{Name}";

    public static string TeamPath(Guid teamId) => $"teams/{teamId}/clouds";
}

/// <param name="Document">Null when it was not written by the portal.</param>
public sealed record CloudRead(int Version, CloudDocument? Document);

/// <summary>Cloud credentials in Vault's key/value engine, one path each at <c>teams/&lt;team id&gt;/clouds/&lt;name&gt;</c>.</summary>
public sealed class CloudVault(KeyValueDocuments vault)
{
    /// <summary>Vault's own default would let the eleventh push out the first.</summary>
    public const int VersionsKept = 100;

    private const VaultRole Role = VaultRole.CloudCredentials;

    /// <param name="version">Null for the latest.</param>
    /// <returns>Null when there is none.</returns>
    public async Task<CloudRead?> ReadAsync(CloudPlace place, int? version, OnBehalfOf? who, CancellationToken cancellationToken) =>
        await vault.ReadAsync(Role, place.Path, version, who, cancellationToken) is { } read ? new(read.Version, CloudDocument.Read(read.Data)) : null;

    /// <param name="basedOn">The version that must be the latest; 0: none may be there.</param>
    /// <returns>The new version's number; null when another one is the latest, which stays.</returns>
    public async Task<int?> WriteAsync(CloudPlace place, CloudDocument document, int basedOn, OnBehalfOf who, CancellationToken cancellationToken)
    {
        if (basedOn == 0)
            await vault.KeepVersionsAsync(Role, place.Path, VersionsKept, who, cancellationToken);
        return await vault.WriteAsync(Role, place.Path, document.Write(), basedOn, who, cancellationToken);
    }

    /// <summary>All versions and what Vault remembers of them. Not there is fine.</summary>
    public Task DeleteAsync(CloudPlace place, OnBehalfOf who, CancellationToken cancellationToken) =>
        vault.DeleteAsync(Role, place.Path, who, cancellationToken);

    public Task DestroyVersionAsync(CloudPlace place, int version, OnBehalfOf who, CancellationToken cancellationToken) =>
        vault.DestroyVersionAsync(Role, place.Path, version, who, cancellationToken);

    public Task<IReadOnlyList<int>> ListVersionsAsync(CloudPlace place, CancellationToken cancellationToken) =>
        vault.ListVersionsAsync(Role, place.Path, cancellationToken);

    /// <summary>Ids of all teams that keep something, adopted or not.</summary>
    public async Task<IReadOnlyList<Guid>> ListTeamsAsync(CancellationToken cancellationToken) =>
        [.. (await vault.ListAsync(Role, "teams", cancellationToken))
            .Where(name => Guid.TryParseExact(name.TrimEnd('/'), "D", out _)).Select(name => Guid.Parse(name.TrimEnd('/')))];

    public async Task<IReadOnlyList<string>> ListNamesAsync(Guid teamId, CancellationToken cancellationToken) =>
        [.. (await vault.ListAsync(Role, CloudPlace.TeamPath(teamId), cancellationToken)).Where(name => CloudRules.IsName(name))];
}
