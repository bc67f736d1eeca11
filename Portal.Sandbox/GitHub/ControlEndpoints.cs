namespace Portal.Sandbox.GitHub;

/// <summary>
/// What tests do through <see cref="GitHubServer.State"/>, for other processes: POST with parameters in the query. <see cref="GitHubControl"/> is the client.
/// </summary>
internal sealed class ControlEndpoints(GitHubServer server)
{
    public void Map(IEndpointRouteBuilder app)
    {
        var state = server.State;
        var troubles = state.Troubles;
        var control = app.MapGroup("").AddEndpointFilter(RefuseAsync);
        control.MapPost("/add-user", (string login, string? name) => state.AddUser(login, name).Id);
        control.MapPost("/rename-user", (string login, string newLogin) => state.RenameUser(login, newLogin));
        control.MapPost("/revoke-tokens", (string login) => state.RevokeTokensOf(login));
        control.MapPost("/add-to-organization", (string organization, string login, OrganizationRole? role) =>
            state.AddToOrganization(organization, login, role ?? OrganizationRole.Member));
        control.MapPost("/remove-from-organization", (string organization, string login) => state.RemoveFromOrganization(organization, login));
        control.MapPost("/add-team", (string organization, string team, long? id) => state.AddTeam(organization, team, id).Id);
        control.MapPost("/delete-team", (string organization, string team) => state.DeleteTeam(organization, team));
        control.MapPost("/add-to-team", (string organization, string team, string login, TeamRole? role) =>
            state.AddToTeam(organization, team, login, role ?? TeamRole.Member));
        control.MapPost("/remove-from-team", (string organization, string team, string login) => state.RemoveFromTeam(organization, team, login));
        control.MapPost("/saml", (string organization, bool enforced) => state.EnforceSaml(organization, enforced));
        control.MapPost("/restrict-applications", (string organization, bool restricted) => state.RestrictApplications(organization, restricted));

        control.MapPost("/unavailable", () => { troubles.Unavailable = true; });
        control.MapPost("/slow", (double seconds) => { troubles.Delay = TimeSpan.FromSeconds(seconds); });
        control.MapPost("/rate-limit", (RateLimitTrouble trouble) => { troubles.RateLimit = trouble; });
        control.MapPost("/suspend-application", () => { troubles.ApplicationSuspended = true; });
        control.MapPost("/next-token-error", (string error) => { troubles.NextTokenError = error; });
        control.MapPost("/clear-troubles", troubles.Clear);
        control.MapPost("/stop", server.StopAsync);
        control.MapPost("/start", server.StartAgainAsync);
    }

    private static async ValueTask<object?> RefuseAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        // Programs send no origin; pages that a browser happens to show do.
        if (invocation.HttpContext.Request.Headers.Origin.Count > 0)
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        try
        {
            return await next(invocation);
        }
        catch (ArgumentException e)
        {
            return Results.BadRequest(e.Message);
        }
    }
}
