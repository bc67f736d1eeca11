using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.WebUtilities;

namespace Portal.Sandbox.GitHub;

/// <summary>Changes a running <see cref="GitHubServer"/> from another process.</summary>
/// <param name="http">With <see cref="GitHubServer.ControlAddress"/> as base address.</param>
public sealed class GitHubControl(HttpClient http)
{
    /// <summary>The new user's id.</summary>
    public async Task<long> AddUserAsync(string login, string? name = null) => await ReadIdAsync("add-user", ("login", login), ("name", name));

    public Task RenameUserAsync(string login, string newLogin) => PostAsync("rename-user", ("login", login), ("newLogin", newLogin));

    public Task RevokeTokensAsync(string login) => PostAsync("revoke-tokens", ("login", login));

    public Task AddToOrganizationAsync(string organization, string login, OrganizationRole role = OrganizationRole.Member) =>
        PostAsync("add-to-organization", ("organization", organization), ("login", login), ("role", $"{role}"));

    public Task RemoveFromOrganizationAsync(string organization, string login) =>
        PostAsync("remove-from-organization", ("organization", organization), ("login", login));

    /// <summary>The new team's id.</summary>
    public Task<long> AddTeamAsync(string organization, string team, long? id = null) =>
        ReadIdAsync("add-team", ("organization", organization), ("team", team), ("id", id?.ToString(CultureInfo.InvariantCulture)));

    public Task DeleteTeamAsync(string organization, string team) => PostAsync("delete-team", ("organization", organization), ("team", team));

    public Task AddToTeamAsync(string organization, string team, string login, TeamRole role = TeamRole.Member) =>
        PostAsync("add-to-team", ("organization", organization), ("team", team), ("login", login), ("role", $"{role}"));

    public Task RemoveFromTeamAsync(string organization, string team, string login) =>
        PostAsync("remove-from-team", ("organization", organization), ("team", team), ("login", login));

    public Task EnforceSamlAsync(string organization, bool enforced = true) => PostAsync("saml", ("organization", organization), ("enforced", $"{enforced}"));

    public Task RestrictApplicationsAsync(string organization, bool restricted = true) =>
        PostAsync("restrict-applications", ("organization", organization), ("restricted", $"{restricted}"));

    /// <summary>Every answer is 503 until <see cref="ClearTroublesAsync"/>.</summary>
    public Task MakeUnavailableAsync() => PostAsync("unavailable");

    public Task SlowAsync(TimeSpan delay) => PostAsync("slow", ("seconds", delay.TotalSeconds.ToString(CultureInfo.InvariantCulture)));

    public Task LimitRateAsync(RateLimitTrouble trouble) => PostAsync("rate-limit", ("trouble", $"{trouble}"));

    public Task SuspendApplicationAsync() => PostAsync("suspend-application");

    public Task FailNextTokenAsync(string error) => PostAsync("next-token-error", ("error", error));

    public Task ClearTroublesAsync() => PostAsync("clear-troubles");

    /// <summary>Refuses connections until <see cref="StartAsync"/>; what it knows stays.</summary>
    public Task StopAsync() => PostAsync("stop");

    public Task StartAsync() => PostAsync("start");

    private async Task<long> ReadIdAsync(string path, params (string Name, string? Value)[] parameters)
    {
        using var answer = await SendAsync(path, parameters);
        return await answer.Content.ReadFromJsonAsync<long>();
    }

    private async Task PostAsync(string path, params (string Name, string? Value)[] parameters) => (await SendAsync(path, parameters)).Dispose();

    /// <exception cref="ArgumentException">The order names something that is not there.</exception>
    private async Task<HttpResponseMessage> SendAsync(string path, (string Name, string? Value)[] parameters)
    {
        var given = parameters.Where(p => p.Value is not null).Select(p => KeyValuePair.Create(p.Name, p.Value));
        var answer = await http.PostAsync(QueryHelpers.AddQueryString($"/{path}", given), null);
        if (answer.StatusCode == HttpStatusCode.BadRequest)
            throw new ArgumentException(await answer.Content.ReadAsStringAsync());
        return answer.EnsureSuccessStatusCode();
    }
}
