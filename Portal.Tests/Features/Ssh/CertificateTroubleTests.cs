using System.Net;
using Microsoft.Data.Sqlite;
using Portal.Features.Credentials;
using Portal.Sandbox;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

/// <summary>Vault away, unwilling or wrong while it signs, and the portal killed: nothing is handed out, and what may have been signed is on the list.</summary>
public sealed class CertificateTroubleTests(SandboxFixture fixture) : SshTests(fixture)
{
    private readonly SandboxFixture _fixture = fixture;

    private string Signing => $"{Sandbox.Vault.Prefix}-ssh/sign/*";

    [Fact]
    public async Task Vault_that_goes_away_while_it_signs_is_named_and_the_same_wish_works_later()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        await Sandbox.Vault.Control.HoldAsync("POST", Signing, Cancel);
        var asking = IssueAsync(bob, idempotencyKey: "one");
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);
        await Sandbox.Vault.Control.DropAsync(Cancel);

        var refused = await asking;

        (refused.Status, refused.Slug, refused.RetryAfter).ShouldBe((HttpStatusCode.ServiceUnavailable, "vault-unreachable", "5"));
        var record = await RecordAsync(portal);
        (record.Credential.State, record.Serial).ShouldBe((CredentialState.Revoked, null));
        await Eventually.TrueAsync(async () => (await DescribedListAsync(portal)).Contains(record.KeyId), "its key id is on the list");
        (await IssueAsync(bob, idempotencyKey: "one")).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Vault_that_denies_the_signing_is_named()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        await Sandbox.Vault.Control.DenyAsync(Signing, Cancel);

        var refused = await IssueAsync(bob);

        (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.BadGateway, "vault-denied"));
        (await RecordAsync(portal)).Credential.State.ShouldBe(CredentialState.Revoked);
    }

    [Fact]
    public async Task Vault_that_takes_too_long_is_not_waited_for()
    {
        await using var portal = await StartAsync(("Ssh:IssueTimeout", "00:00:01"));
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        await Sandbox.Vault.Control.HoldAsync("POST", Signing, Cancel);

        var refused = await IssueAsync(bob);

        (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.ServiceUnavailable, "vault-unreachable"));
        await Sandbox.Vault.Control.DropAsync(Cancel);
        (await RecordAsync(portal)).Credential.State.ShouldBe(CredentialState.Revoked);
    }

    [Fact]
    public async Task A_role_that_Vault_has_otherwise_than_the_portal_hands_out_nothing()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var path = $"{Sandbox.Vault.Prefix}-ssh/roles/oncall";
        var before = (await Operator(portal).ReadAsync(path, Cancel))!;
        try
        {
            var changed = (System.Text.Json.Nodes.JsonObject)before.DeepClone();
            changed["allowed_users"] = "ubuntu";
            await Operator(portal).WriteAsync(path, changed, Cancel);
            var refused = await IssueAsync(bob);
            (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.UnprocessableEntity, "vault-invalid"));
            refused.Detail.ShouldContain("deploy is not a valid value for valid_principals");

            changed["allowed_users"] = "deploy,ubuntu";
            changed["default_critical_options"] = new System.Text.Json.Nodes.JsonObject { ["force-command"] = "/bin/true" };
            await Operator(portal).WriteAsync(path, changed, Cancel);
            refused = await IssueAsync(bob);
            (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.BadGateway, "vault-unexpected"));
            portal.Log.Text.ShouldContain("it has options that nobody asked for");
        }
        finally
        {
            await Operator(portal).WriteAsync(path, before, CancellationToken.None);
        }
    }

    [Theory]
    [InlineData("signed")]
    [InlineData("locked")]
    public async Task Killed_after_signing_the_key_id_is_on_the_list(string when)
    {
        await using var portal = await StartProcessAsync();
        using var person = await Person.SignInAsync(portal.Address, "bob");
        using var bob = new ApiClient(portal.Address, (await person.IssueTokenAsync()).Token);
        await Sandbox.Vault.Control.HoldAsync("POST", Signing, Cancel);
        var asking = IssueAsync(bob);
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);

        if (when == "locked")
        {
            await using var locking = Open(portal);
            await using var transaction = await locking.BeginTransactionAsync(Cancel);
            await Sandbox.Vault.Control.ReleaseAsync(Cancel);
            await Eventually.TrueAsync(
                async () => (await Sandbox.Vault.Control.RequestsAsync(Cancel)).Any(request => request.Path.Contains("/sign/")), "it is signed");
            await portal.KillAsync();
        }
        else
        {
            await portal.KillAsync();
            await Sandbox.Vault.Control.DropAsync(Cancel);
        }

        await Should.ThrowAsync<HttpRequestException>(asking);
        await portal.RestartAsync(Cancel);

        var keyId = await KeyIdAsync(portal);
        using var http = new HttpClient();
        await Eventually.TrueAsync(
            async () =>
            {
                await File.WriteAllBytesAsync(Keygen.Path("krl"), await http.GetByteArrayAsync(new Uri(portal.Address, "/api/v1/ssh/krl"), Cancel), Cancel);
                return Keygen.Run("-Q", "-l", "-f", Keygen.Path("krl")).Contains(keyId);
            },
            "its key id is on the list");
    }

    private Task<PortalProcess> StartProcessAsync() => _fixture.StartPortalAsync(settings =>
    {
        settings["Ssh:IssueTimeout"] = "00:00:02";
        settings["Ssh:PendingTimeout"] = "00:00:03";
        settings["Ssh:EndingInterval"] = "00:00:00.2";
    });

    private static async Task<string> KeyIdAsync(PortalProcess portal)
    {
        await using var database = Open(portal);
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT KeyId FROM SshCertificates";
        return (string)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private static SqliteConnection Open(PortalProcess portal)
    {
        var connection = new SqliteConnection($"{portal.Settings["Database:ConnectionString"]};Pooling=False");
        connection.Open();
        return connection;
    }
}
