using Microsoft.AspNetCore.Http.Features;

namespace Portal.Sandbox.GitHub;

/// <summary>Memberships of organisations and teams, as the person's token may see them.</summary>
internal sealed class OrganizationEndpoints(GitHubState state)
{
    private const string Scope = "read:org";

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/user/memberships/orgs", Memberships).WithMetadata(new NeedsToken());
        api.MapGet("/user/teams", Teams).WithMetadata(new NeedsToken());
        api.MapGet("/orgs/{org}/teams/{slug}/members", Members).WithMetadata(new NeedsToken());
        api.MapGet("/orgs/{org}/teams/{slug}/memberships/{login}", TeamMembership).WithMetadata(new NeedsToken());
    }

    private IResult Memberships(HttpContext context)
    {
        var (user, token) = context.Features.GetRequiredFeature<ApiCaller>();
        if (!token.Has(Scope))
            return ApiError.ScopeMissing(context, Scope, StatusCodes.Status403Forbidden);
        var wanted = context.Request.Query["state"].ToString();
        if (wanted is not ("" or "active" or "pending"))
            return ApiError.Answer(StatusCodes.Status422UnprocessableEntity, "Validation Failed");
        var memberships =
            from organization in Visible(context, user)
            let membership = organization.Members[user.Id]
            where wanted.Length == 0 || wanted == StateOf(membership)
            select new
            {
                url = $"{Api(context)}/orgs/{organization.Login}/memberships/{user.Login}",
                state = StateOf(membership),
                role = membership.Role == OrganizationRole.Admin ? "admin" : "member",
                organization = Reference(organization),
                user = new { login = user.Login, id = user.Id },
            };
        return PagedList.Answer(context, [.. memberships]);
    }

    private IResult Teams(HttpContext context)
    {
        var (user, token) = context.Features.GetRequiredFeature<ApiCaller>();
        if (!token.Has(Scope))
            return ApiError.ScopeMissing(context, Scope, StatusCodes.Status403Forbidden);
        var teams =
            from organization in Visible(context, user)
            where organization.IsActiveMember(user.Id) && !organization.RestrictsApplications
            from team in organization.Teams.Values
            where team.Members.ContainsKey(user.Id)
            select new
            {
                id = team.Id,
                name = team.Name,
                slug = team.Slug,
                privacy = "closed",
                permission = "pull",
                url = $"{Api(context)}/organizations/{organization.Id}/team/{team.Id}",
                parent = team.ParentSlug is { } slug && organization.Teams.TryGetValue(slug, out var parent)
                    ? new { id = parent.Id, name = parent.Name, slug = parent.Slug }
                    : null,
                organization = Reference(organization),
            };
        return PagedList.Answer(context, [.. teams]);
    }

    private IResult Members(HttpContext context, string org, string slug)
    {
        if (Refusal(context, org, slug, out var organization, out var team) is { } refusal)
            return refusal;
        var members = organization.Members.Keys
            .Where(id => organization.IsActiveMember(id) && organization.RoleIn(team, id) is not null)
            .Select(state.FindUser)
            .Select(user => new { login = user!.Login, id = user.Id, type = "User", site_admin = false });
        return PagedList.Answer(context, [.. members]);
    }

    private IResult TeamMembership(HttpContext context, string org, string slug, string login)
    {
        if (Refusal(context, org, slug, out var organization, out var team) is { } refusal)
            return refusal;
        if (state.FindUser(login) is not { } user || organization.RoleIn(team, user.Id) is not { } role)
            return ApiError.NotFound();
        return Results.Json(new
        {
            url = $"{Api(context)}/organizations/{organization.Id}/team/{team.Id}/memberships/{user.Login}",
            role = role == TeamRole.Maintainer ? "maintainer" : "member",
            state = StateOf(organization.Members[user.Id]),
        });
    }

    /// <summary>Why the caller learns nothing of the team; null when it may.</summary>
    private IResult? Refusal(HttpContext context, string org, string slug, out GitHubOrganization organization, out GitHubTeam team)
    {
        var (caller, token) = context.Features.GetRequiredFeature<ApiCaller>();
        (organization, team) = (null!, null!);
        if (!token.Has(Scope))
            return ApiError.ScopeMissing(context, Scope);
        if (state.FindOrganization(org) is not { } found || !found.IsActiveMember(caller.Id))
            return ApiError.NotFound();
        if (found.HidesBySaml(caller.Id))
            return ApiError.SamlRequired(context, found);
        if (found.RestrictsApplications)
            return ApiError.ApplicationRestricted(found);
        if (!found.Teams.TryGetValue(slug, out var known))
            return ApiError.NotFound();
        (organization, team) = (found, known);
        return null;
    }

    /// <summary>The person's organisations, but those that SAML hides: a header names these.</summary>
    private List<GitHubOrganization> Visible(HttpContext context, GitHubUser user)
    {
        var all = state.Organizations.Where(o => o.Members.ContainsKey(user.Id)).ToLookup(o => o.HidesBySaml(user.Id));
        if (all[true].Any())
            context.Response.Headers["X-GitHub-SSO"] = $"partial-results; organizations={string.Join(',', all[true].Select(o => o.Id))}";
        return [.. all[false]];
    }

    private static string StateOf(OrganizationMembership membership) => membership.IsActive ? "active" : "pending";

    private static object Reference(GitHubOrganization organization) => new { login = organization.Login, id = organization.Id };

    private static string Api(HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host}/api/v3";
}
