using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.CookiePolicy;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Portal.Shell;

namespace Portal.Features.SignIn;

public static class SignInFeature
{
    private const long LargestForm = 16 * 1024;

    public static IServiceCollection AddSignIn(this IServiceCollection services)
    {
        services.AddOptions<SignInOptions>().BindConfiguration(SignInOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SignInOptions>, SignInOptions.Validation>();
        services.AddOptions<GitHubOptions>().BindConfiguration(GitHubOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<GitHubOptions>, GitHubOptions.Validation>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddRazorComponents();
        return services.AddGitHub().AddSessions().AddDoor().AddKeyRing();
    }

    /// <summary>Before everything that looks at the request's address or at who asks.</summary>
    public static IApplicationBuilder UseSignIn(this IApplicationBuilder app) => app
        .UseForwardedHeaders()
        .UseMiddleware<PublicUrl>()
        .UseCookiePolicy()
        .UseAuthentication()
        .UseAuthorization()
        .UseAntiforgery();

    public static void MapSignIn(this IEndpointRouteBuilder endpoints)
    {
        var pages = endpoints.MapGroup("").AllowAnonymous().WithMetadata(new RequestSizeLimitAttribute(LargestForm));
        pages.AddEndpointFilter((context, next) =>
        {
            context.HttpContext.Response.Headers.CacheControl = "no-store";
            return next(context);
        });
        pages.MapGet("/sign-in", SignInEndpoints.Show);
        pages.MapPost("/sign-in/github", SignInEndpoints.Start);
        pages.MapPost("/sign-out", SignInEndpoints.SignOut);
        pages.MapGet("/signed-out", SignInEndpoints.SignedOut);
    }

    private static IServiceCollection AddGitHub(this IServiceCollection services)
    {
        services.AddHttpClient<GitHubClient>(client =>
            {
                client.Timeout = TimeSpan.FromSeconds(10);
                client.MaxResponseContentBufferSize = 4 * 1024 * 1024;
            })
            // A redirect would carry the token to somebody else. The client lives as long as the portal: its connections do not.
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RedactLoggedHeaders(_ => true);
        return services
            .AddSingleton<GitHubTokens>()
            .AddSingleton<GitHubSignIn>()
            .AddSingleton<SignInRegister>()
            .AddSingleton<SignInFailures>()
            .AddSingleton<IConfigureOptions<OAuthOptions>, GitHubOAuth>();
    }

    private static IServiceCollection AddSessions(this IServiceCollection services) => services
        .AddSingleton<KeyedLocks>()
        .AddSingleton<Sessions>()
        .AddSingleton<SessionEnds>()
        .AddSingleton<SessionTickets>()
        .AddSingleton<SessionSweep>()
        .AddHostedService(provider => provider.GetRequiredService<SessionSweep>())
        .AddScoped<AuthenticationStateProvider, SessionAuthenticationState>()
        .AddScoped<CircuitHandler, SessionCircuit>()
        .AddSingleton<SessionUse>()
        .Configure<HubOptions>(options => options.AddFilter<SessionUse>());

    // A program brings a token, or asks for no page and has no cookie.
    private static string ReaderScheme(HttpContext context)
    {
        var headers = context.Request.Headers;
        var isProgram = headers.Authorization.Count > 0
            || (headers.Cookie.Count == 0 && !headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase));
        return isProgram ? ApiRoutes.Scheme : SignInSchemes.Session;
    }

    /// <summary>Cookies, schemes, and that nothing is open which does not say so.</summary>
    private static IServiceCollection AddDoor(this IServiceCollection services)
    {
        services.AddAuthentication(SignInSchemes.Session)
            .AddCookie(SignInSchemes.Session)
            .AddPolicyScheme(ApiRoutes.ReaderScheme, null, options => options.ForwardDefaultSelector = ReaderScheme)
            .AddOAuth<OAuthOptions, GitHubHandler>(SignInSchemes.GitHub, "GitHub", _ => { });
        services.AddSingleton<IConfigureOptions<CookieAuthenticationOptions>, SessionCookie>();
        services.AddSingleton<IConfigureOptions<ForwardedHeadersOptions>, TrustedProxies>();
        // The sign-in form ends at GitHub.
        services.AddOptions<SecurityHeadersOptions>()
            .Configure<IOptions<GitHubOptions>>((headers, gitHub) => headers.FormActions.Add(gitHub.Value.Web.GetLeftPart(UriPartial.Authority)));
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        // Antiforgery itself refuses to work with "always" over http: the policy marks its cookie.
        services.Configure<CookiePolicyOptions>(options =>
        {
            options.Secure = CookieSecurePolicy.Always;
            options.HttpOnly = HttpOnlyPolicy.Always;
        });
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "__Host-portal-antiforgery";
            options.Cookie.Path = "/";
            // Strict, the default, would be left out on the way back from GitHub and made anew, and other open tabs would hold stale forms.
            options.Cookie.SameSite = SameSiteMode.Lax;
        });
        return services;
    }
}
