namespace Portal.Sandbox.GitHub;

/// <summary>The REST API's way to say no.</summary>
internal static class ApiError
{
    private const string Documentation = "https://docs.github.com/rest";

    public static IResult NotFound() => Answer(StatusCodes.Status404NotFound, "Not Found");

    public static IResult BadCredentials() => Answer(StatusCodes.Status401Unauthorized, "Bad credentials");

    public static IResult Answer(int status, string message) =>
        Results.Json(new { message, documentation_url = Documentation, status = $"{status}" }, statusCode: status);

    /// <summary>The token lacks a scope.</summary>
    public static IResult ScopeMissing(HttpContext context, string scope, int status = StatusCodes.Status404NotFound)
    {
        context.Response.Headers["X-Accepted-OAuth-Scopes"] = scope;
        return status == StatusCodes.Status404NotFound ? NotFound() : Answer(status, $"You need at least {scope} scope.");
    }

    public static IResult SamlRequired(HttpContext context, GitHubOrganization organization)
    {
        context.Response.Headers["X-GitHub-SSO"] =
            $"required; url={context.Request.Scheme}://{context.Request.Host}/orgs/{organization.Login}/sso?authorization_request=A{organization.Id}";
        return Answer(
            StatusCodes.Status403Forbidden,
            "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.");
    }

    public static IResult ApplicationRestricted(GitHubOrganization organization) => Answer(
        StatusCodes.Status403Forbidden,
        $"Although you appear to have the correct authorization credentials, the `{organization.Login}` organization has enabled "
        + "OAuth App access restrictions, meaning that data access to third-parties is limited.");
}
