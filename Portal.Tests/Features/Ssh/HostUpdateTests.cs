using System.Buffers.Binary;
using System.Text;
using Portal.Sandbox.Servers;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

/// <summary>Whatever becomes of an update, the host keeps its last good list and lets people in by it.</summary>
public sealed class HostUpdateTests(SandboxFixture fixture) : HostTests(fixture)
{
    private const int VersionOffset = 12;

    private TestPortal _portal = null!;
    private SshHost _host = null!;
    private ApiClient _bob = null!;
    private string _key = null!;
    private string _revoked = null!;
    private byte[] _before = null!;

    /// <summary>A host with a list that revokes one certificate and not another, and a newer list at the portal.</summary>
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _portal = await StartAsync();
        _host = await SshHost.StartAsync(_portal);
        _bob = await ApiClient.SignInAsync(_portal, "bob");
        (_key, _) = await GetCertificateAsync(_bob);
        (_revoked, var issued) = await GetCertificateAsync(_bob, "revoked");
        await _bob.DeleteAsync($"/credentials/{issued.Id}");
        await UpdateAsync(_host);
        _before = _host.ListBytes;
        (_, issued) = await GetCertificateAsync(_bob, "newer");
        await _bob.DeleteAsync($"/credentials/{issued.Id}");
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _bob.Dispose();
        await _host.DisposeAsync();
        await _portal.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task The_portal_down()
    {
        await _portal.StopAsync();

        ShouldFail(await _host.Server.UpdateAsync(), "cannot be fetched");

        await ShouldGoOnAsync("the portal is down");
    }

    [Fact]
    public async Task Answers_that_are_no_newer_list()
    {
        var newer = await ListAsync(_portal);
        var answers = new Dictionary<string, (byte[] Answer, string Because)>
        {
            ["nothing at all"] = ([], "cannot be fetched"),
            ["an empty body"] = (ListServer.Http([]), "no revocation list"),
            ["a page"] = (ListServer.Http("<html>Sign in</html>"u8.ToArray()), "no revocation list"),
            ["keys as text"] = (ListServer.Http(Encoding.ASCII.GetBytes(TestKeys.Ed25519)), "no revocation list"),
            ["garbled"] = (ListServer.Http(Garbled(newer)), "no revocation list"),
            ["cut short"] = (ListServer.Http(newer[..^1], promised: newer.Length), "cannot be fetched"),
            ["cut short and said to be whole"] = (ListServer.Http(newer[..^1]), "no revocation list"),
            ["revoking the authority"] = (ListServer.Http(await ListOfAuthorityAsync()), "revokes the authority itself"),
            ["older"] = (ListServer.Http(Older(newer)), "older than"),
            ["an error"] = (ListServer.Http(newer, "503 Service Unavailable"), "cannot be fetched"),
            ["another address"] = (ListServer.Http([], "302 Found", header: $"Location: {_portal.Address}api/v1/ssh/krl\r\n"), "no revocation list"),
            ["unchanged, which it is"] = (ListServer.Http([], "304 Not Modified"), ""),
        };
        foreach (var (name, (answer, because)) in answers)
        {
            await using var server = new ListServer(answer);
            await PointToAsync(server.Address);

            var update = await _host.Server.UpdateAsync();

            (update.ExitCode == 0).ShouldBe(because == "", name);
            update.Said.ShouldContain(because, customMessage: name);
            await ShouldGoOnAsync(name);
        }

        await PointToAsync(_portal.Address);
        await UpdateAsync(_host);
        _host.ListBytes.ShouldBe(newer);
    }

    [Fact]
    public async Task A_full_disk()
    {
        // The kernel's own word for it, at every write.
        var programs = Keygen.Path("programs");
        await WriteProgramAsync(programs, "curl", """
            for word; do
                shift
                [ "$word" != revoked.krl.new ] || word=/dev/full
                set -- "$@" "$word"
            done
            exec /usr/bin/curl "$@"
            """);

        var update = await _host.Server.UpdateAsync(new Dictionary<string, string?> { ["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}" });

        ShouldFail(update, "cannot be fetched");

        await ShouldGoOnAsync("the disk is full");
        await UpdateAsync(_host);
        _host.ListBytes.ShouldBe(await ListAsync(_portal));
    }

    [Fact]
    public async Task Killed_in_the_middle()
    {
        await using (var silent = new ListServer(null))
        {
            await PointToAsync(silent.Address);
            await using var update = GuardedProcess.Start("sh", [Path.Combine(_host.Server.Directory, "update")], _ => { });
            await silent.Asked;
            update.Signal(Signal.Kill);
        }

        await ShouldGoOnAsync("it was killed");
        await PointToAsync(_portal.Address);
        await UpdateAsync(_host);
        _host.ListBytes.ShouldBe(await ListAsync(_portal));
    }

    [Fact]
    public async Task Several_at_once()
    {
        var updates = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _host.Server.UpdateAsync()));

