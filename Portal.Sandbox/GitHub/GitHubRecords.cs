using System.Collections.Immutable;

namespace Portal.Sandbox.GitHub;

public sealed record GitHubUser(long Id, string Login, string? Name)
{
    /// <summary>The first one is the primary address.</summary>
    public ImmutableList<GitHubEmail> Emails { get; init; } = [];

    /// <summary>SSH public keys, without comments.</summary>
    public ImmutableList<string> Keys { get; init; } = [];
}

public sealed record GitHubEmail(string Address, bool Verified = true, bool Public = false);

public sealed record GitHubOrganization(long Id, string Login)
{
    /// <summary>By user id.</summary>
    public ImmutableDictionary<long, OrganizationMembership> Members { get; init; } = ImmutableDictionary<long, OrganizationMembership>.Empty;

    /// <summary>By slug.</summary>
    public ImmutableSortedDictionary<string, GitHubTeam> Teams { get; init; } =
        ImmutableSortedDictionary<string, GitHubTeam>.Empty.WithComparers(StringComparer.OrdinalIgnoreCase);

    public bool EnforcesSaml { get; init; }

    /// <summary>Users whose tokens are authorised for single sign-on.</summary>
    public ImmutableHashSet<long> SamlAuthorized { get; init; } = [];

    public bool RestrictsApplications { get; init; }

    public bool IsActiveMember(long userId) => Members.TryGetValue(userId, out var membership) && membership.IsActive;

    internal bool HidesBySaml(long userId) => EnforcesSaml && !SamlAuthorized.Contains(userId);

    /// <summary>The role in a team or below it; owners of the organisation are maintainers of the teams they are in. Null: not in it.</summary>
    internal TeamRole? RoleIn(GitHubTeam team, long userId)
    {
        if (!Members.TryGetValue(userId, out var membership))
            return null;
        TeamRole? direct = team.Members.TryGetValue(userId, out var role) ? role : null;
        var any = direct ?? (Teams.Values.Any(t => t.ParentSlug == team.Slug && RoleIn(t, userId) is not null) ? TeamRole.Member : null);
        return any is not null && membership.Role == OrganizationRole.Admin ? TeamRole.Maintainer : any;
    }
}

/// <param name="IsActive">False: invited, and has not said yes.</param>
public sealed record OrganizationMembership(OrganizationRole Role, bool IsActive = true);

public enum OrganizationRole
{
    Member,
    Admin,
}

public sealed record GitHubTeam(long Id, string Slug, string Name, string? ParentSlug)
{
    /// <summary>By user id.</summary>
    public ImmutableDictionary<long, TeamRole> Members { get; init; } = ImmutableDictionary<long, TeamRole>.Empty;
}

public enum TeamRole
{
    Member,
    Maintainer,
}
