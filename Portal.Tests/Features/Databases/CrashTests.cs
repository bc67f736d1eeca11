using Microsoft.Data.Sqlite;
using Portal.Sandbox;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Databases;

/// <summary>The process is killed at each step of an issue, with the step's answer held back at the wire.</summary>
public sealed class CrashTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    private readonly SandboxFixture _fixture = fixture;

    [Theory]
    [InlineData("POST", "auth/token/create/{prefix}-database-*")]
    [InlineData("GET", "{prefix}-db/creds/*")]
    [InlineData("*", "sys/leases/renew")]
    public async Task Killed_before_an_answer_arrives_nothing_unknown_stays_behind(string method, string path)
    {
        var before = await Sandbox.Postgres.VaultUsersAsync();
        await using var portal = await StartAsync();
        using var alice = await Person.SignInAsync(portal.Address, "alice");
        await Sandbox.Vault.Control.HoldAsync(method, path.Replace("{prefix}", Sandbox.Vault.Prefix, StringComparison.Ordinal), Cancel);
        var issue = alice.IssueAsync();
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);

        await portal.KillAsync();

        await Should.ThrowAsync<HttpRequestException>(issue);
        await Sandbox.Vault.Control.DropAsync(Cancel);
        await portal.RestartAsync(Cancel);
        await NothingStaysAsync(portal, before);
    }

    [Fact]
    public async Task Killed_while_the_database_is_locked_at_the_last_nothing_unknown_stays_behind()
    {
        var before = await Sandbox.Postgres.VaultUsersAsync();
        await using var portal = await StartAsync();
        using var alice = await Person.SignInAsync(portal.Address, "alice");
        await Sandbox.Vault.Control.HoldAsync("*", "sys/leases/renew", Cancel);
        var issue = alice.IssueAsync();
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);
        await using (var locking = Open(portal))
        {
            await using var transaction = await locking.BeginTransactionAsync(Cancel);
            await Sandbox.Vault.Control.ReleaseAsync(Cancel);
            await Eventually.TrueAsync(
                async () => (await Sandbox.Vault.Control.RequestsAsync(Cancel)).Any(request => request.Path == "sys/leases/renew"), "the lease is renewed");
            await portal.KillAsync();
        }

        await Should.ThrowAsync<HttpRequestException>(issue);
        await portal.RestartAsync(Cancel);
        await NothingStaysAsync(portal, before);
    }

    private Task<PortalProcess> StartAsync() => _fixture.StartPortalAsync(settings =>
    {
        settings["Databases:IssueTimeout"] = "00:00:02";
        settings["Databases:PendingTimeout"] = "00:00:03";
        settings["Databases:EndingInterval"] = "00:00:00.2";
    });

    private async Task NothingStaysAsync(PortalProcess portal, string[] before)
    {
        await Eventually.TrueAsync(async () => await StateAsync(portal) == "Revoked", "the credential is taken back");
        await Eventually.TrueAsync(async () => !(await Sandbox.Postgres.VaultUsersAsync()).Except(before).Any(), "its user is gone");
    }

    private static async Task<string?> StateAsync(PortalProcess portal)
    {
        await using var database = Open(portal);
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT State FROM Credentials";
        return await command.ExecuteScalarAsync(Cancel) as string;
    }

    private static SqliteConnection Open(PortalProcess portal)
    {
        var connection = new SqliteConnection($"{portal.Settings["Database:ConnectionString"]};Pooling=False");
        connection.Open();
        return connection;
    }
}
