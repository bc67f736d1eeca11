using System.Globalization;
using Portal.Vault;

namespace Portal.Features.AccessTokens;

/// <summary>
/// The access tokens that count, in Vault's key/value engine: one entry each at <c>access-tokens/&lt;user&gt;/&lt;jti&gt;</c>, which never
/// holds the token itself.
/// </summary>
public sealed class Whitelist(KeyValueEngine vault)
{
    private const string Name = "name";
    private const string Scopes = "scopes";
    private const string Login = "login";
    private const string CreatedAt = "created_at";
    private const string ExpiresAt = "expires_at";

    /// <returns>False when an entry of this id is there already.</returns>
    public Task<bool> AddAsync(AccessToken token, CancellationToken cancellationToken) => vault.CreateAsync(
        VaultRole.AccessTokens,
        Path(token.OwnerId, token.Id),
        new Dictionary<string, string>
        {
            [Name] = token.Name,
            [Scopes] = token.Scopes,
            [Login] = token.OwnerLogin,
            [CreatedAt] = Text(token.CreatedAt),
            [ExpiresAt] = Text(token.ExpiresAt),
        },
        new OnBehalfOf(token.OwnerLogin, token.Id),
        cancellationToken);

    public async Task<bool> HasAsync(Guid userId, Guid id, CancellationToken cancellationToken) =>
        await vault.ReadAsync(VaultRole.AccessTokens, Path(userId, id), cancellationToken) is not null;

    /// <summary>Not there is fine.</summary>
    public Task RemoveAsync(Guid userId, Guid id, string login, CancellationToken cancellationToken) =>
        vault.DeleteAsync(VaultRole.AccessTokens, Path(userId, id), new OnBehalfOf(login, id), cancellationToken);

    /// <summary>The ids of all of a user's entries, in one call.</summary>
    public async Task<IReadOnlySet<Guid>> ListAsync(Guid userId, CancellationToken cancellationToken)
    {
        var names = await vault.ListAsync(VaultRole.AccessTokens, $"access-tokens/{userId}", cancellationToken);
        return names.Where(name => Guid.TryParseExact(name, "D", out _)).Select(Guid.Parse).ToHashSet();
    }

    /// <summary>What an entry says of a token whose row the portal's database lost; null when it is gone or says nothing.</summary>
    public async Task<AccessToken?> ReadAsync(Guid userId, Guid id, CancellationToken cancellationToken)
    {
        if ((await vault.ReadAsync(VaultRole.AccessTokens, Path(userId, id), cancellationToken))?.Data is not { } entry
            || Moment(entry, CreatedAt) is not { } createdAt
            || Moment(entry, ExpiresAt) is not { } expiresAt)
        {
            return null;
        }

        var token = new AccessToken
        {
            Id = id,
            OwnerId = userId,
            OwnerLogin = entry.GetValueOrDefault(Login, ""),
            Name = entry.GetValueOrDefault(Name, ""),
            Scopes = entry.GetValueOrDefault(Scopes, ""),
            RequestKey = $"{id:N}",
            CreatedAt = createdAt,
            ExpiresAt = expiresAt,
        };
        token.Activate();
        token.Shown(createdAt);
        return token;
    }

    private static string Path(Guid userId, Guid id) => $"access-tokens/{userId}/{id}";

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Moment(IReadOnlyDictionary<string, string> entry, string field) =>
        DateTimeOffset.TryParse(entry.GetValueOrDefault(field), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
}
