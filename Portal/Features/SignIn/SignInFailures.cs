using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Portal.Features.SignIn;

/// <summary>Turns what went wrong at the callback into a page in plain words.</summary>
public sealed partial class SignInFailures(IOptions<GitHubOptions> options, ILogger<SignInFailures> logger)
{
    public async Task HandleAsync(RemoteFailureContext context)
    {
        if (Describe(context.Failure!) is not { } problem)
            return;
        context.HandleResponse();
        var returnUrl = ReturnUrl.Of(context.Properties ?? context.HttpContext.Features.Get<AuthenticationProperties>());
        if (problem.Kind == SignInProblemKind.Stale && (await context.HttpContext.AuthenticateAsync(SignInSchemes.Session)).Succeeded)
        {
            // The callback was loaded a second time; the first one did it.
            context.Response.Redirect(returnUrl);
            return;
        }

        Log.Failed(logger, problem.Kind, context.Failure!.Message);
        context.Response.Headers.CacheControl = "no-store";
        await SignInEndpoints.Problem(problem, returnUrl).ExecuteAsync(context.HttpContext);
    }

    private SignInProblem? Describe(Exception failure) => failure switch
    {
        SignInProblemException { Problem: var problem } => problem,
        GitHubException or JsonException => new(SignInProblemKind.GitHubUnexpected),
        HttpRequestException or TaskCanceledException => new(SignInProblemKind.GitHubAway),
        { Data: var data } when data["error"] is string error => Describe(error),
        // State, correlation cookie or code.
        AuthenticationFailureException => new(SignInProblemKind.Stale),
        _ => null,
    };

    /// <summary>Codes of docs.github.com, "Troubleshooting authorization request errors" and "… access token request errors".</summary>
    private SignInProblem Describe(string error) => error switch
    {
        "access_denied" => new(SignInProblemKind.Declined),
        "bad_verification_code" => new(SignInProblemKind.Stale),
        "application_suspended" => new(SignInProblemKind.ApplicationSuspended),
        "redirect_uri_mismatch" or "incorrect_client_credentials" => new(SignInProblemKind.ApplicationMisconfigured),
        "unverified_user_email" => new(SignInProblemKind.EmailUnverified, Link: new Uri(options.Value.Web, "settings/emails")),
        _ => new(SignInProblemKind.GitHubUnexpected),
    };

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Sign-in came to nothing ({Kind}): {Reason}")]
        public static partial void Failed(ILogger logger, SignInProblemKind kind, string reason);
    }
}