        updates.ShouldAllBe(update => update.ExitCode == 0);
        updates.Count(update => update.Said.Contains("is in use")).ShouldBe(1);
        _host.ListBytes.ShouldBe(await ListAsync(_portal));
        (await _host.LetsInAsync(_key)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_list_that_was_damaged_on_the_host_is_mended_whatever_version_it_claims()
    {
        await File.WriteAllBytesAsync(_host.List, [.. _before[..^1]], Cancel);
        (await _host.LetsInAsync(_key)).ShouldBeFalse("sshd refuses everybody then");

        await UpdateAsync(_host);

        _host.ListBytes.ShouldBe(await ListAsync(_portal));
        (await _host.LetsInAsync(_key)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_list_on_the_host_that_revokes_the_authority_is_mended_whatever_version_it_claims()
    {
        await File.WriteAllBytesAsync(_host.List, await ListOfAuthorityAsync(), Cancel);
        (await _host.LetsInAsync(_key)).ShouldBeFalse("sshd refuses every certificate then");

        await UpdateAsync(_host);

        _host.ListBytes.ShouldBe(await ListAsync(_portal));
        (await _host.LetsInAsync(_key)).ShouldBeTrue();
    }

    [Fact]
    public async Task Where_there_is_no_curl_wget_fetches()
    {
        var programs = Directory.CreateDirectory(Keygen.Path("programs")).FullName;
        foreach (var name in (string[])["sh", "dirname", "ssh-keygen", "flock", "timeout", "wget", "cat", "od", "tr", "rm", "mv", "chmod", "sync"])
            File.CreateSymbolicLink(Path.Combine(programs, name), File.Exists($"/usr/bin/{name}") ? $"/usr/bin/{name}" : $"/bin/{name}");
        await using (var older = new ListServer(ListServer.Http([])))
        {
            await PointToAsync(older.Address);
            ShouldFail(await Command.RunAsync("/bin/sh", ["-c", $"PATH={programs} exec sh {_host.Server.Directory}/update"]), "no revocation list");
            await ShouldGoOnAsync("wget got nothing");
        }

        await PointToAsync(_portal.Address);
        var update = await Command.RunAsync("/bin/sh", ["-c", $"PATH={programs} exec sh {_host.Server.Directory}/update"]);

        update.ExitCode.ShouldBe(0, update.Said);
        _host.ListBytes.ShouldBe(await ListAsync(_portal));
    }

    private async Task ShouldGoOnAsync(string name)
    {
        _host.ListBytes.ShouldBe(_before, name);
        File.GetUnixFileMode(_host.List).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, name);
        (await _host.LetsInAsync(_key)).ShouldBeTrue(name);
        (await _host.LetsInAsync(_revoked)).ShouldBeFalse(name);
    }

    private Task PointToAsync(Uri portal) =>
        File.WriteAllTextAsync(Path.Combine(_host.Server.Directory, "portal"), portal.GetLeftPart(UriPartial.Authority) + "\n", Cancel);

    private async Task<byte[]> ListOfAuthorityAsync() =>
        await MakeListAsync(ulong.MaxValue >> 1, await File.ReadAllTextAsync(Path.Combine(_host.Server.Directory, "ca.pub"), Cancel));

    private static async Task WriteProgramAsync(string folder, string name, string text)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, name);
        await File.WriteAllTextAsync(file, $"#!/bin/sh\n{text}\n", Cancel);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    // A section's length that points past the end.
    private static byte[] Garbled(byte[] list)
    {
        var garbled = list.ToArray();
        garbled.AsSpan(44).Fill(0xff);
        return garbled;
    }

    private static byte[] Older(byte[] list)
    {
        var older = list.ToArray();
        BinaryPrimitives.WriteUInt64BigEndian(older.AsSpan(VersionOffset), 7);
        return older;
    }
}
