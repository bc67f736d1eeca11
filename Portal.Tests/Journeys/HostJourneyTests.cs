using Microsoft.Playwright;
using Portal.Sandbox.Servers;
using Portal.Tests.Features.Ssh;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Journeys;

/// <summary>From a click in the browser to a shell on a real host, and out again.</summary>
public sealed class HostJourneyTests(SandboxFixture fixture, BrowserFixture browsers) : HostTests(fixture)
{
    [Fact]
    public async Task Bob_makes_a_key_in_the_page_logs_in_with_it_and_is_refused_once_he_revoked_it()
    {
        await using var portal = await StartAsync();
        await using var host = await SshHost.StartAsync(portal);
        await browsers.WithPageAsync(
            portal.Address,
            async page =>
            {
                await page.SignInAsync("bob", "/ssh");
                await page.MakeKeyAsync();
                var key = await page.DownloadMadeAsync("oncall", Keygen.Path);
                var certificate = await File.ReadAllTextAsync($"{key}-cert.pub", Cancel);
                await page.Button("Done").ClickAsync();

                (await host.LoginAsync(key, "id", "-un")).ShouldBe(new Command(0, $"{host.Server.User}\n"));
                (await host.ForwardAsync(key)).Said.ShouldStartWith("SSH-2.0-", customMessage: "oncall permits forwarding");

                await page.Button("Revoke: oncall").ClickAsync();
                await page.Locator(".held .question").GetByRole(AriaRole.Button, new() { Name = "Revoke", Exact = true }).ClickAsync();
                await Expect(page.Locator(".held")).ToHaveCountAsync(0);
                await UpdateAsync(host);

                ShouldFail(await host.LoginAsync(key), "Permission denied");
                Keygen.AreRevoked(host.ListBytes, [certificate]).ShouldBe([true]);

                // The next one for the same key, while the revoked one still lies beside it.
                await Expect(page.KeyFrom("The last one")).ToBeCheckedAsync();
                await page.Reason.FillAsync("INC-43");
                await page.GetCertificate.ClickAsync();
                var next = await page.DownloadAsync(Path.GetFileName(key), "-cert.pub", Keygen.Path);
                (await host.LetsInAsync(key)).ShouldBeFalse();
                (await host.LetsInAsync(key, next)).ShouldBeTrue();
            },
            new() { AcceptDownloads = true });
    }

    [Fact]
    public async Task Carol_logs_in_with_a_role_that_permits_no_forwarding_and_forwards_nothing()
    {
        await using var portal = await StartAsync();
        await using var host = await SshHost.StartAsync(portal);
        await browsers.WithPageAsync(
            portal.Address,
            async page =>
            {
                await page.SignInAsync("carol", "/ssh?role=deploy");
                await page.MakeKeyAsync();
                var key = await page.DownloadMadeAsync("deploy", Keygen.Path);

                (await host.LetsInAsync(key)).ShouldBeTrue();
                ShouldFail(await host.ForwardAsync(key), "administratively prohibited");
            },
            new() { AcceptDownloads = true });
    }
}
