using MySqlConnector;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Features.Access;

/// <summary>What the roles that apply makes do on a real MariaDB, through Vault.</summary>
public sealed class MariaDbRevocationTests(AccessMariaDb mariaDb) : MariaDbAccessTests(mariaDb)
{
    private const int AccountLocked = 4151;

    private static readonly OnBehalfOf s_alice = new("alice");

    private DatabaseLogin _login = null!;

    private DatabaseEngine Engine => Bench.Get<DatabaseEngine>();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        (await Bench.ApplyAsync(File with { Roles = [("author", AccessMariaDb.Author)] })).Error.ShouldBeEmpty();
        _login = await LoginAsync(s_alice);
        await Server.ExecuteAsync("CREATE OR REPLACE TABLE secrets (id int); INSERT INTO secrets VALUES (42); CREATE OR REPLACE TABLE notes (id int)");
        await Server.ExecuteAsync("CREATE OR REPLACE USER 'reader'@'%' IDENTIFIED BY 'reader'; GRANT SELECT ON billing.notes TO 'reader'@'%'; GRANT EXECUTE ON billing.* TO 'reader'@'%'");
    }

    [Fact]
    public async Task A_revoke_cuts_open_sessions_and_refuses_logins()
    {
        await using var idle = await Server.OpenAsync(_login.Username, _login.Password);
        await using var busy = await Server.OpenAsync(_login.Username, _login.Password);
        await busy.ExecuteAsync("START TRANSACTION; INSERT INTO notes VALUES (1)");
        var sleeping = busy.QueryAsync<int>("SELECT SLEEP(60)");

        await RevokeAsync();

        await Should.ThrowAsync<MySqlException>(() => sleeping);
        await Should.ThrowAsync<MySqlException>(() => idle.ExecuteAsync("SELECT 1"));
        (await Server.RefusalAsync(_login.Username, _login.Password)).ShouldBe(MariaDb.AccessDenied);
        (await Server.HasUserAsync(_login.Username)).ShouldBeFalse();
        (await Server.QueryAsync<long>("SELECT count(*) FROM notes")).ShouldBe(0, "what was not committed is rolled back");
        (await Engine.LeaseExistsAsync(_login.LeaseId, Cancel)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_pool_that_reconnects_at_once_does_not_slip_back_in()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested && await Server.RefusalAsync(_login.Username, _login.Password) is null)
                ;
        })).ToArray();

        await RevokeAsync();

        (await Server.QueryAsync<long>($"SELECT count(*) FROM information_schema.PROCESSLIST WHERE USER = '{_login.Username}' AND COMMAND <> 'Killed'")).ShouldBe(0);
        await stop.CancelAsync();
        await Task.WhenAll(clients);
    }

    [Fact]
    public async Task Tables_and_rows_stay_and_a_trigger_does_not_refuse_writes_afterwards()
    {
        await ExecuteAsync("CREATE TABLE made_by_alice (id int); INSERT INTO made_by_alice VALUES (7); INSERT INTO notes VALUES (1)");
        await ExecuteAsync("CREATE TRIGGER `a``b'c` BEFORE INSERT ON notes FOR EACH ROW SET NEW.id = 99");
        await ExecuteAsync("CREATE EVENT later ON SCHEDULE EVERY 1 HOUR DO INSERT INTO notes VALUES (2)");

        await RevokeAsync();

        await Server.ExecuteAsync("INSERT INTO notes VALUES (3)");
        (await Server.QueryAsync<string>("SELECT group_concat(id ORDER BY id) FROM notes")).ShouldBe("1,3");
        (await Server.QueryAsync<int>("SELECT id FROM made_by_alice")).ShouldBe(7);
        (await Server.QueryAsync<long>("SELECT count(*) FROM information_schema.EVENTS")).ShouldBe(0);
        await Server.ExecuteAsync("DROP TABLE made_by_alice");
    }

    [Fact]
    public async Task Views_and_routines_stay_with_the_rights_of_whoever_uses_them()
    {
        await ExecuteAsync("CREATE OR REPLACE VIEW shared AS SELECT id FROM notes");
        await ExecuteAsync("CREATE OR REPLACE VIEW door AS SELECT id FROM secrets");
        await ExecuteAsync("CREATE OR REPLACE FUNCTION open_door() RETURNS int READS SQL DATA RETURN (SELECT max(id) FROM secrets)");
        await ExecuteAsync("CREATE OR REPLACE FUNCTION seven() RETURNS int DETERMINISTIC RETURN 7");
        await Server.ExecuteAsync("GRANT SELECT ON billing.shared TO 'reader'@'%'; GRANT SELECT ON billing.door TO 'reader'@'%'; INSERT INTO notes VALUES (5)");

        await RevokeAsync();

        await using var reader = await Server.OpenAsync("reader", "reader");
        (await reader.QueryAsync<int>("SELECT id FROM shared")).ShouldBe(5);
        (await reader.QueryAsync<int>("SELECT seven()")).ShouldBe(7);
        await Should.ThrowAsync<MySqlException>(() => reader.ExecuteAsync("SELECT id FROM door"));
        await Should.ThrowAsync<MySqlException>(() => reader.ExecuteAsync("SELECT open_door()"));
    }

    [Fact]
    public async Task What_cannot_be_changed_does_not_block()
    {
        await ExecuteAsync("CREATE OR REPLACE TABLE short_lived (id int); CREATE OR REPLACE VIEW broken AS SELECT id FROM short_lived; DROP TABLE short_lived");

        await RevokeAsync();

        (await Server.HasUserAsync(_login.Username)).ShouldBeFalse();
        await Server.ExecuteAsync("DROP VIEW broken");
    }

    [Fact]
    public async Task A_lock_that_another_holds_delays_the_end_but_the_user_is_shut_out_at_once()
    {
        await ExecuteAsync("CREATE TRIGGER waits BEFORE INSERT ON notes FOR EACH ROW SET NEW.id = 99");
        await using var session = await Server.OpenAsync(_login.Username, _login.Password);
        await using var other = await Server.OpenAsync("reader", "reader");
        await other.ExecuteAsync("START TRANSACTION; SELECT count(*) FROM notes");

        await Should.ThrowAsync<VaultException>(RevokeAsync);
        await Should.ThrowAsync<MySqlException>(() => session.ExecuteAsync("SELECT 1"));
        (await Server.RefusalAsync(_login.Username, _login.Password)).ShouldBe(AccountLocked);

        await other.ExecuteAsync("ROLLBACK");
        await RevokeAsync();
        (await Server.HasUserAsync(_login.Username)).ShouldBeFalse();
        await Server.ExecuteAsync("INSERT INTO notes VALUES (3)");
    }

    [Fact]
    public async Task A_user_that_somebody_dropped_by_hand_counts_as_ended()
    {
        await Server.ExecuteAsync($"DROP USER '{_login.Username}'@'%'");

        await RevokeAsync();

        (await Engine.LeaseExistsAsync(_login.LeaseId, Cancel)).ShouldBeFalse();
    }

    [Fact]
    public async Task Nobody_else_is_touched()
    {
        var bob = await LoginAsync(new("bob"));
        await using var session = await Server.OpenAsync(bob.Username, bob.Password);
        await session.ExecuteAsync("CREATE TRIGGER of_bob BEFORE INSERT ON notes FOR EACH ROW SET NEW.id = 99");

        await RevokeAsync();

        await session.ExecuteAsync("INSERT INTO notes VALUES (1)");
        (await Server.QueryAsync<int>("SELECT id FROM notes")).ShouldBe(99);
        await Engine.RevokeLeaseAsync(bob.LeaseId, s_alice, Cancel);
    }

    [Theory]
    [MemberData(nameof(LoginSamples.All), MemberType = typeof(LoginSamples))]
    public async Task Any_login_is_harmless_and_readable_through_creation_renewal_and_revocation(string login, string _, string readable)
    {
        var who = new OnBehalfOf(login);
        var made = await LoginAsync(who);

        made.Username.ShouldStartWith(readable);
        made.Username.ShouldMatch("^[A-Za-z0-9-]{1,32}$");
        await Engine.RenewLeaseAsync(made.LeaseId, TimeSpan.FromHours(3), who, Cancel);
        (await Server.RefusalAsync(made.Username, made.Password)).ShouldBeNull();
        await Engine.RevokeLeaseAsync(made.LeaseId, who, Cancel);
        (await Server.HasUserAsync(made.Username)).ShouldBeFalse();
        (await Server.HasUserAsync(_login.Username)).ShouldBeTrue();
    }

    private async Task<DatabaseLogin> LoginAsync(OnBehalfOf who) =>
        await Engine.ReadCredentialsAsync("author", await Engine.CreateTokenAsync("author", TimeSpan.FromHours(1), who, Cancel), who, Cancel);

    private Task RevokeAsync() => Engine.RevokeLeaseAsync(_login.LeaseId, s_alice, Cancel);

    /// <summary>As Alice.</summary>
    private async Task ExecuteAsync(string sql)
    {
        await using var session = await Server.OpenAsync(_login.Username, _login.Password);
        await session.ExecuteAsync(sql);
    }
}
