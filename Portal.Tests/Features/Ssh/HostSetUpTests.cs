using Portal.Sandbox.Servers;
using Portal.Shell;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

/// <summary>The script that sets a host up: it does all, or nothing.</summary>
public sealed class HostSetUpTests(SandboxFixture fixture) : HostTests(fixture)
{
    private TestPortal _portal = null!;
    private SshHost _host = null!;
    private IReadOnlyDictionary<string, string> _before = null!;

    private SshServer Server => _host.Server;

    private string Account => $"{Server.User}=deploy,ubuntu";

    private string DropIn => $"{Server.Config}.d/50-vault-portal.conf";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _portal = await StartAsync();
        _host = await SshHost.StartAsync(_portal);
        _before = _host.Snapshot();
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _host.DisposeAsync();
        await _portal.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Run_twice_it_leaves_the_same()
    {
        (await Server.SetUpAsync(["--account", Account])).ExitCode.ShouldBe(0);
        ShouldBeAsBefore();
        (await Server.SetUpAsync([])).Said.ShouldContain($"{Server.User} is open to: deploy ubuntu");
        ShouldBeAsBefore();
    }

    [Fact]
    public async Task The_files_are_what_sshd_and_a_careful_administrator_want()
    {
        UnixFileMode read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            written = read | UnixFileMode.UserWrite, walked = written | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var files = Directory.EnumerateFileSystemEntries(Server.Directory, "*", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetRelativePath(Server.Directory, path), File.GetUnixFileMode);

        files.ShouldBe(new Dictionary<string, UnixFileMode>
        {
            ["ca.pub"] = written, ["portal"] = written, ["principals"] = walked, [$"principals/{Server.User}"] = written, ["revoked.krl"] = written, ["update"] = walked,
        }, ignoreOrder: true);
        (await File.ReadAllLinesAsync(Path.Combine(Server.Directory, "principals", Server.User), Cancel)).ShouldBe(["deploy", "ubuntu"]);
        (await File.ReadAllTextAsync(DropIn, Cancel)).ShouldBe($"""
            # Written by Vault Portal's host.sh.
            TrustedUserCAKeys {Server.Directory}/ca.pub
            RevokedKeys {Server.Directory}/revoked.krl
            AuthorizedPrincipalsFile {Server.Directory}/principals/%u

            """);
    }

    [Fact]
    public async Task The_portal_down_changes_nothing_on_a_host_old_or_new()
    {
        await _portal.StopAsync();

        ShouldFail(await Server.SetUpAsync(["--account", $"{Server.User}=other"]), "cannot be fetched. Nothing was changed");
        ShouldFail(await Server.SetUpAsync(["--account", Account, "--directory", $"{Server.Folder}/fresh"]), "cannot be fetched. Nothing was changed");

        ShouldBeAsBefore();
    }

    [Fact]
    public async Task What_sshd_refuses_is_taken_back()
    {
        await ShouldTakeBackAsync();
        ShouldBeAsBefore();
    }

    [Fact]
    public async Task What_sshd_refuses_is_taken_back_to_folders_with_nothing_in_them()
    {
        File.Delete(Path.Combine(Server.Directory, "principals", Server.User));
        File.Delete(Path.Combine(Server.Directory, "update"));
        var before = _host.Snapshot();
        await ShouldTakeBackAsync();
        _host.Snapshot().ShouldBe(before, ignoreOrder: true);

        Directory.Delete(Path.Combine(Server.Directory, "principals"));
        before = _host.Snapshot();
        await ShouldTakeBackAsync();
        _host.Snapshot().ShouldBe(before, ignoreOrder: true);
    }

    [Fact]
    public async Task A_host_moves_to_another_portal_whose_list_is_younger_and_never_back_in_the_list_of_the_same_one()
    {
        var list = await MakeListAsync(ulong.MaxValue >> 1, TestKeys.Ed25519);
        await File.WriteAllBytesAsync(_host.List, list, Cancel);

        var refused = await Server.SetUpAsync([]);
        ShouldFail(refused, "the revocation list was not taken, and update says why. Nothing was changed");
        refused.Said.ShouldContain($"older than {ulong.MaxValue >> 1}");
        _host.ListBytes.ShouldBe(list);

        await File.WriteAllTextAsync(Path.Combine(Server.Directory, "portal"), "https://another.example\n", Cancel);
        (await Server.SetUpAsync([])).ExitCode.ShouldBe(0);
        ShouldBeAsBefore();
    }

    [Fact]
    public async Task Settings_that_do_not_count_are_taken_back_and_it_says_why()
    {
        await PrivateFile.ReplaceAsync(Server.Config, $"RevokedKeys none\n{await File.ReadAllTextAsync(Server.Config, Cancel)}");
        var before = _host.Snapshot();

        ShouldFail(await Server.SetUpAsync(["--account", $"{Server.User}=other"]), "no line before it may set RevokedKeys");

        _host.Snapshot().ShouldBe(before, ignoreOrder: true);
    }

    [Fact]
    public async Task A_configuration_that_does_not_include_its_folder_gets_told_the_line()
    {
        var config = Path.Combine(Server.Folder, "bare_config");
        await PrivateFile.ReplaceAsync(config, string.Join('\n', (await File.ReadAllLinesAsync(Server.Config, Cancel)).Skip(1)));
        var before = _host.Snapshot();

        ShouldFail(await Server.SetUpAsync(["--account", Account, "--directory", $"{Server.Folder}/fresh", "--sshd-config", config]), $"  Include {config}.d/*.conf");

        _host.Snapshot().ShouldBe(before, ignoreOrder: true);
    }

