using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Portal.Sandbox.GitHub;

/// <summary>
/// The people, organisations and teams of the host, and the troubles it is in. Thread-safe. Changes throw <see cref="ArgumentException"/> when
/// what they name is not there, or is there already. Logins and slugs are compared without case, as at GitHub.
/// </summary>
public sealed partial class GitHubState
{
    private readonly Lock _lock = new();
    private readonly GitHubTokens _tokens;
    private ImmutableSortedDictionary<long, GitHubUser> _users = ImmutableSortedDictionary<long, GitHubUser>.Empty;
    private ImmutableSortedDictionary<string, GitHubOrganization> _organizations =
        ImmutableSortedDictionary<string, GitHubOrganization>.Empty.WithComparers(StringComparer.OrdinalIgnoreCase);
    private long _lastId = 10_000;

    internal GitHubState(GitHubTokens tokens) => _tokens = tokens;

    /// <summary>Outages, limits and odd answers to order.</summary>
    public GitHubTroubles Troubles { get; } = new();

    public IReadOnlyList<GitHubUser> Users
    {
        get
        {
            lock (_lock)
                return [.. _users.Values];
        }
    }

    public IReadOnlyList<GitHubOrganization> Organizations
    {
        get
        {
            lock (_lock)
                return [.. _organizations.Values];
        }
    }

    public GitHubUser? FindUser(string login) => Users.FirstOrDefault(u => SameLogin(u.Login, login));

    public GitHubUser? FindUser(long id) => Users.FirstOrDefault(u => u.Id == id);

    public GitHubOrganization? FindOrganization(string login) => Organizations.FirstOrDefault(o => SameLogin(o.Login, login));

    /// <param name="login">Letters, digits, hyphens and (managed users) underscores, 39 at most.</param>
    /// <param name="name">Any text; GitHub does not care.</param>
    /// <param name="id">The next free one when absent.</param>
    /// <param name="email">Primary and verified; <c>login@example.com</c> when absent.</param>
    public GitHubUser AddUser(string login, string? name = null, long? id = null, string? email = null, params ReadOnlySpan<string> keys)
    {
        var user = new GitHubUser(id ?? Interlocked.Increment(ref _lastId), Allowed(login), name)
        {
            Emails = [new GitHubEmail(email ?? $"{login}@example.com")],
            Keys = [.. keys],
        };
        lock (_lock)
        {
            if (_users.ContainsKey(user.Id) || FindUser(login) is not null)
                throw new ArgumentException($"The user {login} is there already.", nameof(login));
            _users = _users.Add(user.Id, user);
        }
        return user;
    }

    /// <summary>Changes a user in place: name, addresses, keys. Login and id stay.</summary>
    public void ChangeUser(string login, Func<GitHubUser, GitHubUser> change)
    {
        lock (_lock)
        {
            var user = User(login);
            _users = _users.SetItem(user.Id, change(user) with { Id = user.Id, Login = user.Login });
        }
    }

    /// <summary>Gives a user another login; the old one is free for anyone.</summary>
    public void RenameUser(string login, string newLogin)
    {
        lock (_lock)
        {
            var user = User(login);
            if (FindUser(newLogin) is { } other && other.Id != user.Id)
                throw new ArgumentException($"The login {newLogin} is taken.", nameof(newLogin));
            _users = _users.SetItem(user.Id, user with { Login = Allowed(newLogin) });
        }
    }

    /// <summary>Deletes a user with memberships and tokens.</summary>
    public void RemoveUser(string login)
    {
        lock (_lock)
        {
            foreach (var organization in _organizations.Values.Where(o => o.Members.ContainsKey(User(login).Id)))
                RemoveFromOrganization(organization.Login, login);
            RevokeTokensOf(login);
            _users = _users.Remove(User(login).Id);
        }
    }

    public GitHubOrganization AddOrganization(string login, long? id = null)
    {
        var organization = new GitHubOrganization(id ?? Interlocked.Increment(ref _lastId), Allowed(login));
        lock (_lock)
            _organizations = _organizations.Add(login, organization);
        return organization;
    }

