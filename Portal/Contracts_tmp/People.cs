using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Portal.Features.SignIn;
using Portal.Shell;
using Portal.Vault;

namespace Portal.Features.SignIn
{
    public sealed class DemoSignIn(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, Demo demo)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        public static readonly Guid Alice = Guid.Parse("01930000-0000-7000-8000-000000000001");

        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (demo.SignedOut || Request.Path.StartsWithSegments("/signed-out"))
                return Task.FromResult(AuthenticateResult.NoResult());
            var user = Request.Cookies["demo-user"] ?? "alice";
            var id = user == "alice" ? Alice : Guid.Parse("01930000-0000-7000-8000-000000000002");
            var identity = new ClaimsIdentity(
                [
                    new(ClaimTypes.NameIdentifier, id.ToString()), new(ClaimTypes.Name, user),
                    new(Actor.SessionClaim, id.ToString()), new(Actor.AddressClaim, "127.0.0.1"),
                ],
                "demo");
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), "demo")));
        }

        protected override Task HandleChallengeAsync(AuthenticationProperties properties)
        {
            if (Request.Path.StartsWithSegments("/browser"))
                Response.StatusCode = 401;
            else
                Response.Redirect("/sign-in?returnUrl=" + Uri.EscapeDataString(Request.Path + Request.QueryString));
            return Task.CompletedTask;
        }
    }

    public static class SignInFeature
    {
        public static IServiceCollection AddSignIn(this IServiceCollection services)
        {
            services.AddAuthentication("demo").AddScheme<AuthenticationSchemeOptions, DemoSignIn>("demo", null);
            services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
            return services;
        }

        public static void UseSignIn(this WebApplication app)
        {
            app.UseAuthentication();
            app.UseAuthorization();
        }

        public static void MapSignIn(this WebApplication app)
        {
            app.MapPost("/sign-out", () => Results.Redirect("/sign-in")).AllowAnonymous();
            app.MapGet("/sign-in", (string? returnUrl) => Results.Text($"sign in, then {returnUrl}")).AllowAnonymous();
            app.MapGet("/fail", () => { throw new InvalidOperationException("boom"); });
        }
    }
}

namespace Portal.Features.Teams
{
    public sealed record TeamMembership(Guid TeamId, string Name, TeamRole Role);

    public sealed record Access(Actor Actor, IReadOnlyList<TeamMembership> Teams, bool IsPortalAdmin, DateTimeOffset ConfirmedAt, bool IsStale);

    public sealed class SignedOutException : Exception;

    public sealed class MembershipCheck(Demo demo, TimeProvider time)
    {
        public static readonly Guid Payments = Guid.Parse("01930000-0000-7000-8000-00000000aaaa");

        public async Task<Access> GetAsync(Actor actor, bool now, CancellationToken ct)
        {
            if (demo.SignedOut)
                throw new SignedOutException();
            if (demo.ListsHang)
                await Task.Delay(TimeSpan.FromMinutes(1), ct);
            if (demo.ListsFail)
                throw new InvalidOperationException("boom");
            return new Access(
                actor, actor.Login == "alice" ? [new(Payments, "payments", TeamRole.Member)] : [], actor.Login == "dave", time.GetUtcNow(), demo.Stale);
        }
    }

    public static class TeamsFeature
    {
        public static IServiceCollection AddTeams(this IServiceCollection services) => services
            .AddSingleton<MembershipCheck>()
            .AddSingleton<TroubleReader>(exception => exception is SignedOutException
                ? new Trouble("Your session has ended.", "Sign in again; what you typed is kept.", SignedOut: true)
                : null);
    }
}
