using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.AccessTokens;
using Portal.Vault;

namespace Portal.Features.SignIn;

/// <summary>
/// People's GitHub tokens. They rest in Vault alone, one a user, from the first session to the last session or access token:
/// as long as somebody acts in the person's name, the portal can ask who that still is. Whoever changes one holds the user's
/// lock, see <see cref="LockAsync"/>.
/// </summary>
public sealed partial class GitHubTokens(
    KeyValueEngine vault,
    Whitelist whitelist,
    GitHubClient gitHub,
    IDbContextFactory<PortalDb> databases,
    KeyedLocks locks,
    TimeProvider time,
    ILogger<GitHubTokens> logger)
{
    private const string Field = "access_token";

    public Task<IDisposable> LockAsync(string subject, CancellationToken cancellationToken) => locks.EnterAsync(subject, cancellationToken);

    public async Task<string?> ReadAsync(Guid userId, CancellationToken cancellationToken) =>
        (await vault.ReadAsync(VaultRole.SignIn, Path(userId), cancellationToken))?.Data.GetValueOrDefault(Field);

    /// <summary>Keeps the token in the place of the one before, which ends.</summary>
    public async Task KeepAsync(User user, string token, CancellationToken cancellationToken)
    {
        var before = await ReadAsync(user.Id, cancellationToken);
        await vault.ReplaceAsync(
            VaultRole.SignIn, Path(user.Id), new Dictionary<string, string> { [Field] = token }, new OnBehalfOf(user.Login), cancellationToken);
        if (before is not null && before != token)
            await RevokeAsync(before, cancellationToken);
    }

    /// <summary>Deletes the tokens of users who have neither a session nor an access token left. What fails is tried again at the next call.</summary>
    public async Task DiscardUnusedAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var users = await db.Users.AsNoTracking()
            .Where(user => user.TokenKept)
            .Where(IsUnused(db))
            .ToListAsync(cancellationToken);
        foreach (var user in users)
            await DiscardUnusedAsync(user, cancellationToken);
    }

    /// <summary>Whether the user has neither a session nor an access token.</summary>
    public async Task<bool> IsUnusedAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Users.Where(IsUnused(db)).AnyAsync(user => user.Id == userId, cancellationToken);
    }

    /// <summary>Deletes the user's token if neither a session nor an access token is left. What fails is logged and left for the next <see cref="DiscardUnusedAsync(CancellationToken)"/>.</summary>
    public async Task DiscardUnusedAsync(User user, CancellationToken cancellationToken)
    {
        using var held = await LockAsync(user.Subject, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await IsUnusedAsync(user.Id, cancellationToken))
            return;
        try
        {
            // A restored database may have lost the rows of tokens that count.
            if (user.SuspendedAt is null && (await whitelist.ListAsync(user.Id, cancellationToken)).Count > 0)
                return;
            if (await ReadAsync(user.Id, cancellationToken) is { } token)
                await RevokeAsync(token, cancellationToken);
            await vault.DeleteAsync(VaultRole.SignIn, Path(user.Id), new OnBehalfOf(user.Login), cancellationToken);
        }
        catch (VaultException exception)
        {
            Log.NotDeleted(logger, user.Id, exception);
            return;
        }

        await db.Users.Where(row => row.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.TokenKept, false), cancellationToken);
    }

    /// <summary>Ends a token at GitHub as well as can be: one that survives is held by nobody, and GitHub keeps ten a user.</summary>
    public async Task RevokeAsync(string token, CancellationToken cancellationToken)
    {
        try
        {
            await gitHub.RevokeAsync(token, cancellationToken);
        }
        catch (GitHubException exception)
        {
            Log.NotRevoked(logger, exception.Message);
        }
    }

    private Expression<Func<User, bool>> IsUnused(PortalDb db)
    {
        var now = time.GetUtcNow();
        return user => !db.Set<Session>().Any(session => session.UserId == user.Id)
            && !db.Set<AccessToken>().Any(token => token.OwnerId == user.Id
                && (token.State == AccessTokenState.Active || token.State == AccessTokenState.Pending) && token.ExpiresAt > now);
    }

    private static string Path(Guid userId) => $"users/{userId}/github";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Vault did not delete the GitHub token of user {UserId}; tried again within a minute")]
        public static partial void NotDeleted(ILogger logger, Guid userId, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "A token that is no longer needed could not be ended at GitHub: {Reason}")]
        public static partial void NotRevoked(ILogger logger, string reason);
    }
}
