using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.SignIn;
using Portal.Features.Teams;
using Portal.Vault;

namespace Portal.Features.Databases;

/// <summary>
/// Issues and extends database credentials. Each hangs on an orphan token of its own, so that it outlives the portal's login and pod.
/// Every handle is recorded before the step that would be lost without it: a crash anywhere leaves a pending row that
/// <see cref="CredentialEnding"/> takes back.
/// </summary>
public sealed partial class DatabaseCredentials(
    IDbContextFactory<PortalDb> databases,
    GrantedRoles roles,
    MembershipCheck memberships,
    DatabaseEngine vault,
    CredentialEnding ending,
    CredentialChanges changes,
    AuditTrail audit,
    IOptions<DatabasesOptions> options,
    TimeProvider time,
    ILogger<DatabaseCredentials> logger)
{
    private const int MostAttempts = 8;
    private static readonly TimeSpan s_attemptPause = TimeSpan.FromMilliseconds(50);

    /// <exception cref="VaultException">Vault did not carry out a step; nothing was handed out and what was made is taken back.</exception>
    /// <exception cref="SignedOutException">The session is over.</exception>
    public async Task<IssueOutcome> IssueAsync(Actor actor, IssueRequest request, CancellationToken cancellationToken)
    {
        var access = await memberships.GetAsync(actor, now: true, cancellationToken);
        if (await roles.FindGrantAsync(access, request.Role, cancellationToken) is not { } grant)
            return new IssueOutcome.NotFound();
        var errors = request.Check(options.Value.ShortestDuration, GrantedRoles.Longest(grant));
        if (errors.Count > 0)
            return new IssueOutcome.Rejected(errors);
        if (grant.RequiresApproval)
            return new IssueOutcome.ApprovalNeeded();

        var (credential, isNew) = await RecordAsync(actor, request, grant, cancellationToken);
        if (credential is null)
            return new IssueOutcome.NotFound();
        if (!isNew)
            return IsSameWish(credential, request) ? new IssueOutcome.AlreadyIssued(credential.Id) : new IssueOutcome.KeyReused();

        // A browser that goes away now does not stop it half way: the steps have a deadline of their own.
        using var deadline = new CancellationTokenSource(options.Value.IssueTimeout, time);
        try
        {
            if (await CarryOutAsync(actor, request, grant, credential.Id, deadline.Token) is { } issued)
                return new IssueOutcome.Issued(issued);
            await ending.TakeBackAsync(credential.Id, "ended while it was issued");
            return new IssueOutcome.EndedMeanwhile();
        }
        catch (Exception exception)
        {
            Log.IssueFailed(logger, credential.Id, exception);
            await ending.TakeBackAsync(credential.Id, "failed while it was issued");
            if (exception is OperationCanceledException)
                throw new VaultException(VaultFailure.Unreachable, $"creds/{request.Role}", null, ["no answer within the time for an issue"]);
            throw;
        }
        finally
        {
            changes.Publish(actor.UserId);
        }
    }

    /// <summary>Lengthens the life of an own credential, from now, up to the longest its grant allows from its issue.</summary>
    /// <exception cref="VaultException">Vault did not carry out a step; the end that was shown still holds.</exception>
    public async Task<ExtendOutcome> ExtendAsync(Actor actor, Guid id, TimeSpan duration, CancellationToken cancellationToken)
    {
        var access = await memberships.GetAsync(actor, now: true, cancellationToken);
        var credential = await FindOwnAsync(actor, id, cancellationToken);
        if (credential is not { State: CredentialState.Active, Accessor: { } accessor, LeaseId: { } leaseId })
            return new ExtendOutcome.NotFound();
        if (await roles.FindGrantAsync(access, credential.GrantId, cancellationToken) is not { } grant)
            return new ExtendOutcome.Rejected("durationSeconds", "The grant it was issued under is no longer yours: it ends when it says.");

        var now = time.GetUtcNow();
        var latestByGrant = credential.IssuedAt + GrantedRoles.Longest(grant);
        var latest = latestByGrant < credential.LatestEnd ? latestByGrant : credential.LatestEnd;
        var longest = TimeSpan.FromSeconds(Math.Floor((latest - now).TotalSeconds));
        if (credential.ExpiresAt <= now)
            return new ExtendOutcome.Rejected("durationSeconds", "It has ended. Ask for new credentials.");
        if (duration < options.Value.ShortestDuration || duration > longest)
        {
            return new ExtendOutcome.Rejected("durationSeconds", longest < options.Value.ShortestDuration
                ? "It already lasts as long as its grant allows."
                : IssueRules.CheckDuration((int)duration.TotalSeconds, options.Value.ShortestDuration, longest) ?? "Whole seconds, please.");
        }

        if (now + duration <= credential.ExpiresAt)
            return new ExtendOutcome.Rejected("durationSeconds", $"It already lasts until {credential.ExpiresAt:yyyy-MM-dd HH:mm:ss} UTC.");

        var who = new OnBehalfOf(actor.Login, id);
        var askedAt = time.GetUtcNow();
        var tokenLife = await vault.RenewTokenAsync(accessor, duration, who, cancellationToken);
        var tokenEnd = askedAt + tokenLife;
        askedAt = time.GetUtcNow();
        var leaseEnd = askedAt + await vault.RenewLeaseAsync(leaseId, duration, who, cancellationToken);
        var end = tokenEnd < leaseEnd ? tokenEnd : leaseEnd;
        var extended = await databases.InTransactionAsync(
            async db =>
            {
                var current = await db.Credentials.SingleAsync(row => row.Id == id, cancellationToken);
                if (current.State != CredentialState.Active)
                    return false;
                current.Extend(end);
                await audit.AppendAsync(db, Entry(actor, "credential.extend", current, $"until {end:O}"), cancellationToken);
                return true;
            },
            cancellationToken);
        changes.Publish(actor.UserId);
        return extended ? new ExtendOutcome.Extended(end) : new ExtendOutcome.NotFound();
    }

    /// <summary>Ends a credential: one's own, one of a team that one maintains, or any for a portal admin.</summary>
    public async Task<RevokeOutcome> RevokeAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        var access = await memberships.GetAsync(actor, now: false, cancellationToken);
        var marked = await databases.InTransactionAsync(
            async db =>
            {
                var credential = await db.Credentials.SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
                if (credential is null || !access.MayEnd(credential.OwnerId, credential.TeamId))
                    return (bool?)null;
                if (credential.State is not (CredentialState.Active or CredentialState.Pending))
                    return credential.State == CredentialState.Revoking;
                credential.StartRevoking(actor.Login, time.GetUtcNow());
                await audit.AppendAsync(db, Entry(actor, "credential.revoke", credential, null), cancellationToken);
                return true;
            },
            cancellationToken);
        return marked switch
        {
            null => new RevokeOutcome.NotFound(),
            false => new RevokeOutcome.HadEnded(),
            true => await ending.EndAsync(id) is { } why ? new RevokeOutcome.Revoking(why) : new RevokeOutcome.Revoked(),
        };
    }

    // The end that was asked for is gone once the credential is active.
    private static bool IsSameWish(Credential before, IssueRequest request) =>
        before.Kind == CredentialKind.Database && before.Role == request.Role && before.Reason == request.Reason.Trim();

    /// <returns>Null when grant or membership ended meanwhile; what ends them later finds the row.</returns>
    private async Task<(Credential? Credential, bool IsNew)> RecordAsync(
        Actor actor, IssueRequest request, DatabaseGrant grant, CancellationToken cancellationToken) =>
        await databases.InTransactionAsync<(Credential?, bool)>(
            async db =>
            {
                // The transaction holds the write lock: of two clicks the second finds the row of the first.
                if (await db.Credentials.SingleOrDefaultAsync(
                    row => row.OwnerId == actor.UserId && row.RequestKey == request.RequestKey, cancellationToken) is { } before)
                {
                    return (before, false);
                }

                if (!await GrantedRoles.StillAllowsAsync(db, actor, grant, request, cancellationToken))
                    return (null, false);

                var now = time.GetUtcNow();
                var credential = new Credential
                {
                    Id = Guid.CreateVersion7(now),
                    Kind = CredentialKind.Database,
                    OwnerId = actor.UserId,
                    OwnerLogin = actor.Login,
                    TeamId = grant.TeamId,
                    TeamName = grant.Team.Name,
                    GrantId = grant.Id,
                    Role = grant.RoleName,
                    Target = $"{DatabaseEngines.Title(grant.Role.Connection.Engine)} {grant.Role.Connection.Database}",
                    Reason = request.Reason.Trim(),
                    RequestKey = request.RequestKey,
                    IssuedAt = now,
                    ExpiresAt = now.AddSeconds(request.DurationSeconds),
                    LatestEnd = now + GrantedRoles.Longest(grant),
                };
                db.Add(credential);
                await audit.AppendAsync(db, Entry(actor, "credential.request", credential, request.Reason.Trim()), cancellationToken);
                return (credential, true);
            },
            cancellationToken);

    /// <returns>Null when somebody ended it meanwhile.</returns>
    private async Task<IssuedCredential?> CarryOutAsync(
        Actor actor, IssueRequest request, DatabaseGrant grant, Guid id, CancellationToken cancellationToken)
    {
        var who = new OnBehalfOf(actor.Login, id);
        var duration = TimeSpan.FromSeconds(request.DurationSeconds);

        var askedAt = time.GetUtcNow();
        var token = await vault.CreateTokenAsync(grant.RoleName, duration, who, cancellationToken);
        var tokenEnd = askedAt + token.Ttl;
        if (await ChangePendingAsync(id, credential => credential.Carry(token.Accessor), entry: null, cancellationToken) is null)
            return null;

        var login = await ReadLoginAsync(grant.RoleName, token, who, cancellationToken);
        askedAt = time.GetUtcNow();
        var leaseEnd = askedAt + await vault.RenewLeaseAsync(login.LeaseId, duration, who, cancellationToken);

        var end = tokenEnd < leaseEnd ? tokenEnd : leaseEnd;
        var issued = await ChangePendingAsync(
            id,
            credential =>
            {
                credential.Activate(login.Username, login.LeaseId, end);
                // A program has the secret with the answer; it has no dialog to confirm.
                if (actor.Token is not null)
                    credential.Shown(time.GetUtcNow());
            },
            credential => Entry(actor, "credential.issue", credential, $"{login.Username} until {end:O}"),
            cancellationToken);
        var connection = grant.Role.Connection;
        return issued is null ? null : new IssuedCredential(
            id, login.Username, login.Password,
            new DatabaseAddress(connection.Engine, connection.Host, connection.Port, connection.Database, connection.TlsMode),
            issued.IssuedAt, end);
    }

    // PostgreSQL refuses one of two transactions that change the rights on the same table at the same moment, such as an issue and another
    // person's revocation. Vault has rolled its own back then: no user is left, and asking again is safe.
    private async Task<DatabaseLogin> ReadLoginAsync(string role, CredentialToken token, OnBehalfOf who, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await vault.ReadCredentialsAsync(role, token, who, cancellationToken);
            }
            catch (VaultException exception) when (attempt < MostAttempts && exception.Words.Contains("tuple concurrently", StringComparison.Ordinal))
            {
                await Task.Delay(s_attemptPause * attempt, time, cancellationToken);
            }
        }
    }

    /// <returns>Null when somebody ended it meanwhile.</returns>
    private async Task<Credential?> ChangePendingAsync(
        Guid id, Action<Credential> change, Func<Credential, AuditEntry>? entry, CancellationToken cancellationToken) =>
        await databases.InTransactionAsync(
            async db =>
            {
                var credential = await db.Credentials.SingleAsync(row => row.Id == id, cancellationToken);
                if (credential.State != CredentialState.Pending)
                    return null;
                change(credential);
                if (entry is not null)
                    await audit.AppendAsync(db, entry(credential), cancellationToken);
                return credential;
            },
            cancellationToken);

    private async Task<Credential?> FindOwnAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Credentials.AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == id && row.OwnerId == actor.UserId, cancellationToken);
    }

    private static AuditEntry Entry(Actor actor, string action, Credential credential, string? detail) => new(
        action, actor.UserId, actor.Login, actor.Address, $"credential {credential.Id}", "ok",
        (detail is null ? credential.Role : $"{credential.Role}: {detail}") + actor.Means);

    private static partial class Log
    {
        [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "Credential {Credential} was not issued; what was made is taken back.")]
        public static partial void IssueFailed(ILogger logger, Guid credential, Exception exception);
    }
}
