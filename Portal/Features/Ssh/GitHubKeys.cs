using Portal.Features.SignIn;
using Portal.Vault;

namespace Portal.Features.Ssh;

/// <summary>A public key that somebody has at GitHub.</summary>
/// <param name="Kind">As <c>ssh-keygen -l</c> calls it; the type in its line where it is refused.</param>
/// <param name="Bits">Null where it is refused.</param>
/// <param name="Fingerprint">Null where it is refused.</param>
/// <param name="Complaint">Why it is not signed; null when it is.</param>
public sealed record GitHubKey(string Line, string Kind, int? Bits, string? Fingerprint, string? Complaint);

/// <summary>The keys of a signed-in person at GitHub.</summary>
public sealed partial class GitHubKeys(GitHubClient gitHub, GitHubTokens tokens, ILogger<GitHubKeys> logger)
{
    private const int LongestKind = 40;

    /// <returns>Null when GitHub does not tell them now.</returns>
    /// <exception cref="VaultException">Vault does not give the person's GitHub token.</exception>
    public async Task<IReadOnlyList<GitHubKey>?> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (await tokens.ReadAsync(actor.UserId, cancellationToken) is not { } token)
            return null;
        try
        {
            // Not by the login of the session: its owner may have another one by now, and somebody else this one.
            var user = await gitHub.GetUserAsync(token, cancellationToken);
            return [.. (await gitHub.ListKeysAsync(token, user.Login, cancellationToken)).Select(Judge)];
        }
        catch (GitHubException exception)
        {
            Log.NotTold(logger, actor.UserId, exception.Message);
            return null;
        }
    }

    public static GitHubKey Judge(string line) => SshPublicKey.TryParse(line, out var key, out var complaint)
        ? new(key.Line, key.Kind, key.Bits, key.Fingerprint, null)
        : new(line, new string([.. line.TakeWhile(letter => char.IsAsciiLetterOrDigit(letter) || "-.@".Contains(letter)).Take(LongestKind)]), null, null, complaint);

    private static partial class Log
    {
        [LoggerMessage(EventId = 5030, Level = LogLevel.Warning, Message = "GitHub does not tell the SSH keys of user {UserId}: {Reason}")]
        public static partial void NotTold(ILogger logger, Guid userId, string reason);
    }
}
