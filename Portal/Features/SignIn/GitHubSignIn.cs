using System.Globalization;
using Portal.Features.Teams;
using Portal.Vault;

namespace Portal.Features.SignIn;

/// <summary>From a fresh GitHub token to a session, or to the reason why there is none.</summary>
public sealed partial class GitHubSignIn(GitHubMemberships memberships, GitHubTokens tokens, SignInRegister register, ILogger<GitHubSignIn> logger)
{
    private static readonly string[] s_enoughScopes = ["read:org", "write:org", "admin:org"];

    /// <param name="token">As GitHub just handed it out.</param>
    /// <param name="scopes">What GitHub says it granted, separated by commas; null when it does not say.</param>
    /// <param name="address">The browser's.</param>
    /// <exception cref="SignInProblemException">Nobody is signed in.</exception>
    public async Task<SignedIn> CompleteAsync(string token, string? scopes, string address, CancellationToken cancellationToken)
    {
        if (scopes is not null && !scopes.Split([',', ' ']).Intersect(s_enoughScopes).Any())
        {
            await tokens.RevokeAsync(token, cancellationToken);
            throw new SignInProblemException(new SignInProblem(SignInProblemKind.ScopeMissing));
        }

        var standing = await AskAsync(token, cancellationToken);
        if (Refusal(standing) is { } problem)
        {
            await tokens.RevokeAsync(token, cancellationToken);
            await register.RecordAsync(standing.User, address, "refused", problem.Kind, cancellationToken);
            throw new SignInProblemException(problem);
        }

        var subject = standing.User.Id.ToString(CultureInfo.InvariantCulture);
        using var held = await tokens.LockAsync(subject, cancellationToken);
        // Recorded before Vault gets the token: what may lie there is known here, and the sweep takes back what nobody needs.
        var user = await register.PrepareUserAsync(subject, standing.User, cancellationToken);
        try
        {
            await tokens.KeepAsync(user, token, cancellationToken);
        }
        catch (VaultException exception)
        {
            Log.NotKept(logger, user.Id, exception);
            // Vault may have written it all the same, and sessions and access tokens would need it then.
            if (await tokens.IsUnusedAsync(user.Id, cancellationToken))
                await tokens.RevokeAsync(token, cancellationToken);
            await register.RecordAsync(standing.User, address, "failed", SignInProblemKind.VaultAway, cancellationToken);
            throw new SignInProblemException(new SignInProblem(SignInProblemKind.VaultAway, user.Login), exception);
        }

        // From here on the browser's patience no longer matters.
        return await register.StartSessionAsync(user.Id, standing, address, CancellationToken.None);
    }

    private async Task<GitHubStanding> AskAsync(string token, CancellationToken cancellationToken)
    {
        try
        {
            return await memberships.AskAsync(token, cancellationToken);
        }
        catch (GitHubException exception)
        {
            Log.NoAnswer(logger, exception.Message);
            await tokens.RevokeAsync(token, cancellationToken);
            var isAway = exception.Failure is GitHubFailure.Away or GitHubFailure.RateLimited;
            throw new SignInProblemException(new SignInProblem(isAway ? SignInProblemKind.GitHubAway : SignInProblemKind.GitHubUnexpected), exception);
        }
    }

    private static SignInProblem? Refusal(GitHubStanding standing) => standing switch
    {
        { IsAdmitted: true } => null,
        { IsHidden: true } => new SignInProblem(SignInProblemKind.SamlRequired, standing.User.Login, standing.SamlLink),
        _ => new SignInProblem(SignInProblemKind.NotAdmitted, standing.User.Login),
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "GitHub did not say who signs in: {Reason}")]
        public static partial void NoAnswer(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "The GitHub token of user {UserId} could not be kept in Vault: nobody is signed in")]
        public static partial void NotKept(ILogger logger, Guid userId, Exception exception);
    }
}
