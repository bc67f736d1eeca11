using System.Net;
using Portal.Sandbox.Servers;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

/// <summary>From a token to a shell on a real host, and out again.</summary>
public sealed class HostLoginTests(SandboxFixture fixture) : HostTests(fixture)
{
    [Fact]
    public async Task A_key_of_ones_own_logs_in_two_requests_after_the_sign_in()
    {
        await using var portal = await StartAsync();
        await using var host = await SshHost.StartAsync(portal);
        using var bob = await ApiClient.SignInAsync(portal, "bob");

        var (key, issued) = await GetCertificateAsync(bob);
        var login = await host.LoginAsync(key, "id", "-un");

        login.ShouldBe(new Command(0, $"{host.Server.User}\n"));
        (await File.ReadAllTextAsync(host.Server.LogPath, Cancel)).ShouldContain($"ID {KeyId(issued)} (serial {issued.Json.GetProperty("serial").GetString()})");
        File.Move($"{key}-cert.pub", $"{key}.away");
        (await host.LetsInAsync(key)).ShouldBeFalse("the key alone opens nothing");
    }

    [Fact]
    public async Task Ports_are_forwarded_where_the_role_permits_it_and_not_otherwise()
    {
        await using var portal = await StartAsync();
        await using var host = await SshHost.StartAsync(portal);
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        var (permitted, _) = await GetCertificateAsync(bob, "bob");
        var (plain, _) = await GetCertificateAsync(carol, "carol", role: "deploy");

        (await host.ForwardAsync(permitted)).Said.ShouldStartWith("SSH-2.0-");
        ShouldFail(await host.ForwardAsync(plain), "administratively prohibited");
        (await host.LetsInAsync(plain)).ShouldBeTrue();

        var port = FreePort.Next();
        await using var tunnel = host.Tunnel(permitted, port, portal.Address);
        using var http = new HttpClient();
        await Eventually.TrueAsync(
            async () => await Port.IsOpenAsync(new($"http://127.0.0.1:{port}")) && await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/livez"), Cancel) is { Length: > 0 },
            "the portal answers through the tunnel");
    }

    [Fact]
    public async Task Ended_it_opens_nothing_once_the_host_has_fetched_the_list_and_others_still_log_in()
    {
        await using var portal = await StartAsync();
        await using var host = await SshHost.StartAsync(portal);
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var (key, issued) = await GetCertificateAsync(bob);
        var (other, _) = await GetCertificateAsync(bob, "other");
        (await host.LetsInAsync(key)).ShouldBeTrue();

        (await bob.DeleteAsync($"/credentials/{issued.Id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        await UpdateAsync(host);

        (await host.LetsInAsync(key)).ShouldBeFalse();
        (await host.LetsInAsync(other)).ShouldBeTrue();
        Keygen.AreRevoked(host.ListBytes, [Certificate(issued)]).ShouldBe([true]);
        (await File.ReadAllTextAsync(host.Server.LogPath, Cancel)).ShouldContain("revoked by file");
    }

    [Fact]
    public async Task A_revoked_key_opens_nothing_whatever_certificate_it_has()
    {
        await using var portal = await StartAsync();
        await using var host = await SshHost.StartAsync(portal);
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var (key, _) = await GetCertificateAsync(bob);
        var line = await File.ReadAllTextAsync($"{key}.pub", Cancel);
        (await host.LetsInAsync(key)).ShouldBeTrue();

        (await bob.PostAsync("/ssh/revoked-keys", new { key = line })).Status.ShouldBe(HttpStatusCode.Created);
        await UpdateAsync(host);

        (await host.LetsInAsync(key)).ShouldBeFalse();
        Keygen.AreRevoked(host.ListBytes, [line]).ShouldBe([true]);
    }

    [Fact]
    public async Task A_host_that_fetches_by_itself_learns_of_a_revocation_by_itself()
    {
        await using var portal = await StartAsync();
        await using var host = await SshHost.StartAsync(portal, fetchEvery: TimeSpan.FromMilliseconds(500));
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var (key, issued) = await GetCertificateAsync(bob);
        (await host.LetsInAsync(key)).ShouldBeTrue();

        await bob.DeleteAsync($"/credentials/{issued.Id}");

        await Eventually.TrueAsync(async () => !await host.LetsInAsync(key), "the host refuses it");
    }

    [Fact]
    public async Task A_principal_that_the_host_does_not_name_and_a_strangers_certificate_open_nothing()
    {
        await using var portal = await StartAsync();
        await using var host = await SshHost.StartAsync(portal);
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var (key, _) = await GetCertificateAsync(bob);
        Keygen.Generate("stranger", "-t", "ed25519");
        Keygen.Generate("forged", "-t", "ed25519");
        Keygen.Run("-q", "-s", Keygen.Path("stranger"), "-I", "bob", "-n", "deploy", Keygen.Path("forged.pub"));

        (await host.LetsInAsync(Keygen.Path("forged"))).ShouldBeFalse();
        (await host.Server.SetUpAsync(["--account", $"{host.Server.User}=ubuntu"])).ExitCode.ShouldBe(0);

        (await host.LetsInAsync(key)).ShouldBeFalse("its principal is deploy alone");
    }
}
