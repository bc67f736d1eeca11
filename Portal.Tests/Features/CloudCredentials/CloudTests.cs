using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Portal.Features.CloudCredentials;
using Portal.Tests.Support;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>
/// Base of tests about what teams keep. The seed has alice as member and carol as maintainer of payments; bob is in on-call alone; dave is
/// portal admin. One Vault serves the whole run: names are made anew for each test.
/// </summary>
public abstract class CloudTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    protected const string Team = "payments";

    private static readonly string s_clouds = $"/teams/{Team}/cloud-credentials";

    /// <summary>A name that no other test has.</summary>
    protected static string Name(string start = "aws") => $"{start}-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    /// <summary>A value that stands for a secret.</summary>
    protected static string Canary() => $"canary{RandomNumberGenerator.GetHexString(32)}";

    protected static Task<Answer> RegisterAsync(
        ApiClient client, string name, IReadOnlyDictionary<string, string>? values = null, string type = "generic", string? file = null, string[]? tags = null,
        DateTimeOffset? endsAt = null, bool verify = false, string team = Team) =>
        client.PostAsync($"/teams/{team}/cloud-credentials?verify={(verify ? "true" : "false")}", new { name, type, values = values ?? One("token", Canary()), file, tags, endsAt });

    protected static async Task<Answer> RegisteredAsync(ApiClient client, string name, IReadOnlyDictionary<string, string>? values = null, string type = "generic", DateTimeOffset? endsAt = null)
    {
        var answer = await RegisterAsync(client, name, values, type, endsAt: endsAt);
        answer.Status.ShouldBe(HttpStatusCode.Created, answer.Text);
        return answer;
    }

    protected static Task<Answer> GetAsync(ApiClient client, string name, string what = "") => client.GetAsync($"{s_clouds}/{name}{what}");

    protected static Task<Answer> DeleteAsync(ApiClient client, string name, string what = "") => client.DeleteAsync($"{s_clouds}/{name}{what}");

    protected static Task<Answer> RevealAsync(ApiClient client, string name, string field, int? version = null) =>
        client.PostAsync($"{s_clouds}/{name}/reveal", new { field, version });

    protected static Task<Answer> VerifyAsync(ApiClient client, string name) => client.PostAsync($"{s_clouds}/{name}/verify");

    /// <param name="etag">Null: without If-Match.</param>
    protected static Task<Answer> ChangeAsync(ApiClient client, string name, string? etag, object body, bool verify = false) =>
        SendAsync(client, HttpMethod.Put, $"{s_clouds}/{name}?verify={(verify ? "true" : "false")}", etag, body);

    protected static Task<Answer> RestoreAsync(ApiClient client, string name, int version, string? etag, bool verify = false) =>
        SendAsync(client, HttpMethod.Post, $"{s_clouds}/{name}/versions/{version}/restore?verify={(verify ? "true" : "false")}", etag, null);

    protected static string ETag(Answer answer) => answer.Headers.ETag.ShouldNotBeNull(answer.Text).ToString();

    protected static Dictionary<string, string> One(string field, string value) => new() { [field] = value };

    protected static Task<CloudCredential?> RowAsync(TestPortal portal, string name) =>
        portal.DatabaseAsync(db => db.CloudCredentials.AsNoTracking().OrderByDescending(row => row.RegisteredAt).FirstOrDefaultAsync(row => row.Name == name, Cancel));

    /// <summary>Versions that Vault itself can read of it.</summary>
    protected static async Task<IReadOnlyList<int>> VersionsAtVaultAsync(TestPortal portal, string name) =>
        await portal.Get<CloudVault>().ListVersionsAsync(new(await TeamIdAsync(portal), name), Cancel);

    protected static Task<Guid> TeamIdAsync(TestPortal portal, string team = Team) =>
        portal.DatabaseAsync(db => db.Set<Portal.Features.Teams.Team>().Where(row => row.Name == team).Select(row => row.Id).SingleAsync(Cancel));

    /// <summary>One round of the worker.</summary>
    protected static Task RoundAsync(TestPortal portal) => portal.Get<CloudWorker>().RoundAsync(Cancel);

    private static async Task<Answer> SendAsync(ApiClient client, HttpMethod method, string path, string? etag, object? body)
    {
        using var request = new HttpRequestMessage(method, client.AddressOf(path)) { Content = body is null ? null : JsonContent.Create(body) };
        if (etag is not null)
            request.Headers.TryAddWithoutValidation("If-Match", etag);
        return await client.SendAsync(request);
    }
}