    [Fact]
    public async Task A_configuration_that_is_broken_already_is_left_alone()
    {
        await File.AppendAllTextAsync(Server.Config, "Nonsense yes\n", Cancel);
        var before = _host.Snapshot();

        ShouldFail(await Server.SetUpAsync(["--account", Account]), "mend that first");

        _host.Snapshot().ShouldBe(before, ignoreOrder: true);
    }

    [Fact]
    public async Task A_dry_run_says_all_and_changes_nothing()
    {
        var said = await Server.SetUpAsync(["--account", $"{Server.User}=other", "--dry-run"]);

        (said.ExitCode, said.Said.Contains($"RevokedKeys {Server.Directory}/revoked.krl"), said.Said.Contains($"{Server.User} is open to: other")).ShouldBe((0, true, true), said.Said);
        ShouldBeAsBefore();
    }

    [Fact]
    public async Task A_folder_below_one_that_others_may_write_is_refused()
    {
        var open = Directory.CreateDirectory(Path.Combine(Server.Folder, "open")).FullName;
        File.SetUnixFileMode(open, File.GetUnixFileMode(open) | UnixFileMode.GroupWrite);

        ShouldFail(await Server.SetUpAsync(["--account", Account, "--directory", $"{open}/portal"]), $"{open} can be written by others");
    }

    [Fact]
    public async Task Odd_arguments_are_refused_and_change_nothing()
    {
        var user = Server.User;
        (string[] Arguments, string Because)[] odd =
        [
            .. new[] { "=deploy", "../x=deploy", "a/b=deploy", " =deploy", "a b=deploy", "-x=deploy", ".=deploy", "a\nb=deploy", "$(id)=deploy" }
                .Select(account => (new[] { "--account", account }, "the name before =")),
            .. new[] { "", ",", "deploy,", ",deploy", "de ploy", "#deploy", "-deploy", "../x", "a\nb", "deploy\n", "*", "command=\"id\"", "dé", new string('a', 64) }
                .Select(principals => (new[] { "--account", $"{user}={principals}" }, "a principal has")),
            (["--account", "deploy"], "NAME=PRINCIPAL"),
            (["--account", "no-such-user=deploy"], "no account no-such-user"),
            (["--account"], "needs a value"),
            (["--nonsense"], "unknown: --nonsense"),
            (["--interval", "1m"], "--interval is"),
            (["--directory", "relative"], "--directory begins with /"),
            (["--directory", "/etc/../x"], "--directory has"),
            (["--directory", "/etc/a b"], "--directory has"),
            (["--directory", "/etc/100%"], "--directory has"),
            (["--directory", $"{Server.Folder}/fresh"], "say who may log in"),
            (["--directory", Directory.CreateDirectory($"{Server.Folder}/bare/principals").Parent!.FullName], "say who may log in"),
        ];
        foreach (var (arguments, because) in odd)
            ShouldFail(await Server.SetUpAsync(arguments), because);

        Directory.Delete($"{Server.Folder}/bare", recursive: true);
        ShouldBeAsBefore();
    }

    [Fact]
    public async Task It_is_for_everybody_says_the_public_address_whatever_it_is_asked_by_and_helps()
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_portal.Address, "/api/v1/ssh/host.sh")) { Headers = { Host = "evil.example" } };
        using var answer = await http.SendAsync(request, Cancel);

        (answer.Content.Headers.ContentType!.MediaType, answer.Headers.CacheControl!.NoStore).ShouldBe(("text/plain", true));
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        text.ShouldContain($"\nportal='{_portal.Address.GetLeftPart(UriPartial.Authority)}'\n");
        text.ShouldNotContain("evil.example");
        (await Server.SetUpAsync(["--help"])).ExitCode.ShouldBe(0);
    }

    [Theory]
    [InlineData("https://portal.example")]
    [InlineData("'; id; '")]
    [InlineData("$(id) `id` \\ \"")]
    public async Task Any_address_is_one_word_for_a_shell(string address) =>
        (await Command.RunAsync("sh", ["-c", $"printf %s {PosixShell.Quoted(address)}"])).Said.ShouldBe($"{address}\n");

    private async Task ShouldTakeBackAsync()
    {
        // An sshd that finds something wrong with the new part alone.
        var programs = Directory.CreateDirectory(Keygen.Path("programs")).FullName;
        var sshd = Path.Combine(programs, "sshd");
        await File.WriteAllTextAsync(sshd, $"""
            #!/bin/sh
            ! grep -qsx other {Server.Directory}/principals/* || exit 1
            exec /usr/sbin/sshd "$@"

            """, Cancel);
        File.SetUnixFileMode(sshd, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = new Dictionary<string, string?> { ["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}" };

        var refused = await Server.SetUpAsync(["--account", $"{Server.User}=other"], path);

        ShouldFail(refused, "sshd does not take its configuration");
        refused.Said.ShouldContain("everything is as it was");
    }

    private void ShouldBeAsBefore() => _host.Snapshot().ShouldBe(_before, ignoreOrder: true);
}
