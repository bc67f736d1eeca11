using Portal.Shell;

namespace Portal.Features.Teams;

public static class TeamsFeature
{
    public static IServiceCollection AddTeams(this IServiceCollection services) => services
        .AddSingleton<GitHubMemberships>()
        .AddSingleton<MembershipLedger>()
        .AddSingleton<MembershipRefresh>()
        .AddSingleton<MembershipCheck>()
        .AddSingleton<TeamMembers>()
        .AddTopBar<MembershipBar>()
        .AddExceptionHandler<SignedOutProblems>()
        .AddSingleton<MembershipWatch>()
        .AddHostedService(provider => provider.GetRequiredService<MembershipWatch>())
        .AddSingleton<TroubleReader>(exception => exception is SignedOutException
            ? new Trouble("You are signed out.", "Sign in again; what you typed is kept.", SignedOut: true)
            : null);

    public static void MapTeams(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapApi().MapGet("/me", MeEndpoint.Get).WithName("getMe").WithTags("Me").WithSummary("Who the token speaks for, with teams and roles.");
}
