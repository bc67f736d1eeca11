using Microsoft.AspNetCore.Http.HttpResults;

namespace Portal.Sandbox.GitHub;

/// <summary><c>/orgs/{org}/sso</c>: where a person lets tokens see an organisation that enforces SAML.</summary>
internal sealed class SingleSignOnEndpoints(GitHubState state)
{
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/orgs/{org}/sso", (HttpContext context, string org) => Page(context, org, null));
        app.MapPost("/orgs/{org}/sso", SignInAsync);
    }

    private async Task<IResult> SignInAsync(HttpContext context, string org)
    {
        var login = context.Request.HasFormContentType ? (await context.Request.ReadFormAsync(context.RequestAborted))["user"].ToString() : "";
        if (state.FindOrganization(org) is not { } organization || state.FindUser(login) is not { } user || !organization.IsActiveMember(user.Id))
            return Results.NotFound("There is no such member.");
        state.AuthorizeSaml(organization.Login, user.Login);
        return Page(context, org, user.Login);
    }

    private IResult Page(HttpContext context, string org, string? done)
    {
        if (state.FindOrganization(org) is not { } organization)
            return Results.NotFound("There is no such organisation.");
        WebPage.Guard(context.Response);
        return new RazorComponentResult<SingleSignOnPage>(new Dictionary<string, object?>
        {
            [nameof(SingleSignOnPage.Organization)] = organization.Login,
            [nameof(SingleSignOnPage.Logins)] = state.Users.Where(u => organization.IsActiveMember(u.Id)).Select(u => u.Login).ToList(),
            [nameof(SingleSignOnPage.Done)] = done,
        });
    }
}
