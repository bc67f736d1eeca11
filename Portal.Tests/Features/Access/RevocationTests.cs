using Npgsql;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Features.Access;

/// <summary>What the roles that apply makes do on a real server, through Vault.</summary>
public sealed class RevocationTests(AccessPostgres postgres) : AccessTests(postgres)
{
    private CredentialToken _token = null!;
    private DatabaseLogin _login = null!;

    private DatabaseEngine Engine => Bench.Get<DatabaseEngine>();

    private static OnBehalfOf Alice => new("alice");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (await Bench.ApplyAsync(File)).Error.ShouldBeEmpty();
        _token = await Engine.CreateTokenAsync("shop-readonly", TimeSpan.FromHours(1), Alice, Cancel);
        _login = await Engine.ReadCredentialsAsync("shop-readonly", _token, Alice, Cancel);
    }

    [Fact]
    public async Task The_user_is_named_for_its_person_and_role() =>
        (await Server.QueryAsync<string>($"SELECT rolname::text FROM pg_roles WHERE rolname = '{_login.Username}'")).ShouldStartWith("v-alice-shop-readonl-");

    [Fact]
    public async Task A_revoke_cuts_open_sessions_refuses_logins_and_keeps_tables_for_the_owner()
    {
        await using var session = await Server.OpenAsync(_login.Username, _login.Password);
        var table = $"kept_{Guid.CreateVersion7():N}";
        await ExecuteAsync(session, $"CREATE TABLE {table} (id int); INSERT INTO {table} VALUES (42)");
        var sleeping = ExecuteAsync(session, "SELECT pg_sleep(60)");

        await Engine.RevokeLeaseAsync(_login.LeaseId, Alice, Cancel);

        (await Should.ThrowAsync<PostgresException>(() => sleeping)).SqlState.ShouldBe(PostgresErrorCodes.AdminShutdown);
        (await Server.RefusalAsync(_login.Username, _login.Password)).ShouldBe(PostgresErrorCodes.InvalidPassword);
        (await Server.HasUserAsync(_login.Username)).ShouldBeFalse();
        (await Server.QueryAsync<string>($"SELECT tableowner::text FROM pg_tables WHERE tablename = '{table}'")).ShouldBe("shop");
        (await Server.QueryAsync<int>($"SELECT id FROM {table}")).ShouldBe(42);
        (await Engine.LeaseExistsAsync(_login.LeaseId, Cancel)).ShouldBeFalse();
    }

    [Fact]
    public async Task What_the_user_made_lends_the_owners_rights_to_nobody()
    {
        var secret = $"secret_{Guid.CreateVersion7():N}";
        await SqlAsync($"CREATE TABLE {secret} (id int); INSERT INTO {secret} VALUES (42); ALTER TABLE {secret} OWNER TO shop");
        await using (var session = await Server.OpenAsync(_login.Username, _login.Password))
        {
            await ExecuteAsync(session, $"CREATE VIEW \"View of {secret}\" AS SELECT id FROM {secret}; GRANT SELECT ON \"View of {secret}\" TO PUBLIC");
            await ExecuteAsync(session, $"CREATE FUNCTION \"Read {secret}\"(text) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT id FROM {secret}'");
            await ExecuteAsync(session, $"CREATE PROCEDURE \"Do {secret}\"() LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM {secret}'");
        }

        await Engine.RevokeLeaseAsync(_login.LeaseId, Alice, Cancel);

        var next = await Engine.ReadCredentialsAsync("shop-readonly", await Engine.CreateTokenAsync("shop-readonly", TimeSpan.FromHours(1), Alice, Cancel), Alice, Cancel);
        await using var stranger = await Server.OpenAsync(next.Username, next.Password);
        await SqlAsync($"REVOKE ALL ON {secret} FROM \"{next.Username}\"");
        foreach (var attempt in new[] { $"SELECT * FROM \"View of {secret}\"", $"SELECT \"Read {secret}\"('')", $"CALL \"Do {secret}\"()" })
            (await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(stranger, attempt))).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege, attempt);
        (await Server.QueryAsync<int>($"SELECT id FROM \"View of {secret}\"")).ShouldBe(42);
    }

    [Fact]
    public async Task A_session_that_changed_its_role_is_cut_too()
    {
        await using var session = await Server.OpenAsync(_login.Username, _login.Password);
        await SqlAsync($"GRANT shop TO \"{_login.Username}\"");
        await ExecuteAsync(session, "SET ROLE shop");

        await Engine.RevokeLeaseAsync(_login.LeaseId, Alice, Cancel);

        await Should.ThrowAsync<NpgsqlException>(() => ExecuteAsync(session, "SELECT 1"));
    }

    [Fact]
    public async Task A_user_that_somebody_dropped_by_hand_counts_as_ended()
    {
        await SqlAsync($"DROP OWNED BY \"{_login.Username}\"; DROP ROLE \"{_login.Username}\"");

        await Engine.RevokeLeaseAsync(_login.LeaseId, Alice, Cancel);

        (await Engine.LeaseExistsAsync(_login.LeaseId, Cancel)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_revoke_that_failed_half_way_has_shut_the_user_out_and_succeeds_later()
    {
        await using var session = await Server.OpenAsync(_login.Username, _login.Password);
        // What Vault's user may not take: a table in another database keeps the role from being dropped.
        await SqlAsync("CREATE DATABASE elsewhere", "postgres");
        await SqlAsync($"CREATE TABLE held (id int); ALTER TABLE held OWNER TO \"{_login.Username}\"", "elsewhere");

        await Should.ThrowAsync<VaultException>(() => Engine.RevokeLeaseAsync(_login.LeaseId, Alice, Cancel));
        await Should.ThrowAsync<NpgsqlException>(() => ExecuteAsync(session, "SELECT 1"));
        (await Server.RefusalAsync(_login.Username, _login.Password)).ShouldBe(PostgresErrorCodes.InvalidAuthorizationSpecification);

        await SqlAsync("DROP TABLE held", "elsewhere");
        await Engine.RevokeLeaseAsync(_login.LeaseId, Alice, Cancel);
        (await Server.HasUserAsync(_login.Username)).ShouldBeFalse();
    }

    [Fact]
    public async Task An_extended_lease_extends_the_user()
    {
        await Engine.RenewLeaseAsync(_login.LeaseId, TimeSpan.FromHours(3), Alice, Cancel);

        (await Server.QueryAsync<bool>($"SELECT rolvaliduntil > now() + interval '2 hours 55 minutes' FROM pg_roles WHERE rolname = '{_login.Username}'")).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(LoginSamples.All), MemberType = typeof(LoginSamples))]
    public async Task Any_login_is_harmless_and_readable_through_creation_renewal_and_revocation(string login, string readable, string _)
    {
        var who = new OnBehalfOf(login);
        var made = await Engine.ReadCredentialsAsync("shop-readonly", await Engine.CreateTokenAsync("shop-readonly", TimeSpan.FromHours(1), who, Cancel), who, Cancel);

        made.Username.ShouldStartWith(readable);
        made.Username.ShouldMatch("^[A-Za-z0-9-]{1,63}$");
        (await Server.QueryAsync<string>($"SELECT rolname::text FROM pg_roles WHERE rolname = '{made.Username}'")).ShouldBe(made.Username, "no letter was cut off");
        await Engine.RenewLeaseAsync(made.LeaseId, TimeSpan.FromHours(3), who, Cancel);
        (await Server.RefusalAsync(made.Username, made.Password)).ShouldBeNull();
        await Engine.RevokeLeaseAsync(made.LeaseId, who, Cancel);
        (await Server.HasUserAsync(made.Username)).ShouldBeFalse();
        (await Server.HasUserAsync(_login.Username)).ShouldBeTrue();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
