using Npgsql;
using Portal.Tests.Support;

namespace Portal.Tests.Sandbox;

public sealed class SandboxTests(SandboxFixture fixture) : IDisposable
{
    private const UnixFileMode OthersMayRead = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("sandbox-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Disposed_it_leaves_no_process_and_no_listening_port()
    {
        var sandbox = await SandboxFixture.StartSandboxAsync(_folder);
        Uri[] addresses =
        [
            sandbox.Vault.Address, sandbox.OwnVault!.ControlAddress, sandbox.GitHub.Address, sandbox.Kubernetes.Address,
            new($"tcp://{sandbox.Postgres.Host}:{sandbox.Postgres.Port}"), new($"tcp://{sandbox.MariaDb.Host}:{sandbox.MariaDb.Port}"),
        ];
        foreach (var address in addresses)
            (await Port.IsOpenAsync(address)).ShouldBeTrue($"{address}");
        ProcessesNaming(_folder).ShouldNotBeEmpty();

        await sandbox.DisposeAsync();

        foreach (var address in addresses)
            (await Port.IsOpenAsync(address)).ShouldBeFalse($"{address}");
        // A server's watcher learns of its end a moment later.
        await Eventually.TrueAsync(() => Task.FromResult(ProcessesNaming(_folder).Length == 0), "no process is left");
    }

    [Fact]
    public async Task Everything_in_its_folder_is_for_its_owner_alone()
    {
        var sandbox = await fixture.GetAsync();
        await using var portal = await fixture.StartPortalAsync();

        string[] files =
        [
            .. Directory.GetFiles(sandbox.Folder.Path),
            .. Directory.GetFiles(sandbox.Postgres.Directory), .. Directory.GetFiles(sandbox.MariaDb.Folder), .. Directory.GetFiles(portal.Folder),
        ];
        string[] expected =
        [
            Path.GetFileName(sandbox.Folder.Database), "portal.log", "access.yaml", "kubeconfig", "service-account-token", "github-client-secret", "token-reviewer-jwt",
            "postgres.log", "superuser-password", "mariadb.log", "init.sql",
        ];
        expected.ShouldBeSubsetOf(files.Select(file => Path.GetFileName(file)));
        files.Where(file => (File.GetUnixFileMode(file) & OthersMayRead) != 0).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_second_start_keeps_the_databases_and_forgets_the_portal_and_the_users_of_the_old_vault()
    {
        await using (var first = await SandboxFixture.StartSandboxAsync(_folder))
        {
            first.BeganAnew.ShouldBeFalse();
            var user = $"v-alice-shop-readonl-abcdefghijkl-{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}";
            await ExecuteAsync(first,
                $"""
                CREATE ROLE "{user}" LOGIN;
                GRANT CREATE ON SCHEMA public TO "{user}";
                SET ROLE "{user}";
                CREATE TABLE mine (id int);
                """);
            await first.MariaDb.ExecuteAsync("CREATE USER 'v-alice-abcdefghij'@'%'; CREATE USER 'v-alice'@'%'; CREATE TABLE mine (id int)");
        }

        await using var second = await SandboxFixture.StartSandboxAsync(_folder);
        second.BeganAnew.ShouldBeTrue();
        (await ScalarAsync(second, "SELECT tableowner::text FROM pg_tables WHERE tablename = 'mine'")).ShouldBe("shop");
        (await ScalarAsync(second, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'v-%'")).ShouldBe(0L);
        (await second.MariaDb.QueryAsync<long>("SELECT count(*) FROM mine")).ShouldBe(0);
        (await second.MariaDb.HasUserAsync("v-alice-abcdefghij")).ShouldBeFalse();
        (await second.MariaDb.HasUserAsync("v-alice")).ShouldBeTrue("this one no Vault made");
    }

    [Fact]
    public async Task A_folder_has_one_sandbox_at_a_time()
    {
        var first = await fixture.GetAsync();
        (await Should.ThrowAsync<InvalidOperationException>(() => SandboxFixture.StartSandboxAsync(first.Folder.Path)))
            .Message.ShouldContain("runs in");
    }

    [Fact]
    public async Task Its_portal_stops_and_restarts_on_the_same_database()
    {
        await using var portal = await fixture.StartPortalAsync();
        var first = portal.Id;

        await portal.KillAsync();
        portal.ExitCode.ShouldBe(128 + 9);
        (await Port.IsOpenAsync(portal.Address)).ShouldBeFalse();

        await portal.RestartAsync(TestContext.Current.CancellationToken);
        portal.Id.ShouldNotBe(first);
        (await Port.IsOpenAsync(portal.Address)).ShouldBeTrue();

        await portal.StopAsync();
        portal.ExitCode.ShouldBe(0);
    }

    private static string[] ProcessesNaming(string text) =>
        [.. Directory.GetDirectories("/proc").Select(CommandLine).Where(line => line.Contains(text, StringComparison.Ordinal))];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            return string.Empty;
        }
    }

    private static async Task ExecuteAsync(Portal.Sandbox.Sandbox sandbox, string sql)
    {
        await using var connection = new NpgsqlConnection(sandbox.Postgres.AdminConnectionString("shop"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> ScalarAsync(Portal.Sandbox.Sandbox sandbox, string sql)
    {
        await using var connection = new NpgsqlConnection(sandbox.Postgres.AdminConnectionString("shop"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
