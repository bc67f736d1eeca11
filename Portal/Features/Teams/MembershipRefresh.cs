using System.Collections.Concurrent;
using System.Globalization;
using Portal.Features.SignIn;
using Portal.Vault;

namespace Portal.Features.Teams;

/// <summary>Asks the provider about a user again and has written down what it says. One call in flight a user, however many wait for it.</summary>
public sealed partial class MembershipRefresh(
    GitHubTokens tokens, GitHubMemberships gitHub, MembershipLedger ledger, TimeProvider time, ILogger<MembershipRefresh> logger)
{
    /// <summary>After a failure, pages do not wait for the provider again before this has passed.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<Guid, Lazy<Task<bool>>> _inFlight = [];
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _silentSince = [];

    private enum Answer
    {
        Confirmed,

        /// <summary>The sessions are over.</summary>
        Left,

        /// <summary>Nobody knows; what was said last still stands.</summary>
        None,
    }

    public bool FailedJustNow(Guid userId) => _silentSince.TryGetValue(userId, out var at) && time.GetUtcNow() - at < s_pause;

    /// <returns>False when there was no answer: what the database says is then the last one.</returns>
    public Task<bool> RefreshAsync(Guid userId, CancellationToken cancellationToken) =>
        _inFlight.GetOrAdd(userId, id => new Lazy<Task<bool>>(() => RunAsync(id))).Value.WaitAsync(cancellationToken);

    // Shared by all who wait: none of them cancels it.
    private async Task<bool> RunAsync(Guid userId)
    {
        try
        {
            if (await ledger.FindUserAsync(userId, CancellationToken.None) is not { } user)
                return true;
            var answer = await AskAsync(user);
            if (answer == Answer.Left)
                await tokens.DiscardUnusedAsync(user, CancellationToken.None);
            return answer != Answer.None;
        }
        finally
        {
            _inFlight.TryRemove(userId, out _);
        }
    }

    private async Task<Answer> AskAsync(User user)
    {
        using var held = await tokens.LockAsync(user.Subject, CancellationToken.None);
        try
        {
            var answer = await tokens.ReadAsync(user.Id, CancellationToken.None) is { } token
                ? await AskAsync(user, token)
                : await EndAsync(user, "no GitHub token is kept");
            _silentSince.TryRemove(user.Id, out _);
            return answer;
        }
        catch (Exception exception) when (exception is GitHubException or VaultException)
        {
            await NoteAsync(user, exception);
            return Answer.None;
        }
    }

    private async Task<Answer> AskAsync(User user, string token)
    {
        GitHubStanding standing;
        try
        {
            standing = await gitHub.AskAsync(token, CancellationToken.None);
        }
        catch (GitHubException exception) when (exception.Failure == GitHubFailure.Unauthorized)
        {
            // A sign-in at another process may have put a new token in the place of this one.
            return await tokens.ReadAsync(user.Id, CancellationToken.None) is { } current && current != token
                ? await AskAsync(user, current)
                : await SuspendAsync(user);
        }

        if (standing.User.Id.ToString(CultureInfo.InvariantCulture) != user.Subject)
            return await EndAsync(user, "the GitHub token belongs to another account");
        return await ledger.ApplyAsync(user.Id, standing, CancellationToken.None) ? Answer.Confirmed : Answer.Left;
    }

    private async Task<Answer> SuspendAsync(User user)
    {
        const string why = "GitHub refuses the token";
        await ledger.SuspendAsync(user.Id, why, CancellationToken.None);
        Log.Left(logger, user.Id, why);
        return Answer.Left;
    }

    private async Task<Answer> EndAsync(User user, string why)
    {
        await ledger.EndSessionsAsync(user.Id, why, CancellationToken.None);
        Log.Left(logger, user.Id, why);
        return Answer.Left;
    }

    // On record once an outage, not once a try.
    private async Task NoteAsync(User user, Exception exception)
    {
        Log.Silent(logger, user.Id, exception.Message);
        var isFirst = !_silentSince.ContainsKey(user.Id);
        _silentSince[user.Id] = time.GetUtcNow();
        if (isFirst)
            await ledger.NoteSilenceAsync(user, exception.Message, CancellationToken.None);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Memberships of user {UserId} could not be confirmed; the last answer counts for a while: {Reason}")]
        public static partial void Silent(ILogger logger, Guid userId, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Sessions of user {UserId} ended: {Reason}")]
        public static partial void Left(ILogger logger, Guid userId, string reason);
    }
}
