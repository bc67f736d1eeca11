using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Portal.Tests.Features.Ssh;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static Portal.Tests.Journeys.PageCheck;

namespace Portal.Tests.Journeys;

/// <summary>The page of SSH certificates in a real browser, its files opened by OpenSSH's own tool. Keys that are given there: <see cref="SshKeyJourneyTests"/>.</summary>
public sealed class SshJourneyTests(SandboxFixture fixture, BrowserFixture browsers) : SshTests(fixture)
{
    [Theory]
    [InlineData(1440, 900)]
    [InlineData(390, 844)]
    public Task Bob_makes_a_key_in_the_page_downloads_it_with_its_certificate_and_revokes_that(int width, int height) => WithPageAsync(
        async (portal, page) =>
        {
            var frames = new CircuitFrames(page);
            var sent = Sent(page);
            await page.SignInAsync("bob", "/ssh");
            await page.MakeKeyAsync();
            var key = await page.DownloadMadeAsync("oncall", Keygen.Path);

            Keygen.Run("-y", "-f", key).TrimEnd().ShouldBe((await File.ReadAllTextAsync($"{key}.pub", Cancel)).TrimEnd());
            var certificate = await File.ReadAllTextAsync($"{key}-cert.pub", Cancel);
            var text = Keygen.Describe(certificate);
            text.ShouldContain(Keygen.Run("-l", "-f", $"{key}.pub").Split(' ')[1]);
            text.ShouldMatch(@"Principals: \s+deploy\s+ubuntu\s");
            var record = await RecordAsync(portal);
            text.ShouldContain($"Key ID: \"{record.KeyId}\"");
            await Expect(page.Secret.Locator(".facts")).ToContainTextAsync($"Key id{record.KeyId}Serial{record.Serial}");
            await page.Button("Done").ClickAsync();

            // Any line of the private half.
            var secret = (await File.ReadAllLinesAsync(key, Cancel))[^3];
            sent.ShouldNotBeEmpty();
            sent.ShouldAllBe(body => !body.Contains(secret));
            frames.Text.ShouldContain(record.KeyId);
            frames.Text.ShouldNotContain(secret);
            (await page.ContentAsync()).ShouldNotContain(secret);
            (await StoredAsync(page)).ShouldNotContain(secret);

            var row = page.Locator(".held");
            await Expect(row).ToContainTextAsync("deploy, ubuntu on the sandbox's sshd");
            await Expect(row).ToContainTextAsync(record.KeyId);
            await Expect(row.Locator("time").First).ToHaveTextAsync(new Regex(@"^(1:00:00|59:\d\d|58:\d\d)"));
            await Expect(row.GetByRole(AriaRole.Button, new() { Name = "Extend" })).ToHaveCountAsync(0);
            (await IsRevokedAsync(portal, certificate)).ShouldBeFalse();
            await page.Button("Revoke: oncall").ClickAsync();
            await Expect(row).ToContainTextAsync($"Revoke certificate {record.KeyId}? Hosts refuse it as soon as they have the new revocation list.");
            await row.Locator(".question").GetByRole(AriaRole.Button, new() { Name = "Revoke", Exact = true }).ClickAsync();
            await Expect(row).ToHaveCountAsync(0);
            await Eventually.TrueAsync(() => IsRevokedAsync(portal, certificate), "the list revokes the certificate");
        },
        new() { ViewportSize = new() { Width = width, Height = height }, AcceptDownloads = true });

