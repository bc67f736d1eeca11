using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Portal.Sandbox.Servers;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

/// <summary>Leases end by themselves: at their time, all of them, and once the server is back.</summary>
public sealed class LeaseExpiryTests(DatabaseServers databases)
{
    private readonly string _log = $"log_{Guid.CreateVersion7():N}";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string LogRevocation => $"INSERT INTO {_log} (name) VALUES ('{{{{name}}}}')";

    [Theory]
    [InlineData("postgresql")]
    [InlineData("mysql")]
    public async Task A_thousand_that_expire_together_are_all_revoked_and_none_twice(string engine)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var vault = await VaultUnderTest.StartAsync(new VaultServerOptions { TimeProvider = time });
        var server = await ServerAsync(engine, vault);
        // Rows stand for users: making a thousand of them is quick, and one revoked twice leaves two.
        await RoleAsync(vault, "SELECT 1", LogRevocation, "1h");
        var tokens = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => vault.TokenAsync(new { policies = "root", ttl = "1h" })));
        var names = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async number =>
            (string)(await vault.DoAsync("GET", "db/creds/r", token: tokens[number % 10]))["data"]!["username"]!));

        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        // The tokens end in the same moment as the leases do, and so revoke them too.
        time.Advance(TimeSpan.FromHours(1));
        await vault.Control.SettleAsync(Cancelled);
        Tell($"{engine}: 1,000 leases were revoked in {clock.GetElapsedTime(start).TotalMilliseconds:0} ms.");

        // A name that stood there twice could not be read.
        (await server.TimesAsync(_log)).Keys.ShouldBe(names, ignoreOrder: true);
        (await vault.SendAsync("LIST", "sys/leases/lookup/db/creds/r")).Status.ShouldBe(404);
        Reachable.Count(vault.Server, "Lease").ShouldBe(0);
    }

    [Theory]
    [InlineData("postgresql")]
    [InlineData("mysql")]
    public async Task By_the_real_clock_users_are_gone_within_a_moment(string engine)
    {
        await using var vault = await VaultUnderTest.StartAsync();
        var server = await ServerAsync(engine, vault);
        await RoleAsync(vault, server.CreateUser, $"{server.DropUser}; {LogRevocation}", "2s");
        var ends = new Dictionary<string, DateTimeOffset>();
        for (var i = 0; i < 40; i++)
        {
            var answer = await vault.DoAsync("GET", "db/creds/r");
            var lease = await vault.DoAsync("PUT", "sys/leases/lookup", new { lease_id = (string)answer["lease_id"]! });
            ends[(string)answer["data"]!["username"]!] = lease["data"]!["expire_time"]!.GetValue<DateTimeOffset>();
        }

        await Support.Eventually.TrueAsync(async () => await server.NumberAsync($"SELECT count(*) FROM {_log}") == ends.Count, "all are revoked");
        var delays = (await server.TimesAsync(_log)).Select(gone => gone.Value - ends[gone.Key]).Order().ToList();
        Tell($"{engine}: users were gone {delays[delays.Count / 2].TotalMilliseconds:0.0} ms after their end (median), {delays[^1].TotalMilliseconds:0.0} ms at most.");
        delays.ShouldAllBe(delay => delay > TimeSpan.FromMilliseconds(-1) && delay < TimeSpan.FromSeconds(5));
        foreach (var name in ends.Keys)
            (await server.CountUsersAsync(name)).ShouldBe(0);
    }

    [Fact]
    public async Task A_postgresql_that_is_down_delays_the_end_and_no_more()
    {
        var folder = Directory.CreateTempSubdirectory("lease-expiry-");
        await using (var postgres = await PostgresServer.StartAsync(folder.FullName))
            await DelaysAsync(LeaseServer.Of(postgres, "postgres"), postgres.StopAsync, postgres.StartAgainAsync);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_mariadb_that_is_down_delays_the_end_and_no_more()
    {
        var folder = Directory.CreateTempSubdirectory("lease-expiry-");
        await using (var mariaDb = await MariaDbServer.StartAsync(folder.FullName))
            await DelaysAsync(LeaseServer.Of(mariaDb, "mysql"), mariaDb.StopAsync, mariaDb.StartAgainAsync);
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("postgresql")]
    [InlineData("mysql")]
    public async Task A_connection_that_is_configured_anew_meanwhile_leaves_no_user_without_a_lease(string engine)
    {
        await using var vault = await VaultUnderTest.StartAsync();
        var server = await ServerAsync(engine, vault);
        await RoleAsync(vault, $"INSERT INTO {_log} (name) VALUES ('{{{{name}}}}')", $"DELETE FROM {_log} WHERE name = '{{{{name}}}}'", "1h");
        var asking = Enumerable.Range(0, 100).Select(_ => vault.SendAsync("GET", "db/creds/r")).ToList();
        for (var i = 0; i < 20; i++)
            await vault.DoAsync("POST", i % 2 == 0 ? "db/reset/c" : "db/config/c", new { });
        var answers = await Task.WhenAll(asking);
        answers.ShouldAllBe(answer => answer.Status == 200 || (answer.Status == 500 && !answer.Body!.ToJsonString().Contains("\"internal error")));

        (await server.TimesAsync(_log)).Keys.ShouldBe(answers.Where(answer => answer.Status == 200).Select(answer => (string)answer.Body!["data"]!["username"]!), ignoreOrder: true);
        await vault.DoAsync("PUT", "sys/leases/revoke-prefix/db");
        (await server.NumberAsync($"SELECT count(*) FROM {_log}")).ShouldBe(0);
    }

    private async Task DelaysAsync(LeaseServer server, Func<Task> stopAsync, Func<Task> startAgainAsync)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var vault = await VaultUnderTest.StartAsync(new VaultServerOptions { TimeProvider = time });
        async Task PassAsync(TimeSpan span)
        {
            time.Advance(span);
            await vault.Control.SettleAsync(Cancelled);
        }

        await server.ConfigureAsync(vault);
        await RoleAsync(vault, server.CreateUser, server.DropUser, "1m");
        var leases = new List<string>();
        for (var i = 0; i < 20; i++)
            leases.Add((string)(await vault.DoAsync("GET", "db/creds/r"))["lease_id"]!);
        await stopAsync();
        await PassAsync(TimeSpan.FromMinutes(1));
        (await vault.SendAsync("PUT", "sys/leases/lookup", new { lease_id = leases[0] })).Status.ShouldBe(200);
        await vault.RefusesAsync(400, "lease expired", "PUT", "sys/leases/renew", new { lease_id = leases[0] });
        var (status, body) = await vault.SendAsync("PUT", "sys/leases/revoke", new { lease_id = leases[0], sync = true });
        status.ShouldBe(400);
        ((string?)body!["errors"]![0]).ShouldNotBeNull().ShouldStartWith("failed to revoke entry: ");

        await startAgainAsync();
        (await server.CountUsersAsync("v-%")).ShouldBe(leases.Count);
        await PassAsync(TimeSpan.FromSeconds(20));
        (await server.CountUsersAsync("v-%")).ShouldBe(0);
        (await vault.SendAsync("LIST", "sys/leases/lookup/db/creds/r")).Status.ShouldBe(404);
        ((int)(await vault.DoAsync("GET", "sys/leases?type=irrevocable"))["data"]!["lease_count"]!).ShouldBe(0);
    }

    private async Task<LeaseServer> ServerAsync(string engine, VaultUnderTest vault)
    {
        var server = engine == "mysql" ? LeaseServer.Of(await databases.MariaDbAsync(), "app") : LeaseServer.Of(await databases.PostgresAsync(), "app");
        await using var connection = server.Connect();
        await connection.OpenAsync(Cancelled);
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE TABLE {_log} (name varchar(100), at {server.Timestamp})";
        await command.ExecuteNonQueryAsync(Cancelled);
        await server.ConfigureAsync(vault);
        return server;
    }

    private static Task<JsonNode> RoleAsync(VaultUnderTest vault, string creation, string revocation, string ttl) => vault.DoAsync(
        "POST", "db/roles/r", new { db_name = "c", creation_statements = creation, revocation_statements = revocation, default_ttl = ttl, max_ttl = "2h" });

    private static void Tell(string message) => TestContext.Current.SendDiagnosticMessage(message);
}
