using System.Net;
using Microsoft.AspNetCore.WebUtilities;

namespace Portal.Sandbox.GitHub;

/// <summary>What an application asks of <c>/login/oauth/authorize</c>.</summary>
/// <param name="Parameters">As they came; the page's form sends them again.</param>
/// <param name="CodeChallenge">S256; null: none.</param>
/// <param name="Login">The account that the application suggests.</param>
internal sealed record AuthorizeRequest(
    IReadOnlyDictionary<string, string> Parameters, Uri RedirectUri, string? State, IReadOnlyList<string> Scopes, string? CodeChallenge, string? Login)
{
    private static readonly string[] Names =
        ["client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "login", "allow_signup", "prompt"];

    private const string Documentation = "/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-authorization-request-errors";

    /// <summary>The request, or where to send the person instead. Both null: no such application.</summary>
    public static (AuthorizeRequest? Request, string? Refusal) Read(Func<string, string?> parameter, GitHubServerOptions options, GitHubTroubles troubles)
    {
        var parameters = Names.Select(n => (n, parameter(n))).Where(p => p.Item2 is { Length: > 0 }).ToDictionary(p => p.n, p => p.Item2!);
        if (parameters.GetValueOrDefault("client_id") != options.ClientId)
            return (null, null);
        var state = parameters.GetValueOrDefault("state");
        var registered = options.CallbackUrls[0];
        if (troubles.ApplicationSuspended)
            return (null, Error(registered, "application_suspended", "Your application has been suspended. Contact support@github.com.", state));
        var asked = parameters.GetValueOrDefault("redirect_uri");
        if (!Uri.TryCreate(asked ?? registered.AbsoluteUri, UriKind.Absolute, out var callback) || !options.CallbackUrls.Any(c => Allows(c, callback)))
            return (null, Error(
                registered, "redirect_uri_mismatch", "The redirect_uri MUST match the registered callback URL for this application.", state));

        var challenge = parameters.GetValueOrDefault("code_challenge");
        if (challenge is not null && parameters.GetValueOrDefault("code_challenge_method") != "S256")
            return (null, Error(callback, "invalid_request", "The code_challenge_method must be S256.", state));
        var scopes = (parameters.GetValueOrDefault("scope") ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        return (new AuthorizeRequest(parameters, callback, state, [.. scopes.Distinct().Order(StringComparer.Ordinal)], challenge, parameters.GetValueOrDefault("login")), null);
    }

    public string Answer(string code) => WithQuery(RedirectUri, ("code", code), ("state", State));

    public string Denied() => Error(RedirectUri, "access_denied", "The user has denied your application access.", State);

    private static bool Allows(Uri registered, Uri asked)
    {
        var isPortFree = IPAddress.TryParse(registered.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address);
        var path = registered.AbsolutePath.TrimEnd('/');
        return asked.Scheme == registered.Scheme && asked.Host == registered.Host && (isPortFree || asked.Port == registered.Port)
            && (asked.AbsolutePath == path || asked.AbsolutePath.StartsWith($"{path}/", StringComparison.Ordinal))
            && asked.UserInfo.Length == 0;
    }

    private static string Error(Uri callback, string error, string description, string? state) => WithQuery(
        callback, ("error", error), ("error_description", description), ("error_uri", $"{Documentation}/#{error.Replace('_', '-')}"), ("state", state));

    private static string WithQuery(Uri callback, params (string Name, string? Value)[] values) =>
        QueryHelpers.AddQueryString(callback.AbsoluteUri, values.Where(v => v.Value is not null).Select(v => KeyValuePair.Create(v.Name, v.Value)));
}
