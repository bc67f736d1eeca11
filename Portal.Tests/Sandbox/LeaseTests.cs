using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Portal.Sandbox.Servers;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

/// <summary>Leases end by themselves, on a real server, whatever stands in the way.</summary>
public sealed class LeaseTests(DatabaseServers databases) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly string _log = $"log_{Guid.CreateVersion7():N}";
    private VaultUnderTest _vault = null!;
    private PostgresServer _postgres = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _postgres = await databases.PostgresAsync();
        _vault = await VaultUnderTest.StartAsync(new VaultServerOptions { TimeProvider = _time });
        await ScalarAsync($"CREATE TABLE {_log} (what text, name text, at timestamptz DEFAULT clock_timestamp())");
        await ConnectAsync(_vault, _postgres);
        // Rows stand for users: making a thousand of them is quick, and one revoked twice leaves two.
        await RoleAsync("row", $"INSERT INTO {_log} VALUES ('made', '{{{{name}}}}')", $"INSERT INTO {_log} VALUES ('revoked', '{{{{name}}}}')");
    }

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Fact]
    public async Task A_thousand_leases_that_expire_together_are_all_revoked_and_none_twice()
    {
        var tokens = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _vault.TokenAsync(new { policies = "root", ttl = "1h" })));
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(number => _vault.DoAsync("GET", "db/creds/row", token: tokens[number % 10])));

        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        // The tokens end in the same moment as the leases do, and so revoke them too.
        await PassAsync(TimeSpan.FromHours(1));
        TestContext.Current.SendDiagnosticMessage($"1,000 leases were revoked in {clock.GetElapsedTime(start).TotalMilliseconds:0} ms.");

        (await ScalarAsync($"SELECT count(*) FROM {_log} WHERE what = 'revoked'")).ShouldBe(1000L);
        (await ScalarAsync($"SELECT count(DISTINCT name) FROM {_log} WHERE what = 'revoked'")).ShouldBe(1000L);
        (await _vault.SendAsync("LIST", "sys/leases/lookup/db/creds/row")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task By_the_real_clock_they_end_within_a_moment()
    {
        await using var vault = await VaultUnderTest.StartAsync();
        await ConnectAsync(vault, _postgres);
        await RoleAsync("row", $"INSERT INTO {_log} VALUES ('made', '{{{{name}}}}')", $"INSERT INTO {_log} VALUES ('revoked', '{{{{name}}}}')", vault, "1s");
        var ends = new Dictionary<string, DateTimeOffset>();
        for (var i = 0; i < 20; i++)
        {
            var answer = await vault.DoAsync("GET", "db/creds/row");
            var lease = await vault.DoAsync("PUT", "sys/leases/lookup", new { lease_id = (string)answer["lease_id"]! });
            ends[(string)answer["data"]!["username"]!] = lease["data"]!["expire_time"]!.GetValue<DateTimeOffset>();
        }

        await Support.Eventually.TrueAsync(async () => await ScalarAsync($"SELECT count(*) FROM {_log} WHERE what = 'revoked'") is 20L, "all are revoked");
        var delays = new List<TimeSpan>();
        foreach (var (name, end) in ends)
            delays.Add((DateTime)(await ScalarAsync($"SELECT at FROM {_log} WHERE what = 'revoked' AND name = '{name}'"))! - end.UtcDateTime);
        TestContext.Current.SendDiagnosticMessage($"Leases ended {delays.Average(delay => delay.TotalMilliseconds):0} ms late, {delays.Max().TotalMilliseconds:0} ms at most.");
        delays.ShouldAllBe(delay => delay > TimeSpan.FromMilliseconds(-1) && delay < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_database_server_that_is_down_delays_the_end_and_no_more()
    {
        var folder = Directory.CreateTempSubdirectory("lease-tests-");
        await using (var postgres = await PostgresServer.StartAsync(folder.FullName))
        {
            await ConnectAsync(_vault, postgres, "own");
            await RoleAsync("user", "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}'", null, database: "own");
            var (user, lease) = await CredentialsAsync("user");
            await postgres.StopAsync();
            await PassAsync(TimeSpan.FromMinutes(1));
            (await LookUpAsync(lease)).ShouldBe(200);
            var (status, body) = await _vault.SendAsync("PUT", "sys/leases/revoke", new { lease_id = lease, sync = true });
            status.ShouldBe(400);
            ((string?)body!["errors"]![0]).ShouldNotBeNull().ShouldStartWith("failed to revoke entry: ");

            await postgres.StartAgainAsync();
            (await UserExistsAsync(postgres, user)).ShouldBeTrue();
            await PassAsync(TimeSpan.FromSeconds(20));
            (await LookUpAsync(lease)).ShouldBe(400);
            (await UserExistsAsync(postgres, user)).ShouldBeFalse();
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_cannot_be_revoked_is_given_up_as_irrevocable_and_can_be_revoked_by_hand_later()
    {
        await RoleAsync("stubborn", "SELECT 1", $"INSERT INTO {_log}_missing VALUES (1)");
        var (_, lease) = await CredentialsAsync("stubborn");
        await PassAsync(TimeSpan.FromMinutes(1));
        for (var pause = 10; pause <= 160; pause *= 2)
        {
            (await _vault.DoAsync("GET", "sys/leases?type=irrevocable"))["data"]!["lease_count"]!.GetValue<int>().ShouldBe(0);
            await PassAsync(TimeSpan.FromSeconds(pause));
        }

        var irrevocable = (await _vault.DoAsync("GET", "sys/leases?type=irrevocable"))["data"]!["leases"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)irrevocable["lease_id"]).ShouldBe(lease);
        ((string?)irrevocable["error"]).ShouldNotBeNull().ShouldContain("does not exist");
        (await _vault.DoAsync("GET", "sys/leases/count?type=irrevocable"))["data"]!["lease_count"]!.GetValue<int>().ShouldBe(1);

        await RoleAsync("stubborn", "SELECT 1", "SELECT 2");
        await _vault.DoAsync("PUT", "sys/leases/revoke", new { lease_id = lease, sync = true });
        (await LookUpAsync(lease)).ShouldBe(400);
    }

    [Fact]
    public async Task A_secret_that_is_ready_after_its_token_was_revoked_is_revoked_at_once()
    {
        await RoleAsync(
            "slow", $"SELECT pg_advisory_xact_lock(hashtext('{_log}')); INSERT INTO {_log} VALUES ('made', '{{{{name}}}}')", $"INSERT INTO {_log} VALUES ('revoked', '{{{{name}}}}')");
        var token = await _vault.TokenAsync(new { policies = "root", ttl = "1h" });
        await using var source = NpgsqlDataSource.Create(_postgres.AdminConnectionString("app"));
        await using var blocker = await source.OpenConnectionAsync(Cancelled);
        await ExecuteAsync(blocker, $"SELECT pg_advisory_lock(hashtext('{_log}'))");
        var asking = _vault.SendAsync("GET", "db/creds/slow", token: token);
        await Support.Eventually.TrueAsync(
            async () => (bool)(await ScalarAsync($"SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = hashtext('{_log}')::bigint & 4294967295)"))!, "the statement waits");

        await _vault.DoAsync("POST", "auth/token/revoke", new { token });
        await ExecuteAsync(blocker, $"SELECT pg_advisory_unlock(hashtext('{_log}'))");

        (await asking).Status.ShouldBe(403);
        await _vault.Control.SettleAsync(Cancelled);
        (await ScalarAsync($"SELECT string_agg(what, ' ' ORDER BY at) FROM {_log}")).ShouldBe("made revoked");
    }

    [Fact]
    public async Task Sealed_nothing_ends_and_unsealed_what_is_due_ends_at_once()
    {
        var (_, lease) = await CredentialsAsync("row");
        await _vault.Control.SealAsync(Cancelled);
        await PassAsync(TimeSpan.FromHours(2));
        (await ScalarAsync($"SELECT count(*) FROM {_log} WHERE what = 'revoked'")).ShouldBe(0L);
        await _vault.Control.UnsealAsync(Cancelled);
        await _vault.Control.SettleAsync(Cancelled);
        (await ScalarAsync($"SELECT count(*) FROM {_log} WHERE what = 'revoked'")).ShouldBe(1L);
        (await LookUpAsync(lease)).ShouldBe(400);
    }

    [Fact]
    public async Task A_lease_ends_though_nobody_can_reach_vault()
    {
        await CredentialsAsync("row");
        await _vault.Control.StopAsync(Cancelled);
        await PassAsync(TimeSpan.FromHours(1));
        (await ScalarAsync($"SELECT count(*) FROM {_log} WHERE what = 'revoked'")).ShouldBe(1L);
    }

    [Fact]
    public async Task A_renewed_lease_lives_on_and_its_user_with_it()
    {
        await RoleAsync("user", "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'", null);
        var (user, lease) = await CredentialsAsync("user");
        var renewed = await _vault.DoAsync("PUT", "sys/leases/renew", new { lease_id = lease, increment = "50m" });
        renewed["lease_duration"]!.GetValue<int>().ShouldBe(3000);
        var until = (DateTime)(await ScalarAsync($"SELECT rolvaliduntil FROM pg_roles WHERE rolname = '{user}'"))!;
        until.ShouldBe((_time.GetUtcNow() + TimeSpan.FromMinutes(50)).UtcDateTime, TimeSpan.FromSeconds(10));

        await PassAsync(TimeSpan.FromMinutes(49));
        (await LookUpAsync(lease)).ShouldBe(200);
        await PassAsync(TimeSpan.FromMinutes(2));
        (await LookUpAsync(lease)).ShouldBe(400);
        (await UserExistsAsync(_postgres, user)).ShouldBeFalse();
    }

    private async Task PassAsync(TimeSpan span)
    {
        _time.Advance(span);
        await _vault.Control.SettleAsync(Cancelled);
    }

    private static async Task ConnectAsync(VaultUnderTest vault, PostgresServer postgres, string name = "app")
    {
        if (name == "app")
            await vault.DoAsync("POST", "sys/mounts/db", new { type = "database" });
        await vault.DoAsync("POST", $"db/config/{name}", new
        {
            plugin_name = "postgresql-database-plugin",
            connection_url = $"postgresql://{{{{username}}}}:{{{{password}}}}@{postgres.Host}:{postgres.Port}/{(name == "app" ? "app" : "postgres")}?sslmode=disable",
            username = postgres.Superuser,
            password = postgres.SuperuserPassword,
            allowed_roles = "*",
        });
    }

    private Task<JsonNode> RoleAsync(string name, string creation, string? revocation, VaultUnderTest? vault = null, string ttl = "1m", string database = "app") =>
        (vault ?? _vault).DoAsync("POST", $"db/roles/{name}", new
        {
            db_name = database,
            creation_statements = new[] { creation },
            revocation_statements = revocation is null ? [] : new[] { revocation },
            default_ttl = ttl,
            max_ttl = "1h",
        });

    private async Task<(string User, string Lease)> CredentialsAsync(string role)
    {
        JsonNode answer = await _vault.DoAsync("GET", $"db/creds/{role}");
        return ((string)answer["data"]!["username"]!, (string)answer["lease_id"]!);
    }

    private async Task<int> LookUpAsync(string lease) => (await _vault.SendAsync("PUT", "sys/leases/lookup", new { lease_id = lease })).Status;

    private static async Task<bool> UserExistsAsync(PostgresServer postgres, string user)
    {
        await using var source = NpgsqlDataSource.Create(postgres.AdminConnectionString("postgres"));
        await using var command = source.CreateCommand($"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '{user}')");
        return (bool)(await command.ExecuteScalarAsync(Cancelled))!;
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_postgres.AdminConnectionString("app"));
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancelled);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }
}
