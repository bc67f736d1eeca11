using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace Portal.Features.SignIn;

/// <summary>The framework's OAuth handler, with GitHub's way to choose another account, and without its habit of logging bodies.</summary>
public sealed class GitHubHandler(IOptionsMonitor<OAuthOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : OAuthHandler<OAuthOptions>(options, logger, encoder)
{
    /// <summary>Parameter of the challenge: let the person choose an account instead of taking the one at hand.</summary>
    public const string AnotherAccount = "another-account";

    protected override string BuildChallengeUrl(AuthenticationProperties properties, string redirectUri)
    {
        var url = base.BuildChallengeUrl(properties, redirectUri);
        return properties.GetParameter<bool>(AnotherAccount) ? QueryHelpers.AddQueryString(url, "prompt", "select_account") : url;
    }

    protected override async Task<OAuthTokenResponse> ExchangeCodeAsync(OAuthCodeExchangeContext context)
    {
        // From here on a failure is an exception, which comes without the properties that the sign-in began with.
        Context.Features.Set(context.Properties);
        var response = await base.ExchangeCodeAsync(context);
        // An answer without an OAuth error is quoted whole by the framework, and its text goes to the log.
        var isOAuth = response.Error?.Data.Contains("error") ?? !string.IsNullOrEmpty(response.AccessToken);
        if (isOAuth)
            return response;
        response.Dispose();
        return OAuthTokenResponse.Failed(new GitHubException(GitHubFailure.Unexpected, "GitHub's token endpoint gave no OAuth answer."));
    }
}
