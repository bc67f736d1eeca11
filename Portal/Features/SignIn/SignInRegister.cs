using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Teams;

namespace Portal.Features.SignIn;

/// <summary>Writes sign-ins down: the user, the memberships, the session, and that it happened.</summary>
public sealed class SignInRegister(
    IDbContextFactory<PortalDb> databases, MembershipLedger ledger, Sessions sessions, AuditTrail audit, TimeProvider time)
{
    /// <summary>Finds or makes the user, by the provider's number alone, and notes that Vault is about to hold their token.</summary>
    public Task<User> PrepareUserAsync(string subject, GitHubUser account, CancellationToken cancellationToken) =>
        databases.InTransactionAsync(
            async db =>
            {
                var user = await db.Users.SingleOrDefaultAsync(
                    user => user.Provider == GitHubOptions.Provider && user.Subject == subject, cancellationToken);
                if (user is null)
                {
                    var now = time.GetUtcNow();
                    user = new User
                    {
                        Id = Guid.CreateVersion7(now), Provider = GitHubOptions.Provider, Subject = subject, Login = account.Login,
                        Name = account.Name, CreatedAt = now, SignedInAt = now, ConfirmedAt = now,
                    };
                    db.Add(user);
                }

                user.TokenKept = true;
                return user;
            },
            cancellationToken);

    public async Task<SignedIn> StartSessionAsync(Guid userId, GitHubStanding standing, string address, CancellationToken cancellationToken)
    {
        var key = SessionKey.Create();
        return await databases.InTransactionAsync(
            async db =>
            {
                var user = await db.Users.SingleAsync(user => user.Id == userId, cancellationToken);
                user.SignedInAt = time.GetUtcNow();
                user.SuspendedAt = null;
                await ledger.ApplyAsync(db, user, standing, cancellationToken);
                var session = sessions.Add(db, user, key, address);
                await audit.AppendAsync(
                    db, new AuditEntry("sign-in", user.Id, user.Login, address, $"session {session.Id}", "ok"), cancellationToken);
                return new SignedIn(session.Id, key);
            },
            cancellationToken);
    }

    /// <param name="outcome"><c>refused</c> or <c>failed</c>.</param>
    public Task RecordAsync(GitHubUser account, string address, string outcome, SignInProblemKind why, CancellationToken cancellationToken) =>
        audit.AppendAsync(new AuditEntry("sign-in", null, account.Login, address, $"github {account.Id}", outcome, why.ToString()), cancellationToken);
}

/// <param name="Key">For the cookie, and nothing else.</param>
public sealed record SignedIn(Guid SessionId, SessionKey Key);
