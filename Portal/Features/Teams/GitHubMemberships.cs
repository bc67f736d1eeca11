using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Features.SignIn;

namespace Portal.Features.Teams;

/// <summary>What GitHub says about the holder of a token.</summary>
/// <param name="Organizations">Logins of the admitted organisations that the person belongs to; none = no entry.</param>
/// <param name="Teams">Adopted teams by the portal's id.</param>
/// <param name="IsHidden">An admitted organisation enforces SAML, and the token is not authorised for it.</param>
/// <param name="SamlLink">Where the person authorises it, if GitHub says so.</param>
public sealed record GitHubStanding(
    GitHubUser User, IReadOnlyList<string> Organizations, IReadOnlyDictionary<Guid, TeamRole> Teams, bool IsHidden = false, Uri? SamlLink = null)
{
    public bool IsAdmitted => Organizations.Count > 0;
}

/// <summary>Asks GitHub for a person's organisations and adopted teams.</summary>
public sealed class GitHubMemberships(
    GitHubClient gitHub, IDbContextFactory<PortalDb> databases, IOptions<GitHubOptions> options, TimeProvider time)
{
    private const string Owner = "admin";
    private const string Maintainer = "maintainer";

    /// <summary>For all calls together: a person waits for the answer.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <exception cref="GitHubException">GitHub refused the token or gave no useful answer.</exception>
    public async Task<GitHubStanding> AskAsync(string token, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await AskInTimeAsync(token, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new GitHubException(GitHubFailure.Away, "GitHub takes too long to answer.");
        }
    }

    private async Task<GitHubStanding> AskInTimeAsync(string token, CancellationToken cancellationToken)
    {
        var user = await gitHub.GetUserAsync(token, cancellationToken);
        var organizations = await gitHub.ListOrganizationsAsync(token, cancellationToken);
        var admitted = organizations.Items.Where(organization => options.Value.Admits(organization.Id, organization.Login)).ToList();
        if (admitted.Count == 0)
            return await NotAdmittedAsync(token, user, organizations.HiddenOrganizations, cancellationToken);

        var listed = await gitHub.ListTeamsAsync(token, cancellationToken);
        var adopted = await ListAdoptedAsync(cancellationToken);
        var teams = new Dictionary<Guid, TeamRole>();
        foreach (var team in listed.Items)
        {
            // The number alone says which team it is. Its organisation must be admitted, too.
            if (!adopted.TryGetValue(team.Id.ToString(CultureInfo.InvariantCulture), out var id)
                || admitted.Find(organization => organization.Id == team.OrganizationId) is not { } organization)
            {
                continue;
            }

            var role = organization.Role == Owner ? Maintainer : await gitHub.FindTeamRoleAsync(token, team, user.Login, cancellationToken);
            if (role is not null)
                teams[id] = role == Maintainer ? TeamRole.Maintainer : TeamRole.Member;
        }

        return new(user, [.. admitted.Select(organization => organization.Login)], teams);
    }

    private async Task<Dictionary<string, Guid>> ListAdoptedAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Teams.Where(team => team.Provider == GitHubOptions.Provider)
            .ToDictionaryAsync(team => team.Subject, team => team.Id, cancellationToken);
    }

    private async Task<GitHubStanding> NotAdmittedAsync(
        string token, GitHubUser user, IReadOnlyList<long> hidden, CancellationToken cancellationToken)
    {
        var outside = new GitHubStanding(user, [], new Dictionary<Guid, TeamRole>());
        if (hidden.Count == 0)
            return outside;
        // What is hidden may be an organisation that nobody here asks for.
        foreach (var login in options.Value.Organizations.Where(organization => !GitHubOptions.IsId(organization)))
        {
            if (await gitHub.FindSamlLinkAsync(token, login, cancellationToken) is { } link)
                return outside with { IsHidden = true, SamlLink = link };
        }

        return outside with { IsHidden = hidden.Any(id => options.Value.Admits(id, "")) };
    }
}
