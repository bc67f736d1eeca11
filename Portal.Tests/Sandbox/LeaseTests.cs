using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Portal.Sandbox.Servers;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

/// <summary>What hangs on leases: secrets on a real server, whatever stands in the way of their end.</summary>
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
        await LeaseServer.Of(_postgres, "app").ConfigureAsync(_vault);
        // Rows stand for users.
        await RoleAsync("row", $"INSERT INTO {_log} VALUES ('made', '{{{{name}}}}')", $"INSERT INTO {_log} VALUES ('revoked', '{{{{name}}}}')");
    }

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

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
        await Support.Eventually.TrueAsync(IsWaitingAsync, "the statement waits");

        await _vault.DoAsync("POST", "auth/token/revoke", new { token });
        await ExecuteAsync(blocker, $"SELECT pg_advisory_unlock(hashtext('{_log}'))");

        (await asking).Status.ShouldBe(403);
        await _vault.Control.SettleAsync(Cancelled);
        (await ScalarAsync($"SELECT string_agg(what, ' ' ORDER BY at) FROM {_log}")).ShouldBe("made revoked");
    }

    [Fact]
    public async Task A_renewal_that_waited_for_a_revocation_finds_the_lease_gone()
    {
        await RoleAsync("slow", "SELECT 1", $"SELECT pg_advisory_xact_lock(hashtext('{_log}'))");
        var (_, lease) = await CredentialsAsync("slow");
        await using var source = NpgsqlDataSource.Create(_postgres.AdminConnectionString("app"));
        await using var blocker = await source.OpenConnectionAsync(Cancelled);
        await ExecuteAsync(blocker, $"SELECT pg_advisory_lock(hashtext('{_log}'))");
        var revoking = _vault.SendAsync("PUT", "sys/leases/revoke", new { lease_id = lease, sync = true });
        await Support.Eventually.TrueAsync(IsWaitingAsync, "the revocation waits");
        var renewing = _vault.SendAsync("PUT", "sys/leases/renew", new { lease_id = lease });
        await Support.Eventually.TrueAsync(async () => (await _vault.Control.RequestsAsync(Cancelled)).Any(request => request.Path == "sys/leases/renew"), "the renewal is there");

        await ExecuteAsync(blocker, $"SELECT pg_advisory_unlock(hashtext('{_log}'))");
        (await revoking).Status.ShouldBe(204);
        var (status, body) = await renewing;
        (status, (string?)body!["errors"]![0]).ShouldBe((400, "lease not found"));
    }

    [Theory]
    [InlineData("token")]
    [InlineData("lease")]
    public async Task Revoked_while_it_is_renewed_it_ends_all_the_same(string what)
    {
        await _vault.DoAsync("POST", "db/roles/slow", new
        {
            db_name = "c",
            creation_statements = "SELECT 1",
            renew_statements = $"SELECT pg_advisory_xact_lock(hashtext('{_log}'))",
            revocation_statements = $"INSERT INTO {_log} VALUES ('revoked', '{{{{name}}}}')",
            default_ttl = "1h",
        });
        var token = await _vault.TokenAsync(new { policies = "root", ttl = "1h" });
        var lease = (string)(await _vault.DoAsync("GET", "db/creds/slow", token: token))["lease_id"]!;
        await using var source = NpgsqlDataSource.Create(_postgres.AdminConnectionString("app"));
        await using var blocker = await source.OpenConnectionAsync(Cancelled);
        await ExecuteAsync(blocker, $"SELECT pg_advisory_lock(hashtext('{_log}'))");
        var renewing = _vault.SendAsync("PUT", "sys/leases/renew", new { lease_id = lease, increment = "1h" });
        await Support.Eventually.TrueAsync(IsWaitingAsync, "the renewal waits");

        if (what == "token")
            await _vault.DoAsync("POST", "auth/token/revoke", new { token });
        else
            (await _vault.SendAsync("PUT", "sys/leases/revoke", new { lease_id = lease, sync = false })).Status.ShouldBe(202);
        await ExecuteAsync(blocker, $"SELECT pg_advisory_unlock(hashtext('{_log}'))");
        await renewing;
        await _vault.Control.SettleAsync(Cancelled);
        (await LookUpAsync(lease)).ShouldBe(400);
        (await ScalarAsync($"SELECT count(*) FROM {_log} WHERE what = 'revoked'")).ShouldBe(1L);
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
        (await UserExistsAsync(user)).ShouldBeFalse();
    }

    private async Task PassAsync(TimeSpan span)
    {
        _time.Advance(span);
        await _vault.Control.SettleAsync(Cancelled);
    }

    private Task<JsonNode> RoleAsync(string name, string creation, string? revocation) => _vault.DoAsync("POST", $"db/roles/{name}", new
    {
        db_name = "c",
        creation_statements = new[] { creation },
        revocation_statements = revocation is null ? [] : new[] { revocation },
        default_ttl = "1m",
        max_ttl = "1h",
    });

    private async Task<(string User, string Lease)> CredentialsAsync(string role)
    {
        JsonNode answer = await _vault.DoAsync("GET", $"db/creds/{role}");
        return ((string)answer["data"]!["username"]!, (string)answer["lease_id"]!);
    }

    private async Task<int> LookUpAsync(string lease) => (await _vault.SendAsync("PUT", "sys/leases/lookup", new { lease_id = lease })).Status;

    private async Task<bool> UserExistsAsync(string user) => (bool)(await ScalarAsync($"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '{user}')"))!;

    /// <summary>A statement waits for the lock that is named like the log.</summary>
    private async Task<bool> IsWaitingAsync() =>
        (bool)(await ScalarAsync($"SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = hashtext('{_log}')::bigint & 4294967295)"))!;

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
