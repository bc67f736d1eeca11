using Microsoft.AspNetCore.Http.HttpResults;

namespace Portal.Sandbox.GitHub;

/// <summary><c>/login/oauth/authorize</c>: GET shows who there is, POST with <c>user</c> (or <c>cancel</c>) and the same parameters goes back.</summary>
internal sealed class AuthorizeEndpoints(GitHubServerOptions options, GitHubState state, GitHubTokens tokens)
{
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/login/oauth/authorize", Show);
        app.MapPost("/login/oauth/authorize", (Delegate)AnswerAsync);
    }

    private IResult Show(HttpContext context)
    {
        var (request, refusal) = AuthorizeRequest.Read(name => context.Request.Query[name], options, state.Troubles);
        if (request is null)
            return refusal is null ? NoSuchApplication() : Results.Redirect(refusal);
        WebPage.Guard(context.Response, formAction: request.RedirectUri);
        return new RazorComponentResult<AuthorizePage>(new Dictionary<string, object?>
        {
            [nameof(AuthorizePage.Application)] = options.ApplicationName,
            [nameof(AuthorizePage.Parameters)] = request.Parameters,
            [nameof(AuthorizePage.Scopes)] = request.Scopes,
            [nameof(AuthorizePage.Suggested)] = request.Login,
            [nameof(AuthorizePage.Accounts)] = state.Users.Select(u => new AuthorizePage.Account(u.Login, u.Name, Belongs(u))).ToList(),
        });
    }

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        if (!context.Request.HasFormContentType)
            return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (request, refusal) = AuthorizeRequest.Read(name => form[name], options, state.Troubles);
        if (request is null)
            return refusal is null ? NoSuchApplication() : Results.Redirect(refusal);
        if (form.ContainsKey("cancel"))
            return Results.Redirect(request.Denied());
        if (state.FindUser(form["user"].ToString()) is not { } user)
            return Results.BadRequest("There is no such user.");
        // The page's form says which scopes it left ticked; a request without the page gets all.
        var granted = form.ContainsKey("narrowed") ? request.Scopes.Intersect(form["granted"].OfType<string>()) : request.Scopes;
        return Results.Redirect(request.Answer(tokens.AddCode(user.Id, request, string.Join(',', granted))));
    }

    private string Belongs(GitHubUser user) => string.Join("; ",
        from organization in state.Organizations
        where organization.IsActiveMember(user.Id)
        let teams = string.Join(", ", organization.Teams.Values.Where(t => t.Members.ContainsKey(user.Id)).Select(t => t.Slug))
        select teams.Length == 0 ? organization.Login : $"{organization.Login}: {teams}");

    private static NotFound<string> NoSuchApplication() => TypedResults.NotFound("There is no application with this client_id.");
}
