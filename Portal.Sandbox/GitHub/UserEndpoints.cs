using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Portal.Sandbox.GitHub;

/// <summary>The person behind the token, and anybody's public keys.</summary>
internal sealed class UserEndpoints(GitHubState state)
{
    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/user", User).WithMetadata(new NeedsToken());
        api.MapGet("/user/emails", Emails).WithMetadata(new NeedsToken());
        api.MapGet("/users/{login}/keys", Keys);
    }

    public void MapPages(IEndpointRouteBuilder pages) => pages.MapGet("/{login}.keys", (string login) => state.FindUser(login) is { } user
        ? Results.Text(string.Concat(user.Keys.Select(key => $"{key}\n")))
        : Results.Text("Not Found", statusCode: StatusCodes.Status404NotFound));

    private static IResult User(HttpContext context)
    {
        var user = context.Features.GetRequiredFeature<ApiCaller>().User;
        var host = $"{context.Request.Scheme}://{context.Request.Host}";
        return Results.Json(new
        {
            login = user.Login,
            id = user.Id,
            node_id = Convert.ToBase64String(Encoding.UTF8.GetBytes($"04:User{user.Id}")),
            avatar_url = $"{host}/avatars/u/{user.Id}?v=4",
            html_url = $"{host}/{user.Login}",
            url = $"{host}/api/v3/users/{user.Login}",
            type = "User",
            site_admin = false,
            name = user.Name,
            email = user.Emails.Find(e => e.Public)?.Address,
        });
    }

    private static IResult Emails(HttpContext context)
    {
        var (user, token) = context.Features.GetRequiredFeature<ApiCaller>();
        return token.Has("user:email")
            ? PagedList.Answer(context, [.. user.Emails.Select((email, at) => new
            {
                email = email.Address,
                primary = at == 0,
                verified = email.Verified,
                visibility = at != 0 ? null : email.Public ? "public" : "private",
            })])
            : ApiError.ScopeMissing(context, "user:email");
    }

    private IResult Keys(HttpContext context, string login) => state.FindUser(login) is { } user
        ? PagedList.Answer(context, [.. user.Keys.Select((key, at) => new { id = (user.Id * 100) + at, key })])
        : ApiError.NotFound();
}
