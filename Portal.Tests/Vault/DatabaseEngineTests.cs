using Npgsql;
using Portal.Vault;

namespace Portal.Tests.Vault;

/// <summary>The life of a credential, call by call, on a real PostgreSQL.</summary>
public sealed class DatabaseEngineTests(ShopVault shop) : IClassFixture<ShopVault>
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private readonly OnBehalfOf _alice = new("alice", Guid.CreateVersion7());

    private DatabaseEngine Engine => shop.Get<DatabaseEngine>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_credential_hangs_on_a_token_of_its_own_and_bears_its_owners_name()
    {
        var token = await Engine.CreateTokenAsync("shop-readonly", s_hour, _alice, Ct);
        var login = await Engine.ReadCredentialsAsync("shop-readonly", token, _alice, Ct);

        token.Ttl.ShouldBe(s_hour);
        login.Username.ShouldStartWith("v-alice-shop-readonl-");
        login.LeaseDuration.ShouldBe(TimeSpan.FromMinutes(1));
        (await CanLogInAsync(login)).ShouldBeTrue();
    }

    [Fact]
    public async Task Lease_and_token_are_renewed_from_now_and_the_lease_no_longer_than_its_role_allows()
    {
        var (token, login) = await IssueAsync();

        (await Engine.RenewLeaseAsync(login.LeaseId, s_hour, _alice, Ct)).ShouldBe(s_hour);
        (await Engine.RenewLeaseAsync(login.LeaseId, TimeSpan.FromDays(1), _alice, Ct)).ShouldBeInRange(TimeSpan.FromHours(7.9), TimeSpan.FromHours(8));
        (await Engine.RenewTokenAsync(token.Accessor, TimeSpan.FromHours(2), _alice, Ct)).ShouldBe(TimeSpan.FromHours(2));
    }

    [Fact]
    public async Task Revoking_the_lease_ends_the_database_user_at_once_and_again_is_fine()
    {
        var (token, login) = await IssueAsync();

        await Engine.RevokeLeaseAsync(login.LeaseId, _alice, Ct);

        (await CanLogInAsync(login)).ShouldBeFalse();
        (await Engine.LeaseExistsAsync(login.LeaseId, Ct)).ShouldBeFalse();
        (await Engine.TokenExistsAsync(token.Accessor, Ct)).ShouldBeTrue();
        await Engine.RevokeLeaseAsync(login.LeaseId, _alice, Ct);
    }

    [Fact]
    public async Task Revoking_the_token_ends_it_and_again_is_fine()
    {
        var (token, login) = await IssueAsync();
        (await Engine.LeaseExistsAsync(login.LeaseId, Ct)).ShouldBeTrue();

        await Engine.RevokeTokenAsync(token.Accessor, _alice, Ct);

        (await Engine.TokenExistsAsync(token.Accessor, Ct)).ShouldBeFalse();
        await Engine.RevokeTokenAsync(token.Accessor, _alice, Ct);
    }

    [Fact]
    public async Task A_renewal_after_the_end_says_so()
    {
        var (token, login) = await IssueAsync();
        await Engine.RevokeLeaseAsync(login.LeaseId, _alice, Ct);
        await Engine.RevokeTokenAsync(token.Accessor, _alice, Ct);

        (await Should.ThrowAsync<VaultException>(() => Engine.RenewLeaseAsync(login.LeaseId, s_hour, _alice, Ct))).Failure.ShouldBe(VaultFailure.Invalid);
        (await Should.ThrowAsync<VaultException>(() => Engine.RenewTokenAsync(token.Accessor, s_hour, _alice, Ct))).Failure.ShouldBe(VaultFailure.Invalid);
    }

    [Fact]
    public async Task While_the_database_is_down_revoking_says_so_and_the_lease_stays()
    {
        var (_, login) = await IssueAsync();
        await shop.Postgres.StopAsync();
        try
        {
            (await Should.ThrowAsync<VaultException>(() => Engine.RevokeLeaseAsync(login.LeaseId, _alice, Ct))).Words.ShouldContain("revoke");
            (await Engine.LeaseExistsAsync(login.LeaseId, Ct)).ShouldBeTrue();
        }
        finally
        {
            await shop.Postgres.StartAgainAsync();
        }

        await Engine.RevokeLeaseAsync(login.LeaseId, _alice, Ct);
        (await CanLogInAsync(login)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_role_that_Vault_does_not_know_is_told_in_its_words() =>
        (await Should.ThrowAsync<VaultException>(() => Engine.CreateTokenAsync("none", s_hour, _alice, Ct))).ShouldSatisfyAllConditions(
            failure => failure.Failure.ShouldBe(VaultFailure.Invalid),
            failure => failure.Words.ShouldBe($"unknown role {shop.Names.DatabaseToken("none")}"));

    [Fact]
    public async Task A_credentials_own_token_reads_its_own_role_alone()
    {
        var token = await Engine.CreateTokenAsync("shop-readonly", s_hour, _alice, Ct);

        (await Should.ThrowAsync<VaultException>(() => Engine.ReadCredentialsAsync("shop-other", token, _alice, Ct))).Failure.ShouldBe(VaultFailure.Denied);

        var transport = shop.Get<VaultTransport>();
        foreach (var path in new[] { "auth/token/lookup-self", "sys/mounts", $"{shop.Names.Database}/roles/shop-readonly", $"{shop.Names.Kv}/data/users/1/github" })
        {
            (await Should.ThrowAsync<VaultException>(() => transport.SendAsync(new VaultRequest(HttpMethod.Get, path), token.Token, Ct)))
                .Failure.ShouldBe(VaultFailure.Denied, path);
        }
    }

    [Fact]
    public async Task Vault_is_told_for_whom_each_call_is_made()
    {
        await shop.Vault.Control.ResetAsync(Ct);

        var (token, login) = await IssueAsync();
        await Engine.RenewLeaseAsync(login.LeaseId, s_hour, _alice, Ct);
        await Engine.RenewTokenAsync(token.Accessor, s_hour, _alice, Ct);
        await Engine.RevokeLeaseAsync(login.LeaseId, _alice, Ct);
        await Engine.RevokeTokenAsync(token.Accessor, _alice, Ct);

        var requests = (await shop.Vault.Control.RequestsAsync(Ct)).Where(request => !request.Path.Contains("login")).ToList();
        requests.Count.ShouldBe(6);
        requests.ShouldAllBe(request => request.Headers["X-Portal-User"] == "alice" && request.Headers["X-Portal-Credential"] == _alice.Credential.ToString());
    }

    [Fact]
    public async Task The_credential_outlives_the_login_that_asked_for_it()
    {
        var (_, login) = await IssueAsync();
        var logins = shop.Get<VaultLogins>();
        var asker = await logins.GetAsync(VaultRole.Databases, Ct);

        await shop.Get<VaultTransport>().SendAsync(
            new VaultRequest(HttpMethod.Post, "auth/token/revoke", System.Text.Encoding.UTF8.GetBytes($$"""{"token":"{{asker.Token}}"}""")), shop.Vault.RootToken, Ct);
        await shop.Vault.Control.SettleAsync(Ct);

        (await CanLogInAsync(login)).ShouldBeTrue();
        (await Engine.LeaseExistsAsync(login.LeaseId, Ct)).ShouldBeTrue();
    }

    [Fact]
    public async Task Secrets_do_not_show_in_text()
    {
        var (token, login) = await IssueAsync();

        token.ToString().ShouldNotContain(token.Token);
        login.ToString().ShouldNotContain(login.Password);
    }

    private async Task<(CredentialToken Token, DatabaseLogin Login)> IssueAsync()
    {
        var token = await Engine.CreateTokenAsync("shop-readonly", s_hour, _alice, Ct);
        return (token, await Engine.ReadCredentialsAsync("shop-readonly", token, _alice, Ct));
    }

    private async Task<bool> CanLogInAsync(DatabaseLogin login)
    {
        await using var connection = new NpgsqlConnection(shop.Postgres.ConnectionString("shop", login.Username, login.Password));
        try
        {
            await connection.OpenAsync(Ct);
            return true;
        }
        catch (PostgresException refusal) when (refusal.SqlState is "28P01" or "28000")
        {
            return false;
        }
    }
}
