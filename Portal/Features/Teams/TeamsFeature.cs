using Portal.Shell;

namespace Portal.Features.Teams;

public static class TeamsFeature
{
    public static IServiceCollection AddTeams(this IServiceCollection services) => services
        .AddSingleton<GitHubMemberships>()
        .AddSingleton<MembershipLedger>()
        .AddSingleton<MembershipRefresh>()
        .AddSingleton<MembershipCheck>()
        .AddTopBar<MembershipBar>()
        .AddSingleton<MembershipWatch>()
        .AddHostedService(provider => provider.GetRequiredService<MembershipWatch>());
}