    /// <summary>Also changes role and state of a membership that is there.</summary>
    /// <param name="active">False: invited alone.</param>
    public void AddToOrganization(string organization, string login, OrganizationRole role = OrganizationRole.Member, bool active = true) =>
        Change(organization, o => o with { Members = o.Members.SetItem(User(login).Id, new OrganizationMembership(role, active)) });

    /// <summary>Also leaves its teams.</summary>
    public void RemoveFromOrganization(string organization, string login) => Change(organization, o =>
    {
        var id = User(login).Id;
        var teams = o.Teams.Values.Aggregate(o.Teams, (all, team) => all.SetItem(team.Slug, team with { Members = team.Members.Remove(id) }));
        return o with { Members = o.Members.Remove(id), Teams = teams };
    });

    /// <summary>A team, empty. After <see cref="DeleteTeam"/> the same slug makes a stranger with a new id.</summary>
    public GitHubTeam AddTeam(string organization, string slug, long? id = null, string? name = null, string? parent = null)
    {
        var team = new GitHubTeam(id ?? Interlocked.Increment(ref _lastId), slug, name ?? slug, parent is null ? null : Team(organization, parent).Slug);
        Change(organization, o => o with { Teams = o.Teams.Add(slug, team) });
        return team;
    }

    public void DeleteTeam(string organization, string slug)
    {
        Team(organization, slug);
        Change(organization, o => o with { Teams = o.Teams.Remove(slug) });
    }

    /// <summary>Also changes the role of a member. Only members of the organisation can be in its teams.</summary>
    public void AddToTeam(string organization, string slug, string login, TeamRole role = TeamRole.Member)
    {
        if (!Organization(organization).Members.ContainsKey(User(login).Id))
            throw new ArgumentException($"{login} is not a member of {organization}.", nameof(login));
        ChangeTeam(organization, slug, t => t with { Members = t.Members.SetItem(User(login).Id, role) });
    }

    public void RemoveFromTeam(string organization, string slug, string login) =>
        ChangeTeam(organization, slug, t => t with { Members = t.Members.Remove(User(login).Id) });

    /// <summary>Hides the organisation from tokens until <see cref="AuthorizeSaml"/>, by header <c>X-GitHub-SSO</c>.</summary>
    public void EnforceSaml(string organization, bool enforced = true) =>
        Change(organization, o => o with { EnforcesSaml = enforced, SamlAuthorized = [] });

    public void AuthorizeSaml(string organization, string login) =>
        Change(organization, o => o with { SamlAuthorized = o.SamlAuthorized.Add(User(login).Id) });

    /// <summary>Keeps the organisation's teams from the application until an owner approves it.</summary>
    public void RestrictApplications(string organization, bool restricted = true) =>
        Change(organization, o => o with { RestrictsApplications = restricted });

    /// <summary>Ends all tokens of a person: the next call with one is 401.</summary>
    public void RevokeTokensOf(string login) => _tokens.RevokeAll(User(login).Id);

    /// <summary>How many tokens of a person work.</summary>
    public int CountTokensOf(string login) => _tokens.Count(User(login).Id);

    private static bool SameLogin(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static string Allowed(string login) => LoginForm().IsMatch(login)
        ? login
        : throw new ArgumentException($"GitHub allows no login \"{login}\".", nameof(login));

    private GitHubUser User(string login) => FindUser(login) ?? throw new ArgumentException($"There is no user {login}.", nameof(login));

    private GitHubOrganization Organization(string login) =>
        FindOrganization(login) ?? throw new ArgumentException($"There is no organisation {login}.", nameof(login));

    private GitHubTeam Team(string organization, string slug) => Organization(organization).Teams.TryGetValue(slug, out var team)
        ? team
        : throw new ArgumentException($"There is no team {organization}/{slug}.", nameof(slug));

    private void Change(string organization, Func<GitHubOrganization, GitHubOrganization> change)
    {
        lock (_lock)
            _organizations = _organizations.SetItem(organization, change(Organization(organization)));
    }

    private void ChangeTeam(string organization, string slug, Func<GitHubTeam, GitHubTeam> change)
    {
        lock (_lock)
        {
            var team = change(Team(organization, slug));
            Change(organization, o => o with { Teams = o.Teams.SetItem(team.Slug, team) });
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,39}\z", RegexOptions.CultureInvariant)]
    private static partial Regex LoginForm();
}
