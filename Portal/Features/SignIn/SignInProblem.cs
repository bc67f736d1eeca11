namespace Portal.Features.SignIn;

/// <summary>Why a sign-in came to nothing. Each kind has its words in <see cref="SignInProblemPage"/>.</summary>
public enum SignInProblemKind
{
    /// <summary>The person said no at GitHub.</summary>
    Declined,
    NotAdmitted,

    /// <summary>An organisation enforces SAML and hides itself from the token.</summary>
    SamlRequired,

    /// <summary>The person took <c>read:org</c> away.</summary>
    ScopeMissing,

    /// <summary>GitHub wants a verified email address first.</summary>
    EmailUnverified,

    /// <summary>State or code are from another browser, too old, or used.</summary>
    Stale,

    /// <summary>A form from another session.</summary>
    StaleForm,
    ApplicationSuspended,

    /// <summary>GitHub does not know the portal as it is configured.</summary>
    ApplicationMisconfigured,
    GitHubAway,
    GitHubUnexpected,
    VaultAway,
}

/// <param name="Login">Who signed in at GitHub, if that is known.</param>
/// <param name="Link">Where the person can put it right.</param>
public sealed record SignInProblem(SignInProblemKind Kind, string? Login = null, Uri? Link = null)
{
    public int Status => Kind switch
    {
        SignInProblemKind.Stale or SignInProblemKind.StaleForm => StatusCodes.Status400BadRequest,
        SignInProblemKind.ApplicationSuspended or SignInProblemKind.ApplicationMisconfigured
            or SignInProblemKind.GitHubAway or SignInProblemKind.GitHubUnexpected => StatusCodes.Status502BadGateway,
        SignInProblemKind.VaultAway => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status403Forbidden,
    };
}

/// <summary>Thrown where the OAuth handler only understands exceptions.</summary>
public sealed class SignInProblemException(SignInProblem problem, Exception? inner = null)
    : Exception($"Sign-in: {problem.Kind}", inner)
{
    public SignInProblem Problem => problem;
}
