using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Portal.Features.SignIn;

public sealed record GitHubUser(long Id, string Login, string? Name);

/// <param name="Role"><c>admin</c> (an owner) or <c>member</c>.</param>
public sealed record GitHubOrganization(long Id, string Login, string Role);

public sealed record GitHubTeam(long Id, string Slug, long OrganizationId, string Organization);

/// <param name="HiddenOrganizations">Ids of organisations that GitHub left out: they enforce SAML, and the token is not authorised for them.</param>
public sealed record GitHubList<T>(IReadOnlyList<T> Items, IReadOnlyList<long> HiddenOrganizations);

/// <summary>GitHub's REST API with a person's token. Shapes: docs.github.com/rest, version 2022-11-28.</summary>
public sealed partial class GitHubClient(HttpClient http, IOptions<GitHubOptions> options)
{
    private const string SsoHeader = "X-GitHub-SSO";
    private const int MostPages = 50;

    public async Task<GitHubUser> GetUserAsync(string token, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, "user", token, cancellationToken);
        var user = await ReadAsync(response, Wire.Default.WireUser, cancellationToken);
        return new GitHubUser(user.Id, user.Login, DisplayName.Clean(user.Name));
    }

    /// <summary>Organisations that the user is an active member of.</summary>
    public async Task<GitHubList<GitHubOrganization>> ListOrganizationsAsync(string token, CancellationToken cancellationToken)
    {
        var list = await ListAsync("user/memberships/orgs?state=active&per_page=100", token, Wire.Default.ListWireMembership, cancellationToken);
        return new(
            [.. list.Items.Where(membership => membership.State == "active")
                .Select(membership => new GitHubOrganization(membership.Organization.Id, membership.Organization.Login, membership.Role))],
            list.HiddenOrganizations);
    }

    /// <summary>Teams of all organisations that the user belongs to.</summary>
    public async Task<GitHubList<GitHubTeam>> ListTeamsAsync(string token, CancellationToken cancellationToken)
    {
        var list = await ListAsync("user/teams?per_page=100", token, Wire.Default.ListWireTeam, cancellationToken);
        return new(
            [.. list.Items.Select(team => new GitHubTeam(team.Id, team.Slug, team.Organization.Id, team.Organization.Login))],
            list.HiddenOrganizations);
    }

    /// <summary>Somebody's SSH public keys, which GitHub tells everybody: type and key, without comments.</summary>
    public async Task<IReadOnlyList<string>> ListKeysAsync(string token, string login, CancellationToken cancellationToken) =>
        [.. (await ListAsync($"users/{Uri.EscapeDataString(login)}/keys?per_page=100", token, Wire.Default.ListWireKey, cancellationToken)).Items.Select(key => key.Key)];

    /// <summary>Ids of all members of a team, those of its child teams included.</summary>
    public async Task<IReadOnlyList<long>> ListMembersAsync(string token, GitHubTeam team, CancellationToken cancellationToken)
    {
        var path = $"orgs/{Uri.EscapeDataString(team.Organization)}/teams/{Uri.EscapeDataString(team.Slug)}/members?per_page=100";
        return [.. (await ListAsync(path, token, Wire.Default.ListWireAccount, cancellationToken)).Items.Select(member => member.Id)];
    }

    /// <returns><c>member</c> or <c>maintainer</c>; null when the user is no active member, or the organisation hides it.</returns>
    public async Task<string?> FindTeamRoleAsync(string token, GitHubTeam team, string login, CancellationToken cancellationToken)
    {
        using var response = await SendTeamMembershipAsync(token, team.Organization, team.Slug, login, cancellationToken);
        if (!response.IsSuccessStatusCode)
            return null;
        var membership = await ReadAsync(response, Wire.Default.WireTeamMembership, cancellationToken);
        return membership.State == "active" ? membership.Role : null;
    }

    /// <returns>Where the person authorises the token for the organisation's SAML, if GitHub asks for that and says where.</returns>
    public async Task<Uri?> FindSamlLinkAsync(string token, string organization, string login, CancellationToken cancellationToken)
    {
        // Any team does: GitHub looks at the organisation first.
        using var response = await SendTeamMembershipAsync(token, organization, "any", login, cancellationToken);
        return response.Headers.TryGetValues(SsoHeader, out var values)
            && SsoUrl().Match(string.Join("; ", values)) is { Success: true } match
            && Uri.TryCreate(match.Groups[1].Value, UriKind.Absolute, out var link)
            && IsWithin(options.Value.Web, link)
                ? link
                : null;
    }

    /// <summary>Ends the token at GitHub. One that is gone already is fine.</summary>
    public async Task RevokeAsync(string token, CancellationToken cancellationToken)
    {
        var settings = options.Value;
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri(settings.Api, $"applications/{Uri.EscapeDataString(settings.ClientId)}/token"))
        {
            Content = new StringContent(JsonSerializer.Serialize(new WireToken(token), Wire.Default.WireToken), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.ClientId}:{settings.ReadClientSecret()}")));
        using var response = await SendAsync(request, cancellationToken, HttpStatusCode.NotFound, HttpStatusCode.UnprocessableEntity);
    }

    private async Task<GitHubList<T>> ListAsync<T>(string path, string token, JsonTypeInfo<List<T>> type, CancellationToken cancellationToken)
    {
        var (items, hidden) = (new List<T>(), new List<long>());
        var page = path;
        for (var pages = 1; page is not null; pages++)
        {
            if (pages > MostPages)
                throw new GitHubException(GitHubFailure.Unexpected, $"GitHub's list {path} does not end after {MostPages} pages.");
            using var response = await SendAsync(HttpMethod.Get, page, token, cancellationToken);
            items.AddRange(await ReadAsync(response, type, cancellationToken));
            hidden.AddRange(HiddenOrganizations(response));
            page = NextPage(response);
        }

        return new(items, hidden);
    }

    private Task<HttpResponseMessage> SendTeamMembershipAsync(
        string token, string organization, string slug, string login, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Get,
            $"orgs/{Uri.EscapeDataString(organization)}/teams/{Uri.EscapeDataString(slug)}/memberships/{Uri.EscapeDataString(login)}",
            token, cancellationToken, HttpStatusCode.NotFound, HttpStatusCode.Forbidden);

    private static IEnumerable<long> HiddenOrganizations(HttpResponseMessage response) =>
        response.Headers.TryGetValues(SsoHeader, out var values) && SsoOrganizations().Match(string.Join("; ", values)) is { Success: true } match
            ? match.Groups[1].Value.Split(',').Select(id => long.TryParse(id, CultureInfo.InvariantCulture, out var number) ? number : 0)
            : [];

    // The token goes along: a link that leaves the API is not followed.
    private string? NextPage(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Link", out var links)
        && NextLink().Match(string.Join(", ", links)) is { Success: true } match
        && Uri.TryCreate(match.Groups[1].Value, UriKind.Absolute, out var next)
            ? IsWithin(options.Value.Api, next)
                ? next.AbsoluteUri
                : throw new GitHubException(GitHubFailure.Unexpected, "GitHub's list goes on at another server.")
            : null;

    private static bool IsWithin(Uri home, Uri link) =>
        Uri.Compare(home, link, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string token, CancellationToken cancellationToken, params HttpStatusCode[] alsoFine)
    {
        using var request = new HttpRequestMessage(method, new Uri(options.Value.Api, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await SendAsync(request, cancellationToken, alsoFine);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken, params HttpStatusCode[] alsoFine)
    {
        request.Headers.Accept.ParseAdd("application/vnd.github+json");
        request.Headers.Add("X-GitHub-Api-Version", "2022-11-28");
        request.Headers.UserAgent.ParseAdd("vault-portal");
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new GitHubException(GitHubFailure.Away, $"GitHub does not answer: {e.Message}", e);
        }

        if (Failure(response, alsoFine) is not { } failure)
            return response;
        response.Dispose();
        throw new GitHubException(failure, $"GitHub answered {(int)response.StatusCode} to {request.Method} {request.RequestUri!.AbsolutePath}.");
    }

    private static GitHubFailure? Failure(HttpResponseMessage response, HttpStatusCode[] alsoFine) => response.StatusCode switch
    {
        _ when response.IsSuccessStatusCode => null,
        HttpStatusCode.Unauthorized => GitHubFailure.Unauthorized,
        HttpStatusCode.TooManyRequests => GitHubFailure.RateLimited,
        HttpStatusCode.Forbidden when IsRateLimit(response) => GitHubFailure.RateLimited,
        >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout => GitHubFailure.Away,
        var status when alsoFine.Contains(status) => null,
        _ => GitHubFailure.Unexpected,
    };

    private static bool IsRateLimit(HttpResponseMessage response) =>
        response.Headers.RetryAfter is not null
        || (response.Headers.TryGetValues("x-ratelimit-remaining", out var remaining) && remaining.Contains("0"));

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken)
                ?? throw new GitHubException(GitHubFailure.Unexpected, "GitHub answered null.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The exception quotes the body.
            throw new GitHubException(GitHubFailure.Unexpected, $"GitHub's answer to {response.RequestMessage?.RequestUri?.AbsolutePath} is not what it should be.");
        }
    }

    [GeneratedRegex("""<([^<>]+)>\s*;[^<]*rel="?next"?""")]
    private static partial Regex NextLink();

    [GeneratedRegex(@"\burl=([^\s;,]+)")]
    private static partial Regex SsoUrl();

    [GeneratedRegex(@"\borganizations=([\d,]+)")]
    private static partial Regex SsoOrganizations();

    private sealed record WireUser(long Id, string Login, string? Name = null);

    private sealed record WireAccount(long Id, string Login);

    private sealed record WireMembership(string State, string Role, WireAccount Organization);

    private sealed record WireTeam(long Id, string Slug, WireAccount Organization);

    private sealed record WireTeamMembership(string State, string Role);

    private sealed record WireKey(string Key);

    private sealed record WireToken(string AccessToken);

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
    [JsonSerializable(typeof(WireUser))]
    [JsonSerializable(typeof(List<WireMembership>))]
    [JsonSerializable(typeof(List<WireTeam>))]
    [JsonSerializable(typeof(List<WireAccount>))]
    [JsonSerializable(typeof(WireTeamMembership))]
    [JsonSerializable(typeof(List<WireKey>))]
    [JsonSerializable(typeof(WireToken))]
    private sealed partial class Wire : JsonSerializerContext;
}
