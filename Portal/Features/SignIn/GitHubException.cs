namespace Portal.Features.SignIn;

public enum GitHubFailure
{
    /// <summary>GitHub does not take the token (any more).</summary>
    Unauthorized,
    RateLimited,

    /// <summary>No answer, none in time, or a server error.</summary>
    Away,

    /// <summary>An answer that makes no sense.</summary>
    Unexpected,
}

/// <summary>GitHub gave no useful answer. Never carries a token or a body.</summary>
public sealed class GitHubException(GitHubFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public GitHubFailure Failure => failure;
}
