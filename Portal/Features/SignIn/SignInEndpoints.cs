using System.Diagnostics;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Portal.Features.SignIn;

/// <summary>Signing in and out: posted forms that work without script, never calls of a circuit.</summary>
public static class SignInEndpoints
{
    public static IResult Show(HttpContext context, string? returnUrl)
    {
        var local = ReturnUrl.Local(returnUrl);
        return IsSignedIn(context) ? Results.LocalRedirect(local) : Page<SignInPage>(StatusCodes.Status200OK, new { ReturnUrl = local });
    }

    /// <summary>Form: <c>returnUrl</c>, and <c>another</c> to choose an account.</summary>
    public static async Task<IResult> Start(HttpContext context, IAntiforgery antiforgery)
    {
        var isOurs = await antiforgery.IsRequestValidAsync(context);
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        var local = ReturnUrl.Local(form["returnUrl"]);
        // Another tab has signed in meanwhile, which also makes this form stale.
        if (IsSignedIn(context))
            return Results.LocalRedirect(local);
        if (!isOurs)
            return Problem(new SignInProblem(SignInProblemKind.StaleForm), local);

        var properties = new AuthenticationProperties { RedirectUri = local };
        properties.SetParameter(GitHubHandler.AnotherAccount, form.ContainsKey("another"));
        return Results.Challenge(properties, [SignInSchemes.GitHub]);
    }

    public static async Task<IResult> SignOut(HttpContext context, IAntiforgery antiforgery, Sessions sessions, SessionSweep sweep)
    {
        if (IsSignedIn(context))
        {
            if (!await antiforgery.IsRequestValidAsync(context))
                return Page<SignOutPage>(StatusCodes.Status400BadRequest, new { });
            await sessions.SignOutAsync(Actor.Of(context.User));
            // The answer does not wait for Vault and GitHub.
            sweep.Wake();
        }

        await context.SignOutAsync(SignInSchemes.Session);
        return Results.LocalRedirect("/signed-out");
    }

    public static IResult SignedOut(HttpContext context) =>
        IsSignedIn(context) ? Results.LocalRedirect(ReturnUrl.Home) : Page<SignedOutPage>(StatusCodes.Status200OK, new { });

    public static RazorComponentResult Problem(SignInProblem problem, string returnUrl) =>
        Page<SignInProblemPage>(problem.Status, new { Problem = problem, ReturnUrl = returnUrl, TraceId = Activity.Current?.TraceId.ToString() });

    private static bool IsSignedIn(HttpContext context) => context.User.Identity is { IsAuthenticated: true };

    private static RazorComponentResult<TPage> Page<TPage>(int status, object parameters)
        where TPage : Microsoft.AspNetCore.Components.IComponent => new(parameters) { StatusCode = status, PreventStreamingRendering = true };
}
