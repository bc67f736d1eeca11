using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.SignIn;
using Portal.Vault;

namespace Portal.Features.Teams;

/// <summary>
/// Who is in a team. The portal's own memberships are those of people who come here; whoever left and never came back would stay in
/// them, so the provider is asked.
/// </summary>
public sealed partial class TeamMembers(
    GitHubClient gitHub, GitHubTokens tokens, IDbContextFactory<PortalDb> databases, ILogger<TeamMembers> logger)
{
    /// <summary>Subjects of all members, as the provider says with the asker's own token.</summary>
    /// <returns>Null when it does not say: it is away, or the asker is in no such team there.</returns>
    public async Task<IReadOnlySet<string>?> AskAsync(Actor actor, Guid teamId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var subject = await db.Teams.Where(team => team.Id == teamId && team.Provider == GitHubOptions.Provider).Select(team => team.Subject).SingleOrDefaultAsync(cancellationToken);
        try
        {
            if (subject is null || await tokens.ReadAsync(actor.UserId, cancellationToken) is not { } token)
                return null;
            // The number alone says which team it is; its slug is whatever it is today.
            var team = (await gitHub.ListTeamsAsync(token, cancellationToken)).Items.FirstOrDefault(team => team.Id.ToString(CultureInfo.InvariantCulture) == subject);
            return team is null
                ? null
                : (await gitHub.ListMembersAsync(token, team, cancellationToken)).Select(member => member.ToString(CultureInfo.InvariantCulture)).ToHashSet();
        }
        catch (Exception exception) when (exception is GitHubException or VaultException)
        {
            Log.NotTold(logger, teamId, exception.Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 2301, Level = LogLevel.Warning, Message = "GitHub does not tell who is in team {Team}: {Reason}")]
        public static partial void NotTold(ILogger logger, Guid team, string reason);
    }
}
