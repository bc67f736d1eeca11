using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Portal.Benchmarks;

/// <summary>What the portal adds to the Vault calls that make a database credential.</summary>
internal static class Credentials
{
    private const int Warm = 10;
    private const int Measured = 60;
    private const string Role = "shop-readonly";

    public static async IAsyncEnumerable<Row> MeasureAsync(Bench bench)
    {
        await using var portal = await bench.StartPortalAsync("credentials", "Portal");
        using var alice = await Api.SignInAsync(portal.Address, "alice");
        using var vault = new HttpClient { BaseAddress = bench.Sandbox.Vault.Address };
        vault.DefaultRequestHeaders.Add("X-Vault-Token", bench.Sandbox.Vault.RootToken);

        var (byApi, direct) = (new List<double>(), new List<double>());
        for (var round = 0; round < Warm + Measured; round++)
        {
            var (id, apiTime) = await TimeAsync(async () => (await alice.PostAsync($"/databases/{Role}/credentials", new { durationSeconds = 3600, reason = "benchmark" })).GetProperty("id").GetGuid());
            var (accessor, directTime) = await TimeAsync(() => IssueDirectlyAsync(vault));
            await alice.DeleteAsync($"/credentials/{id}");
            await SendAsync(vault, "auth/token/revoke-accessor", new { accessor });
            if (round < Warm)
                continue;
            byApi.Add(apiTime);
            direct.Add(directTime);
        }

        var (one, other) = (Run.Median(byApi), Run.Median(direct));
        yield return new(
            "database credential through the API, against the same Vault calls directly", one / other, "≤ 1.3", one / other <= 1.3,
            string.Create(CultureInfo.InvariantCulture, $"{one:0.0} against {other:0.0} ms"));
    }

    // Token, credentials, renewal to the promised end.
    private static async Task<string> IssueDirectlyAsync(HttpClient vault)
    {
        var auth = (await SendAsync(vault, $"auth/token/create/portal-database-{Role}", new { ttl = "3600s", display_name = "alice" })).GetProperty("auth");
        using var read = new HttpRequestMessage(HttpMethod.Get, $"/v1/portal-db/creds/{Role}");
        read.Headers.Add("X-Vault-Token", auth.GetProperty("client_token").GetString());
        using var answer = await vault.SendAsync(read);
        answer.EnsureSuccessStatusCode();
        var lease = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("lease_id").GetString();
        await SendAsync(vault, "sys/leases/renew", new { lease_id = lease, increment = 3600 });
        return auth.GetProperty("accessor").GetString()!;
    }

    private static async Task<JsonElement> SendAsync(HttpClient vault, string path, object body)
    {
        using var response = await vault.PutAsJsonAsync($"/v1/{path}", body);
        response.EnsureSuccessStatusCode();
        var text = await response.Content.ReadAsStringAsync();
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    private static async Task<(T Result, double Milliseconds)> TimeAsync<T>(Func<Task<T>> act)
    {
        var watch = Stopwatch.StartNew();
        var result = await act();
        return (result, watch.Elapsed.TotalMilliseconds);
    }
}
