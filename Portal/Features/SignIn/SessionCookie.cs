using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;
using Portal.Shell;

namespace Portal.Features.SignIn;

/// <summary>Sets the session's cookie up, and what becomes of requests without a session.</summary>
public sealed class SessionCookie(SessionTickets tickets, IOptions<SignInOptions> signIn) : IConfigureNamedOptions<CookieAuthenticationOptions>
{
    // For these a page makes no sense: the caller is a script.
    private static readonly PathString[] s_scripts = ["/browser", "/_blazor"];

    public void Configure(CookieAuthenticationOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, CookieAuthenticationOptions options)
    {
        if (name != SignInSchemes.Session)
            return;
        options.Cookie.Name = "__Host-portal";
        options.Cookie.Path = "/";
        options.Cookie.HttpOnly = true;
        options.Cookie.SecurePolicy = CookieSecurePolicy.Always;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.IsEssential = true;
        options.ExpireTimeSpan = signIn.Value.SessionLifetime;
        options.SlidingExpiration = false;
        options.SessionStore = tickets;
        // Programs come with access tokens. No cookie counts there, also where nothing answers.
        options.ForwardDefaultSelector = context => context.Request.Path.StartsWithSegments(ApiRoutes.Prefix) ? ApiRoutes.Scheme : null;
        options.Events.OnRedirectToLogin = AskToSignInAsync;
        options.Events.OnRedirectToAccessDenied = RefuseAsync;
    }

    private static Task AskToSignInAsync(RedirectContext<CookieAuthenticationOptions> context)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) || IsForScripts(request))
            return Problems.Of(StatusCodes.Status401Unauthorized, "signed-out", "You are signed out. Sign in again; then come back.").ExecuteAsync(context.HttpContext);

        var here = ReturnUrl.Local(request.PathBase + request.Path + request.QueryString);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Redirect($"/sign-in?returnUrl={Uri.EscapeDataString(here)}");
        return Task.CompletedTask;
    }

    private static Task RefuseAsync(RedirectContext<CookieAuthenticationOptions> context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private static bool IsForScripts(HttpRequest request) => s_scripts.Any(path => request.Path.StartsWithSegments(path));
}
