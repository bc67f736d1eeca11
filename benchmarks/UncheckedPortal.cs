using System.Globalization;
using System.Security.Claims;
using Portal.Features.SignIn;
using Portal.Features.Teams;

namespace Portal.Benchmarks;

/// <summary>The portal as it is, and beside it the answer of <c>/api/v1/me</c> at an address where nobody checks who asks.</summary>
internal static class UncheckedPortal
{
    public const string Path = "/unchecked/me";

    private static ClaimsPrincipal? s_asker;

    public static async Task<int> ServeAsync()
    {
        await using var app = WebApplication
            .CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory })
            .AddPortal().Build();
        app.UsePortal();
        app.MapGet(Path, (Guid user, Guid token, MembershipCheck memberships, CancellationToken cancellationToken) =>
            MeEndpoint.Get(s_asker ??= Asker(user, token), memberships, cancellationToken)).AllowAnonymous();
        await app.RunAsync();
        return 0;
    }

    private static ClaimsPrincipal Asker(Guid user, Guid token) => new(new ClaimsIdentity(
        [
            new(ClaimTypes.NameIdentifier, user.ToString()),
            new(ClaimTypes.Name, "alice"),
            new(Actor.AddressClaim, "127.0.0.1"),
            new(Actor.TokenClaim, token.ToString()),
            new(Actor.TokenEndClaim, DateTimeOffset.MaxValue.ToString("O", CultureInfo.InvariantCulture)),
        ],
        "unchecked"));
}
