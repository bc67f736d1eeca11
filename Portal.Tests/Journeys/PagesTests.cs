using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static Portal.Tests.Journeys.PageCheck;

namespace Portal.Tests.Journeys;

/// <summary>The pages and their script in a real browser.</summary>
public sealed class PagesTests(SandboxFixture fixture, BrowserFixture browsers) : SandboxTests(fixture)
{
    private static readonly string[] s_pages = ["/", "/databases", "/databases?role=shop-readwrite", "/ssh", "/ssh/hosts", "/tokens", "/cloud-credentials", "/cloud-credentials/new", "/cloud-credentials/new?type=google", "/cloud-credentials/known-to-leavers", "/audit", "/health"];

    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 1440)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 390)]
    public Task Every_page_obeys_its_policy_fits_the_window_and_passes_axe(ColorScheme colours, int width) => WithPageAsync(
        async page =>
        {
            var complaints = new List<string>();
            page.Console += (_, message) =>
            {
                if (message.Type is "error" or "warning")
                    complaints.Add(message.Text);
            };
            await page.GotoAsync("/sign-in");
            await CheckAsync(page);
            await page.SignInAsync("alice", "/databases?role=shop-readonly");
            await page.AskAsync("fix order 42");
            await CheckAsync(page);
            await page.Button("Done").ClickAsync();
            await page.Button("Extend shop-readonly").ClickAsync();
            await CheckAsync(page);
            await page.Button("End now: shop-readonly").ClickAsync();
            await CheckAsync(page);
            foreach (var address in s_pages)
            {
                await page.GotoAsync(address);
                await page.ReadyAsync();
                await CheckAsync(page);
            }

            await CheckCloudCredentialAsync(page);
            complaints.ShouldBeEmpty();
        },
        new() { ColorScheme = colours, ViewportSize = new() { Width = width, Height = 844 } });

    [Fact]
    public Task A_password_is_on_the_screen_once_and_neither_circuit_nor_page_keeps_it() => WithPageAsync(async page =>
    {
        var frames = new CircuitFrames(page);
        await page.SignInAsync("alice", "/databases?role=shop-readonly");
        await page.Reason.FillAsync("fix order 42");
        await page.GetCredentials.DblClickAsync();
        await page.Secret.WaitForAsync();
        await Expect(page.Password).ToHaveTextAsync(new Regex("^•+$"));
        await page.Button("Show password").ClickAsync();
        var password = (await page.Password.TextContentAsync())!;
        var user = (await page.Secret.Locator("[data-secret=user]").TextContentAsync())!;
        (await page.Secret.TextContentAsync())!.ShouldContain($"PGPASSWORD='{password}'");
        await page.Button("Done").ClickAsync();

        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
        await Expect(page.GetCredentials).ToBeFocusedAsync();
        await Expect(page.Locator(".held")).ToHaveCountAsync(1);
        (await page.ContentAsync()).ShouldNotContain(password);
        frames.Text.ShouldContain(user);
        frames.Text.ShouldNotContain(password);
    });

    [Fact]
    public Task Escape_asks_before_a_password_is_forgotten_that_nobody_has_copied() => WithPageAsync(async page =>
    {
        await page.SignInAsync("alice", "/databases?role=shop-readonly");
        await page.AskAsync("fix order 42");

        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Secret).ToContainTextAsync("Nothing is copied yet. Closing forgets the password.");
        await page.Button("Keep open").ClickAsync();
        await page.Button("Copy password").ClickAsync();
        await Expect(page.Locator("[data-announcer]")).ToHaveTextAsync("Copied");
        await page.Keyboard.PressAsync("Escape");

        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
    });

    [Fact]
    public Task Signing_out_in_another_tab_takes_the_password_off_the_screen() => WithPageAsync(async page =>
    {
        await page.SignInAsync("alice", "/databases?role=shop-readonly");
        await page.AskAsync("fix order 42");
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync("/");
        await other.ReadyAsync();

        await other.GetByRole(AriaRole.Button, new() { Name = "Account of alice" }).ClickAsync();
        await other.Button("Sign out").ClickAsync();

        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign in with GitHub" })).ToBeVisibleAsync(new() { Timeout = 20_000 });
    });

    [Fact]
    public Task What_was_typed_outlives_a_reload_and_goes_with_the_sign_out() => WithPageAsync(async page =>
    {
        await page.SignInAsync("alice", "/databases?role=shop-readonly");
        await page.Reason.FillAsync("INC-1187");
        await page.GetByRole(AriaRole.Radio, new() { Name = "4 h" }).CheckAsync();
        await page.ReloadAsync();
        await Expect(page.Reason).ToHaveValueAsync("INC-1187");
        await Expect(page.GetByRole(AriaRole.Radio, new() { Name = "4 h" })).ToBeCheckedAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Account of alice" }).ClickAsync();
        await page.Button("Sign out").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" })).ToBeVisibleAsync();
        await page.SignInAsync("alice", "/databases?role=shop-readonly");
        await Expect(page.Reason).ToHaveValueAsync("");
    });

    [Fact]
    public Task The_theme_is_kept_and_right_from_the_first_paint() => WithPageAsync(async page =>
    {
        await page.SignInAsync("alice");
        await page.GetByRole(AriaRole.Button, new() { Name = "Theme: System" }).ClickAsync();
        await page.GetByText("Dark", new() { Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Theme: Dark" })).ToBeVisibleAsync();

        await page.RouteAsync("**/blazor.web*.js", route => route.AbortAsync());
        await page.ReloadAsync();
        await Expect(page.Locator(".skeleton")).ToBeVisibleAsync();
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(15, 19, 23)");
    });

    [Fact]
    public Task Countdowns_follow_the_server_and_tell_a_screen_reader_at_ten_minutes_once() => WithPageAsync(async page =>
    {
        await page.SignInAsync("alice");
        // The browser's clock is an hour behind the server's, which the page's own time tells.
        await page.AddInitScriptAsync("const now = Date.now; Date.now = () => now() - 3600000;");
        await page.GotoAsync("/");
        await page.ReadyAsync();
        await page.EvaluateAsync("""
            () => {
                window.said = [];
                const region = document.getElementById("announcer");
                new MutationObserver(() => region.textContent && said.push(region.textContent)).observe(region, { childList: true });
                const start = Date.now();
                const inSeconds = (seconds, id) => {
                    const time = document.createElement("time");
                    time.id = id;
                    time.dataset.ends = new Date(start + 3600000 + seconds * 1000).toISOString();
                    time.dataset.label = "shop-readonly";
                    document.getElementById("content").append(time);
                };
                inSeconds(602, "soon");
                inSeconds(602, "twice");
                inSeconds(7200, "calm");
                inSeconds(1, "over");
                inSeconds(200000, "far");
            }
            """);

        await Expect(page.Locator("#soon")).ToHaveAttributeAsync("data-state", "soon");
        await Expect(page.Locator("#soon .digits")).ToHaveTextAsync(new Regex("^09:5\\d$"));
        await Expect(page.Locator("#soon .soon")).ToHaveTextAsync("ends soon");
        await Expect(page.Locator("#calm .digits")).ToHaveTextAsync(new Regex("^1:59:5\\d$"));
        await Expect(page.Locator("#over .digits")).ToHaveTextAsync("ended");
        await Expect(page.Locator("#far .digits")).ToHaveTextAsync(new Regex("^\\d{1,2} \\w{3,4}, \\d\\d:\\d\\d$"));
        await Expect(page.Locator("#announcer")).ToHaveTextAsync("shop-readonly ends in 10 minutes.");
        (await page.EvaluateAsync<string[]>("said")).ShouldBe(["shop-readonly ends in 10 minutes."]);
    });

    [Fact]
    public Task A_lost_connection_is_told_and_comes_back_by_itself() => WithPageAsync(async page =>
    {
        await page.SignInAsync("alice", "/databases?role=shop-readonly");
        await page.Reason.FillAsync("INC-1187");

        await page.Context.SetOfflineAsync(true);
        await page.EvaluateAsync("Blazor._internal.forceCloseConnection()");
        await Expect(page.GetByText("The connection is lost")).ToBeVisibleAsync();
        await page.Context.SetOfflineAsync(false);

        await Expect(page.GetByText("The connection is lost")).ToBeHiddenAsync(new() { Timeout = 20_000 });
        await Expect(page.Reason).ToHaveValueAsync("INC-1187");
        await page.GetCredentials.ClickAsync();
        await page.Secret.WaitForAsync();
    });

    [Fact]
    public Task What_is_typed_into_a_filter_is_never_overwritten_and_stands_in_the_address() => WithPageAsync(async page =>
    {
        await page.SignInAsync("alice", "/audit");
        var filter = page.GetByLabel("Filter events");
        await filter.EvaluateAsync("""
            field => {
                window.overwritten = 0;
                const { get, set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
                Object.defineProperty(field, "value", { get, set(text) { overwritten++; set.call(this, text); } });
            }
            """);

        await filter.PressSequentiallyAsync("sign-in");

        await Expect(page).ToHaveURLAsync(new Regex("q=sign-in$"));
        await Expect(page.Locator("tbody tr")).Not.ToHaveCountAsync(0);
        await Expect(filter).ToHaveValueAsync("sign-in");
        (await page.EvaluateAsync<int>("overwritten")).ShouldBe(0);
        await page.ReloadAsync();
        await Expect(filter).ToHaveValueAsync("sign-in");
    });

    [Fact]
    public Task Vault_sealed_is_said_and_what_was_typed_waits_until_it_is_back() => WithPageAsync(async page =>
    {
        await page.SignInAsync("alice", "/databases?role=shop-readonly");
        await page.Reason.FillAsync("INC-1187");
        await Sandbox.Vault.Control.SealAsync(Cancel);
        await page.GetCredentials.ClickAsync();
        await Expect(page.GetByText("No credentials were made.")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Expect(page.Locator(".bar")).ToContainTextAsync("This page goes on by itself", new() { Timeout = 60_000 });

        await Sandbox.Vault.Control.UnsealAsync(Cancel);
        await Expect(page.Locator(".bar")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
        await Expect(page.GetByText("Vault answers again.")).ToBeVisibleAsync(new() { Timeout = 60_000 });

        await Expect(page.Reason).ToHaveValueAsync("INC-1187");
        await page.GetCredentials.ClickAsync();
        await page.Secret.WaitForAsync();
    });

    [Fact]
    public async Task While_GitHub_is_away_a_bar_says_what_still_counts()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["SignIn:MembershipInterval"] = "00:00:01" });
        await browsers.WithPageAsync(portal.Address, async page =>
        {
            await page.SignInAsync("alice", "/databases?role=shop-readonly");
            Sandbox.GitHub.State.Troubles.Unavailable = true;
            try
            {
                await Expect(page.Locator(".bar")).ToContainTextAsync("GitHub does not answer. Your teams as of", new() { Timeout = 40_000 });
                await Expect(page.GetCredentials).ToBeVisibleAsync();
            }
            finally
            {
                Sandbox.GitHub.State.Troubles.Clear();
            }

            await Expect(page.Locator(".bar")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
        });
    }

    private static async Task CheckCloudCredentialAsync(IPage page)
    {
        var name = $"page-{Guid.CreateVersion7():N}";
        await page.OpenTypeAsync("generic");
        await page.CloudName.FillAsync(name);
        await page.GetByLabel("Field’s name").FillAsync("API_KEY");
        await page.GetByLabel("Value").FillAsync("x");
        await CheckAsync(page);
        await page.Button("Register").ClickAsync();
        await page.Button("Reveal API_KEY").ClickAsync();
        await page.Button("Show API_KEY").WaitForAsync();
        await page.Button("Revoke…").ClickAsync();
        await CheckAsync(page);
        await page.Button($"Rotate {name}").ClickAsync();
        await page.Button("Add a field").ClickAsync();
        await CheckAsync(page);
        await page.GotoAsync("/cloud-credentials");
        await page.ReadyAsync();
        await CheckAsync(page);
    }

    private async Task WithPageAsync(Func<IPage, Task> act, BrowserNewContextOptions? options = null)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        await browsers.WithPageAsync(portal.Address, act, options);
    }
}