    [Fact]
    public Task A_link_in_a_runbook_is_one_click_with_the_last_key() => WithPageAsync(async (portal, page) =>
    {
        var line = Keygen.Generate("key", "-t", "ed25519", "-C", "bob@laptop");
        await page.SignInAsync("bob", "/ssh");
        await page.GetCertificateAsync(line);
        await page.Button("Done").ClickAsync();

        await page.GotoAsync("/ssh?role=oncall&reason=INC-42+%3Cb%3E%22");
        await Expect(page.Reason).ToHaveValueAsync("INC-42 <b>\"");
        await Expect(page).ToHaveURLAsync(new Regex(@"/ssh\?role=oncall$"));
        await Expect(page.Locator("[data-last-key]")).ToHaveTextAsync(new Regex("^ED25519 256 bits SHA256:.* bob@laptop$"));
        await Expect(page.KeyFrom("The last one")).ToBeCheckedAsync();
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Checked = true })).ToHaveCountAsync(2);
        await page.GetCertificate.ClickAsync();
        await page.Secret.WaitForAsync();

        var text = Keygen.Describe((await page.Secret.Locator("[data-secret=certificate]").TextContentAsync())!);
        text.ShouldMatch(@"Principals: \s+deploy\s+ubuntu\s");
        text.ShouldContain(Keygen.Run("-l", "-f", Keygen.Path("key.pub")).Split(' ')[1]);
        await page.Button("Done").ClickAsync();
        await Expect(page.Locator(".held-why").Last).ToHaveTextAsync("INC-42 <b>\"");
        portal.Log.Text.ShouldNotContain("PRIVATE KEY");
    });

    [Fact]
    public Task What_was_typed_in_the_place_of_a_links_reason_outlives_a_reload() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("bob", "/ssh?role=oncall&reason=INC-42");
        await Expect(page.Reason).ToHaveValueAsync("INC-42");
        await page.Reason.FillAsync("INC-43");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "ubuntu" }).UncheckAsync();
        var line = Keygen.Generate("key", "-t", "ed25519");
        await page.KeyFrom("Paste or drop").CheckAsync();
        await page.PublicKey.FillAsync(line);
        await Expect(page.KeySays).ToContainTextAsync("ED25519");
        await page.ReloadAsync();

        await Expect(page.Reason).ToHaveValueAsync("INC-43");
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Name = "ubuntu" })).Not.ToBeCheckedAsync();
        await Expect(page.PublicKey).ToHaveValueAsync(line);
    });

    [Fact]
    public Task A_link_to_a_role_that_one_may_not_use_gives_no_other_one() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("bob", "/ssh?role=deploy&reason=INC-42");
        await Expect(page.GetByText("You may use no SSH role “deploy”.")).ToBeVisibleAsync();
        await Expect(page.GetCertificate).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Link, new() { Name = "oncall" }).ClickAsync();
        await Expect(page.Reason).ToHaveValueAsync("INC-42");
    });

    [Fact]
    public Task Closing_before_a_made_key_is_downloaded_asks_first_and_closing_forgets_it() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("bob", "/ssh");
        await page.MakeKeyAsync();
        await page.DownloadAsync("vault-oncall", "-cert.pub", Keygen.Path);
        await page.Button("Done").ClickAsync();
        await Expect(page.Secret).ToContainTextAsync(new Regex("vault-oncall-[0-9a-f]{8} is not downloaded yet. Closing forgets the private key."));
        await page.Button("Keep open").ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Secret).ToContainTextAsync("is not downloaded yet.");
        await page.Button("Keep open").ClickAsync();
        await page.DownloadAsync("vault-oncall", "", Keygen.Path);
        await page.Button("Done").ClickAsync();
        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
    });

    [Fact]
    public Task That_it_was_shown_is_confirmed_also_after_it_was_closed() => WithPageAsync(async (portal, page) =>
    {
        var isCut = true;
        var asked = new TaskCompletionSource();
        await page.RouteAsync("**/shown", async route =>
        {
            asked.TrySetResult();
            await (isCut ? route.AbortAsync() : route.ContinueAsync());
        });
        await page.SignInAsync("bob", "/ssh");
        await page.GetCertificateAsync(TestKeys.Ed25519);
        await asked.Task.WaitAsync(Cancel);
        await page.Button("Done").ClickAsync();
        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
        (await RecordAsync(portal)).Credential.ShownAt.ShouldBeNull();

        isCut = false;

        await Eventually.TrueAsync(async () => (await RecordAsync(portal)).Credential.ShownAt is not null, "it is confirmed");
    });

    [Fact]
    public Task What_the_portal_finds_wrong_stands_at_its_field() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("bob", "/ssh");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "deploy" }).UncheckAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "ubuntu" }).UncheckAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "Other" }).CheckAsync();
        await page.GetByLabel("Other duration").FillAsync("5 h");
        await page.GetCertificate.ClickAsync();

        await Expect(page.Locator("#principals-error")).ToContainTextAsync("Say as whom you want to log in: deploy, ubuntu.");
        await Expect(page.Locator("#duration-error")).ToContainTextAsync("between 1 min and 4 h");
        await Expect(page.Locator("#reason-error")).ToContainTextAsync("Say why you need it");
        await CheckAsync(page);
        await page.KeyFrom("Paste or drop").CheckAsync();
        await page.GetCertificate.ClickAsync();
        await Expect(page.Locator("#key-error")).ToContainTextAsync("Give a public key: one line");
    });

    [Fact]
    public Task Vault_sealed_is_said_and_the_form_keeps_its_values() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("bob", "/ssh");
        await page.Reason.FillAsync("INC-42");
        await Sandbox.Vault.Control.SealAsync(Cancel);
        await page.GetCertificate.ClickAsync();
        await Expect(page.GetByText("No certificate was made.")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Sandbox.Vault.Control.UnsealAsync(Cancel);
        await Expect(page.Reason).ToHaveValueAsync("INC-42");
        await page.GetCertificate.ClickAsync();
        await page.Secret.WaitForAsync();
    });

    [Fact]
    public Task A_key_is_revoked_on_the_page_and_a_portal_admin_lifts_it() => WithPageAsync(async (portal, page) =>
    {
        var line = Keygen.Generate("key", "-t", "ed25519");
        await page.SignInAsync("bob", "/ssh");
        await page.GetCertificateAsync(line);
        await page.Button("Done").ClickAsync();
        await page.GetByText("Your keys").ClickAsync();
        var fingerprint = Keygen.Run("-l", "-f", Keygen.Path("key.pub")).Split(' ')[1];
        await page.Button($"Revoke key: {fingerprint}").ClickAsync();
        await page.Locator(".question").GetByRole(AriaRole.Button, new() { Name = "Revoke key" }).ClickAsync();
        await Expect(page.GetByText("revoked by bob")).ToBeVisibleAsync();
        await Expect(page.Locator(".held")).ToHaveCountAsync(0);
        await Eventually.TrueAsync(() => IsRevokedAsync(portal, line), "the list revokes the key");
        await page.Reason.FillAsync("again");
        await page.GetCertificate.ClickAsync();
        await Expect(page.Locator("#key-error")).ToContainTextAsync("This key was revoked by bob");

        await browsers.WithPageAsync(portal.Address, async dave =>
        {
            await dave.SignInAsync("dave", "/ssh");
            await Expect(dave.GetByText("You may use no SSH role yet.")).ToBeVisibleAsync();
            await dave.GetByText("Your keys").ClickAsync();
            await dave.Button($"Lift: {fingerprint}").ClickAsync();
            await dave.Locator(".question").GetByRole(AriaRole.Button, new() { Name = "Lift" }).ClickAsync();
            await Expect(dave.GetByText("revoked by bob")).ToHaveCountAsync(0);
        });
        await Eventually.TrueAsync(async () => !await IsRevokedAsync(portal, line), "the list revokes the key no more");
    });

    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 1440)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 390)]
    public Task Each_state_obeys_the_policy_fits_the_window_and_passes_axe(ColorScheme colours, int width) => WithPageAsync(
        async (_, page) =>
        {
            var complaints = new List<string>();
            page.Console += (_, message) =>
            {
                if (message.Type is "error" or "warning")
                    complaints.Add(message.Text);
            };
            await page.SignInAsync("bob", "/ssh");
            await LookAsync(page, "make");
            await page.KeyFrom("From GitHub").CheckAsync();
            await Expect(page.Locator(".github-keys li")).ToHaveCountAsync(2);
            await LookAsync(page, "github");
            await page.KeyFrom("Paste or drop").CheckAsync();
            await page.PublicKey.FillAsync("-----BEGIN OPENSSH PRIVATE KEY-----");
            await LookAsync(page, "private");
            await page.PublicKey.FillAsync("ssh-ed25519 AAAA");
            await LookAsync(page, "damaged");
            await page.GetCertificateAsync($"{TestKeys.Rsa(4096)} bob@laptop");
            await LookAsync(page, "dialog-own");
            await page.GetByRole(AriaRole.Tab, new() { Name = "~/.ssh/config" }).ClickAsync();
            await LookAsync(page, "dialog-config");
            await page.Button("Done").ClickAsync();
            await page.MakeKeyAsync();
            await LookAsync(page, "dialog-made");
            await page.Button("Done").ClickAsync();
            await page.Button("Close anyway").ClickAsync();
            await page.Button("Revoke: oncall").First.ClickAsync();
            await page.GetByText("Your keys").ClickAsync();
            await Expect(page.Locator(".key-row")).ToHaveCountAsync(2);
            await LookAsync(page, "held");
            await page.GotoAsync("/ssh?role=nope");
            await page.ReadyAsync();
            await LookAsync(page, "unknown");
            await page.GotoAsync("/");
            await page.ReadyAsync();
            await Expect(page.Locator(".held")).ToHaveCountAsync(2);
            await LookAsync(page, "home");
            await page.Button("Account of bob").ClickAsync();
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = "REST API" })).ToHaveAttributeAsync("href", "/docs/api");
            complaints.ShouldBeEmpty();

            Task LookAsync(IPage at, string state) => LookAtAsync(at, $"{state}-{colours}-{width}");
        },
        new() { ColorScheme = colours, ViewportSize = new() { Width = width, Height = 844 } });

    private static async Task LookAtAsync(IPage page, string name)
    {
        // For people's eyes, when they ask for it.
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
        await CheckAsync(page);
    }

    /// <summary>The bodies of all requests from now on.</summary>
    internal static List<string> Sent(IPage page)
    {
        var sent = new List<string>();
        page.Request += (_, request) =>
        {
            if (request.PostData is { } body)
                sent.Add(body);
        };
        return sent;
    }

    internal static Task<string> StoredAsync(IPage page) => page.EvaluateAsync<string>("JSON.stringify([{ ...sessionStorage }, { ...localStorage }])");

    private async Task WithPageAsync(Func<TestPortal, IPage, Task> act, BrowserNewContextOptions? options = null)
    {
        await using var portal = await StartAsync();
        await browsers.WithPageAsync(portal.Address, page => act(portal, page), options);
    }
}
