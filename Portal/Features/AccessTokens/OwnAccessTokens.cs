using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Shell;
using Portal.Vault;

namespace Portal.Features.AccessTokens;

/// <summary>One row of a person's list of tokens. Never the token.</summary>
/// <param name="LastUsedOn">Null when never used.</param>
/// <param name="LastUsedFrom">The network of the last call.</param>
/// <param name="NeverShown">No browser confirmed that it showed the text.</param>
public sealed record AccessTokenView(
    Guid Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt,
    DateOnly? LastUsedOn, string? LastUsedFrom, bool NeverShown)
{
    /// <summary>How long before its end a token's owner is warned: time to bring another one to where it is used.</summary>
    public static readonly TimeSpan SoonFrom = TimeSpan.FromDays(14);
}

/// <summary>
/// Issues, lists and revokes a person's access tokens. A token is recorded before Vault signs it, and stands on the whitelist before its
/// text is handed over: a crash anywhere leaves a pending row that <see cref="AccessTokenEnding"/> takes back.
/// </summary>
public sealed partial class OwnAccessTokens(
    IDbContextFactory<PortalDb> databases,
    MembershipCheck memberships,
    AccessTokenWriter writer,
    Whitelist whitelist,
    AccessTokenEnding ending,
    AuditTrail audit,
    CredentialChanges changes,
    IEnumerable<ApiScope> scopes,
    IOptions<AccessTokensOptions> options,
    TimeProvider time,
    ILogger<OwnAccessTokens> logger)
{
    private const int RestoredAtOnce = 20;

    /// <summary>How long a browser has to confirm that it showed the text.</summary>
    private static readonly TimeSpan s_showTime = TimeSpan.FromMinutes(1);

    /// <exception cref="VaultException">Vault did not carry out a step; nothing was handed out and what was made is taken back.</exception>
    /// <exception cref="SignedOutException">The session is over.</exception>
    public async Task<AccessTokenOutcome> IssueAsync(Actor actor, AccessTokenRequest request, CancellationToken cancellationToken)
    {
        await memberships.GetAsync(actor, now: true, cancellationToken);
        var errors = request.Check([.. scopes.Select(scope => scope.Name)], options.Value.LongestLife, actor.Token, time.GetUtcNow());
        if (errors.Count > 0)
            return new AccessTokenOutcome.Rejected(errors);

        var recorded = await RecordAsync(actor, request, cancellationToken);
        if (recorded.Refusal is { } refusal)
            return refusal;

        var token = recorded.Token!;
        try
        {
            // A browser that goes away now does not stop it half way.
            var text = await writer.WriteAsync(token, CancellationToken.None);
            if (!await whitelist.AddAsync(token, CancellationToken.None))
                throw new InvalidOperationException($"Access token {token.Id} stands on the whitelist already.");
            if (await ActivateAsync(actor, token.Id))
            {
                changes.Publish(actor.UserId);
                return new AccessTokenOutcome.Issued(new(token.Id, token.Name, token.Scopes.Split(' '), token.CreatedAt, token.ExpiresAt, text));
            }

            // Whoever ended it may have looked at the whitelist before it stood there.
            await whitelist.RemoveAsync(token.OwnerId, token.Id, token.OwnerLogin, CancellationToken.None);
            await ending.EndAsync(token.Id);
            return new AccessTokenOutcome.EndedMeanwhile();
        }
        catch (Exception exception)
        {
            Log.IssueFailed(logger, token.Id, exception);
            await ending.TakeBackAsync(token.Id);
            throw;
        }
    }

    /// <summary>The person's live tokens, newest first, as the whitelist has them. Vault away, as they were last known.</summary>
    public async Task<IReadOnlyList<AccessTokenView>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        await memberships.GetAsync(actor, now: false, cancellationToken);
        await MatchWhitelistAsync(actor, cancellationToken);
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var tokens = await db.AccessTokens.AsNoTracking()
            .Where(token => token.OwnerId == actor.UserId && token.State == AccessTokenState.Active && token.ExpiresAt > now)
            .OrderByDescending(token => token.CreatedAt).ThenByDescending(token => token.Id)
            .ToListAsync(cancellationToken);
        return [.. tokens.Select(token => View(token, now))];
    }

    /// <summary>Refused from now on with all that was made by it, here at once and on other replicas within <see cref="AccessTokensOptions.CacheTime"/>.</summary>
    /// <returns>False when the person has no such live token.</returns>
    public async Task<bool> RevokeAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        await memberships.GetAsync(actor, now: false, cancellationToken);
        var revoked = await databases.InTransactionAsync<IReadOnlyList<Guid>>(
            async db =>
            {
                var now = time.GetUtcNow();
                var token = await db.AccessTokens.SingleOrDefaultAsync(
                    token => token.Id == id && token.OwnerId == actor.UserId && token.ExpiresAt > now, cancellationToken);
                if (token is not { State: AccessTokenState.Active or AccessTokenState.Pending })
                    return [];
                var over = await WithDescendantsAsync(db, token, cancellationToken);
                foreach (var one in over)
                {
                    one.StartRevoking(actor.Login, now);
                    await audit.AppendAsync(db, Entry(actor, "access-token.revoke", one, one.Name), cancellationToken);
                }

                return [.. over.Select(one => one.Id)];
            },
            cancellationToken);
        if (revoked.Count == 0)
            return false;
        foreach (var over in revoked)
            await ending.EndAsync(over);
        changes.Publish(actor.UserId);
        return true;
    }

    // Whoever had the token may have made others with it.
    private static async Task<IReadOnlyList<AccessToken>> WithDescendantsAsync(PortalDb db, AccessToken token, CancellationToken cancellationToken)
    {
        var all = new List<AccessToken> { token };
        for (var next = 0; next < all.Count; next++)
        {
            var parent = all[next].Id;
            all.AddRange(await db.AccessTokens
                .Where(child => child.ParentId == parent && (child.State == AccessTokenState.Active || child.State == AccessTokenState.Pending))
                .ToListAsync(cancellationToken));
        }

        return all;
    }

    /// <summary>The browser showed the text. A second confirmation changes nothing.</summary>
    /// <returns>False when the actor has no such token.</returns>
    public async Task<bool> ConfirmShownAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        var found = await databases.InTransactionAsync(
            async db =>
            {
                var token = await db.AccessTokens.SingleOrDefaultAsync(token => token.Id == id && token.OwnerId == actor.UserId, cancellationToken);
                if (token is { ShownAt: null })
                    token.Shown(time.GetUtcNow());
                return token is not null;
            },
            cancellationToken);
        if (found)
            changes.Publish(actor.UserId);
        return found;
    }

    private async Task<(AccessToken? Token, AccessTokenOutcome? Refusal)> RecordAsync(
        Actor actor, AccessTokenRequest request, CancellationToken cancellationToken) =>
        await databases.InTransactionAsync<(AccessToken?, AccessTokenOutcome?)>(
            async db =>
            {
                var (name, wanted) = (request.Name.Trim(), string.Join(' ', request.Scopes.Distinct()));
                if (await db.AccessTokens.SingleOrDefaultAsync(
                    token => token.OwnerId == actor.UserId && token.RequestKey == request.RequestKey, cancellationToken) is { } before)
                {
                    return (null, before.Name == name && before.Scopes == wanted && before.ExpiresAt == before.CreatedAt.AddSeconds(request.ExpiresInSeconds)
                        ? new AccessTokenOutcome.AlreadyIssued(before.Id)
                        : new AccessTokenOutcome.KeyReused());
                }

                var now = time.GetUtcNow();
                if (actor.Token is { } asker && await db.AccessTokens.AnyAsync(token => token.Id == asker.Id && token.State != AccessTokenState.Active, cancellationToken))
                    throw new SignedOutException();
                var held = await db.AccessTokens.CountAsync(
                    token => token.OwnerId == actor.UserId && (token.State == AccessTokenState.Active || token.State == AccessTokenState.Pending) && token.ExpiresAt > now,
                    cancellationToken);
                if (held >= options.Value.MostPerUser)
                {
                    return (null, new AccessTokenOutcome.Rejected(new Dictionary<string, string>
                    {
                        ["name"] = $"You hold {held} access tokens, which is as many as one person may. End those that nobody uses.",
                    }));
                }

                // Whole seconds, as the claims have them.
                now = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
                var token = new AccessToken
                {
                    Id = Guid.CreateVersion7(time.GetUtcNow()),
                    OwnerId = actor.UserId,
                    OwnerLogin = actor.Login,
                    ParentId = actor.Token?.Id,
                    Name = name,
                    Scopes = wanted,
                    RequestKey = request.RequestKey,
                    CreatedAt = now,
                    ExpiresAt = Earlier(now.AddSeconds(request.ExpiresInSeconds), actor.Token?.ExpiresAt),
                };
                db.Add(token);
                await audit.AppendAsync(db, Entry(actor, "access-token.request", token, name), cancellationToken);
                return (token, null);
            },
            cancellationToken);

    private static DateTimeOffset Earlier(DateTimeOffset end, DateTimeOffset? limit) => limit < end ? limit.Value : end;

    /// <returns>False when somebody ended it meanwhile.</returns>
    private Task<bool> ActivateAsync(Actor actor, Guid id) => databases.InTransactionAsync(
        async db =>
        {
            var token = await db.AccessTokens.SingleAsync(token => token.Id == id, CancellationToken.None);
            if (token.State != AccessTokenState.Pending)
                return false;
            token.Activate();
            // Its text leaves in the answer: a program has no dialog to confirm.
            if (actor.Token is not null)
                token.Shown(time.GetUtcNow());
            await audit.AppendAsync(
                db, Entry(actor, "access-token.issue", token, $"{token.Name}: {token.Scopes} until {token.ExpiresAt:O}"), CancellationToken.None);
            return true;
        },
        CancellationToken.None);

    // The whitelist has the say: what somebody deleted there is over, and what a restored database lost comes back.
    private async Task MatchWhitelistAsync(Actor actor, CancellationToken cancellationToken)
    {
        var askedAt = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // Read before the whitelist: what is added meanwhile is not missed there.
        var active = await db.AccessTokens
            .Where(token => token.OwnerId == actor.UserId && token.State == AccessTokenState.Active && token.ExpiresAt > askedAt)
            .Select(token => token.Id).ToListAsync(cancellationToken);
        IReadOnlySet<Guid> listed;
        try
        {
            listed = await whitelist.ListAsync(actor.UserId, cancellationToken);
        }
        catch (VaultException exception) when (exception.Failure is VaultFailure.Unreachable or VaultFailure.Sealed)
        {
            Log.NotMatched(logger, actor.UserId, exception.Message);
            return;
        }

        foreach (var id in active.Where(id => !listed.Contains(id)))
            await ending.FinishAsync(id, AccessTokenState.Revoked, "somebody at Vault");
        if (listed.Count <= active.Count && listed.IsSubsetOf(active))
            return;
        // Read after the whitelist: what is added meanwhile is not taken for lost.
        var known = await db.AccessTokens.Where(token => token.OwnerId == actor.UserId).Select(token => token.Id).ToListAsync(cancellationToken);
        foreach (var id in listed.Except(known).Take(RestoredAtOnce))
        {
            if (await whitelist.ReadAsync(actor.UserId, id, cancellationToken) is { } lost && lost.ExpiresAt > askedAt)
                db.Add(lost);
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    private static AccessTokenView View(AccessToken token, DateTimeOffset now) => new(
        token.Id, token.Name, token.Scopes.Split(' '), token.CreatedAt, token.ExpiresAt, token.LastUsedOn, token.LastUsedFrom,
        token is { ShownAt: null, LastUsedOn: null } && token.CreatedAt + s_showTime < now);

    private static AuditEntry Entry(Actor actor, string action, AccessToken token, string detail) => new(
        action, actor.UserId, actor.Login, actor.Address, $"access token {token.Id}", "ok", detail + actor.Means);

    private static partial class Log
    {
        [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "Access token {Token} was not issued; what was made is taken back.")]
        public static partial void IssueFailed(ILogger logger, Guid token, Exception exception);

        [LoggerMessage(EventId = 4002, Level = LogLevel.Warning, Message = "The access tokens of user {User} are listed as last known: {Why}")]
        public static partial void NotMatched(ILogger logger, Guid user, string why);
    }
}
