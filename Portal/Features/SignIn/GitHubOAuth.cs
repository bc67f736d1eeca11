using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.Extensions.Options;

namespace Portal.Features.SignIn;

/// <summary>Sets the OAuth handler up from <see cref="GitHubOptions"/>, when it is first used.</summary>
public sealed class GitHubOAuth(IOptions<GitHubOptions> gitHub, GitHubSignIn signIn, SignInFailures failures) : IConfigureNamedOptions<OAuthOptions>
{
    public const string CallbackPath = "/sign-in/github/callback";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public void Configure(OAuthOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, OAuthOptions options)
    {
        if (name != SignInSchemes.GitHub)
            return;
        var settings = gitHub.Value;
        options.AuthorizationEndpoint = new Uri(settings.Web, "login/oauth/authorize").AbsoluteUri;
        options.TokenEndpoint = new Uri(settings.Web, "login/oauth/access_token").AbsoluteUri;
        options.ClientId = settings.ClientId;
        options.ClientSecret = settings.ReadClientSecret();
        options.CallbackPath = CallbackPath;
        options.SignInScheme = SignInSchemes.Session;
        options.UsePkce = true;
        options.SaveTokens = false;
        options.BackchannelTimeout = s_patience;
        // A redirect would carry code and secret to somebody else.
        options.BackchannelHttpHandler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        options.Scope.Clear();
        options.Scope.Add("read:user");
        options.Scope.Add("user:email");
        options.Scope.Add("read:org");
        options.CorrelationCookie.Name = "__Host-portal-correlation.";
        options.CorrelationCookie.Path = "/";
        options.CorrelationCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = CookieSecurePolicy.Always;
        options.CorrelationCookie.HttpOnly = true;
        options.Events.OnCreatingTicket = SignInAsync;
        options.Events.OnRemoteFailure = failures.HandleAsync;
        options.Events.OnTicketReceived = context =>
        {
            context.ReturnUri = ReturnUrl.Local(context.ReturnUri);
            return Task.CompletedTask;
        };
    }

    private async Task SignInAsync(OAuthCreatingTicketContext context)
    {
        var scopes = context.TokenResponse.Response?.RootElement is { ValueKind: JsonValueKind.Object } answer
            && answer.TryGetProperty("scope", out var scope) && scope.ValueKind == JsonValueKind.String
                ? scope.GetString()
                : null;
        var signedIn = await signIn.CompleteAsync(
            context.AccessToken!, scopes, SessionTickets.AddressOf(context.HttpContext), context.HttpContext.RequestAborted);
        context.HttpContext.Features.Set(signedIn.Key);
        context.Principal = new ClaimsPrincipal(new ClaimsIdentity([new(Actor.SessionClaim, signedIn.SessionId.ToString())], SignInSchemes.GitHub));
    }
}
