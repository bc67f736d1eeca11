using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Playwright;
using Portal.Features.AccessTokens;
using Portal.Tests.Features.AccessTokens;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static Portal.Tests.Journeys.PageCheck;

namespace Portal.Tests.Journeys;

/// <summary>The page of access tokens in a real browser.</summary>
public sealed class TokenJourneyTests(SandboxFixture fixture, BrowserFixture browsers) : SandboxTests(fixture)
{
    private readonly SandboxFixture _fixture = fixture;

    [Theory]
    [InlineData(1440, 900)]
    [InlineData(390, 844)]
    public async Task Carol_makes_a_token_uses_it_revokes_it_and_is_refused(int width, int height)
    {
        await using var portal = await _fixture.StartPortalAsync();
        await browsers.WithPageAsync(
            portal.Address,
            async page =>
            {
                await page.SignInAsync("carol", "/tokens");
                await Expect(page.GetByText("You have no access tokens.")).ToBeVisibleAsync();
                await page.MakeTokenAsync("nightly backup", life: "7 days");
                await Expect(page.Token).ToHaveTextAsync(new Regex("^•+$"));
                await Expect(page.Secret.GetByRole(AriaRole.Tabpanel)).ToContainTextAsync($"{portal.Address.GetLeftPart(UriPartial.Authority)}/api/v1/me");
                await page.EvaluateAsync("Object.defineProperty(navigator.clipboard, 'writeText', { value: async (text) => { window.copied = text; } })");
                await page.Button("Copy token").ClickAsync();
                await Expect(page.Locator("[data-announcer]")).ToHaveTextAsync("Copied");
                var token = await page.EvaluateAsync<string>("copied");
                await page.GetByRole(AriaRole.Tab, new() { Name = ".env" }).ClickAsync();
                await Expect(page.Secret).Not.ToContainTextAsync(token);
                await page.Button("Show token").ClickAsync();
                await Expect(page.Token).ToHaveTextAsync(token);
                await Expect(page.Secret.GetByRole(AriaRole.Tabpanel)).ToContainTextAsync($"PORTAL_TOKEN='{token}'");
                await page.Button("Done").ClickAsync();

                await page.ReloadAsync();
                var row = page.Locator(".held");
                await Expect(row).ToContainTextAsync("nightly backup");
                await Expect(row).ToContainTextAsync("never used");
                await Expect(row.Locator("time .digits")).ToHaveTextAsync("7 days");
                await Expect(row.Locator("time .soon")).ToHaveTextAsync("ends soon");

                (await MeAsync(portal.Address, token)).ShouldBe("carol");
                await Expect(row).ToContainTextAsync("last used", new() { Timeout = 40_000 });
                await Expect(row).ToContainTextAsync("from 127.0.0.0/24");

                await page.Button("Revoke nightly backup").ClickAsync();
                await Expect(row).ToContainTextAsync("Programs that use it are refused at once.");
                await row.GetByRole(AriaRole.Button, new() { Name = "Revoke", Exact = true }).ClickAsync();
                await Expect(row).ToHaveCountAsync(0);
                (await MeAsync(portal.Address, token)).ShouldBe(nameof(HttpStatusCode.Unauthorized));
            },
            new() { ViewportSize = new() { Width = width, Height = height } });
    }

    [Fact]
    public Task A_token_is_on_the_screen_once_and_neither_circuit_nor_page_keeps_it() => WithPageAsync(async (portal, page) =>
    {
        var frames = new CircuitFrames(page);
        await page.SignInAsync("alice", "/tokens");
        await page.TokenName.FillAsync("nightly backup");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "databases" }).CheckAsync();
        await page.MakeToken.DblClickAsync();
        await page.Secret.WaitForAsync();
        await page.Button("Show token").ClickAsync();
        var token = (await page.Token.TextContentAsync())!;
        var signature = token.Split('.')[2];
        (await MeAsync(portal.Address, token)).ShouldBe("alice");
        await page.Button("Done").ClickAsync();

        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
        await Expect(page.MakeToken).ToBeFocusedAsync();
        await Expect(page.TokenName).ToHaveValueAsync("");
        await Expect(page.Locator(".held")).ToHaveCountAsync(1);
        (await page.ContentAsync()).ShouldNotContain(signature);
        await page.ReloadAsync();
        await page.ReadyAsync();
        (await page.ContentAsync()).ShouldNotContain(signature);
        frames.Text.ShouldContain("nightly backup");
        frames.Text.ShouldNotContain(signature);
        (await page.EvaluateAsync<string>("JSON.stringify([{ ...sessionStorage }, { ...localStorage }])")).ShouldNotContain(signature);
        // Two clicks made one.
        (await portal.DatabaseAsync(db => db.AccessTokens.CountAsync(Cancel))).ShouldBe(1);
    });

    [Fact]
    public Task All_of_it_works_by_keyboard() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("alice", "/tokens");

        await TabToAsync(page, page.TokenName);
        await page.Keyboard.TypeAsync("ci");
        await TabToAsync(page, page.GetByRole(AriaRole.Radio, new() { Name = "30 days" }));
        await page.Keyboard.PressAsync("ArrowLeft");
        await Expect(page.GetByRole(AriaRole.Radio, new() { Name = "7 days" })).ToBeCheckedAsync();
        await TabToAsync(page, page.GetByRole(AriaRole.Checkbox, new() { Name = "databases" }));
        await page.Keyboard.PressAsync("Space");
        await TabToAsync(page, page.MakeToken);
        await page.Keyboard.PressAsync("Enter");

        await page.Secret.WaitForAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Secret).ToContainTextAsync("Nothing is copied yet. Closing forgets the token.");
        await Expect(page.Button("Keep open")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await TabToAsync(page, page.Button("Done"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.MakeToken).ToBeFocusedAsync();

        await TabToAsync(page, page.Button("Revoke ci"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".question")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Button("Revoke ci")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".question")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("You have no access tokens.")).ToBeVisibleAsync();
    });

    [Fact]
    public Task Two_tabs_see_what_the_other_did_and_home_shows_it_too() => WithPageAsync(async (_, first) =>
    {
        await first.SignInAsync("alice", "/tokens");
        var second = await first.Context.NewPageAsync();
        await second.GotoAsync("/");
        await second.GetByRole(AriaRole.Link, new() { Name = "New token" }).WaitForAsync();

        await first.MakeTokenAsync("ci");
        await Expect(second.Locator(".held")).ToContainTextAsync("ci");
        await first.Button("Done").ClickAsync();
        await second.Button("Revoke ci").ClickAsync();
        await second.Locator(".question").GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();

        await Expect(second.Locator(".held")).ToHaveCountAsync(0);
        await Expect(first.Locator(".held")).ToHaveCountAsync(0);
    });

    [Fact]
    public Task The_dialog_can_revoke_what_it_shows() => WithPageAsync(async (portal, page) =>
    {
        await page.SignInAsync("alice", "/tokens");
        await page.MakeTokenAsync("ci");
        await page.Button("Show token").ClickAsync();
        var token = (await page.Token.TextContentAsync())!;

        await page.Secret.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(page.Secret).ToContainTextAsync("Revoke token ci? Programs that use it are refused at once.");
        await page.Secret.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();

        await Expect(page.Locator("dialog")).ToHaveCountAsync(0);
        await Expect(page.GetByText("You have no access tokens.")).ToBeVisibleAsync();
        (await MeAsync(portal.Address, token)).ShouldBe(nameof(HttpStatusCode.Unauthorized));
    });

    [Fact]
    public Task What_the_portal_finds_wrong_stands_at_its_field_and_what_was_typed_stays() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("alice", "/tokens");
        await page.MakeToken.ClickAsync();
        await Expect(page.Locator("#token-name-error")).ToContainTextAsync("Give the token a name");
        await Expect(page.Locator("#scopes-error")).ToContainTextAsync("Choose at least one scope");
        await CheckAsync(page);

        // More than the circuit takes in one message.
        var name = new string('n', 20_000);
        await page.TokenName.FillAsync(name);
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "databases" }).CheckAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "Other" }).CheckAsync();
        await page.GetByLabel("Other duration").FillAsync("91 days");
        await page.MakeToken.ClickAsync();

        await Expect(page.Locator("#token-name-error")).ToContainTextAsync("at most 100 are kept");
        await Expect(page.Locator("#duration-error")).ToContainTextAsync("between 1 min and 90 days");
        await page.ReloadAsync();
        await Expect(page.TokenName).ToHaveValueAsync(name);
        await Expect(page.GetByLabel("Other duration")).ToHaveValueAsync("91 days");
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Name = "databases" })).ToBeCheckedAsync();
    });

    [Fact]
    public Task Vault_sealed_is_said_and_what_was_typed_waits_until_it_is_back() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("alice", "/tokens");
        await page.TokenName.FillAsync("ci");
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "databases" }).CheckAsync();
        await Sandbox.Vault.Control.SealAsync(Cancel);
        await page.MakeToken.ClickAsync();
        await Expect(page.GetByText("No token was made.")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Expect(page.Locator(".bar")).ToContainTextAsync("This page goes on by itself", new() { Timeout = 60_000 });

        await Sandbox.Vault.Control.UnsealAsync(Cancel);
        await Expect(page.GetByText("Vault answers again.")).ToBeVisibleAsync(new() { Timeout = 90_000 });

        await Expect(page.TokenName).ToHaveValueAsync("ci");
        await page.MakeToken.ClickAsync();
        await page.Secret.WaitForAsync();
    });

    [Fact]
    public async Task What_never_reached_the_browser_is_said_and_one_click_revokes_it_and_makes_it_again()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var portal = await TestPortal.StartAsync(Sandbox, services: services => services.AddSingleton<TimeProvider>(time));
        await browsers.WithPageAsync(portal.Address, async page =>
        {
            await page.SignInAsync("alice", "/tokens");
            // The request arrives and is carried out; its answer never comes back.
            await page.RouteAsync("**/browser/access-tokens", async route =>
            {
                await route.FetchAsync();
                await route.AbortAsync();
            });
            await page.TokenName.FillAsync("ci");
            await page.GetByRole(AriaRole.Checkbox, new() { Name = "databases" }).CheckAsync();
            await page.MakeToken.ClickAsync();
            await Expect(page.GetByText("The connection broke before the answer came.")).ToBeVisibleAsync();
            await page.UnrouteAllAsync();
            // The list shows it from the start, and a minute later that nobody saw it.
            await Expect(page.Locator(".held")).ToContainTextAsync("ci");
            time.Advance(TimeSpan.FromSeconds(61));
            await Expect(page.Locator(".held")).ToContainTextAsync("never shown");

            await page.Button("Revoke and make again").ClickAsync();
            await page.Secret.WaitForAsync();
            await page.Button("Done").ClickAsync();

            await Expect(page.Locator(".held")).ToHaveCountAsync(1);
            await Expect(page.Button("Revoke ci")).ToBeVisibleAsync();
        });
        (await portal.DatabaseAsync(db => db.AccessTokens.CountAsync(token => token.State == AccessTokenState.Revoked, Cancel))).ShouldBe(1);
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 390)]
    public Task A_thousand_tokens_are_found_by_filter_and_order_and_pass_axe(ColorScheme colours, int width) => WithPageAsync(
        async (portal, page) =>
        {
            await page.SignInAsync("alice", "/tokens");
            await portal.SeedTokensAsync("alice", 1000);
            await page.ReloadAsync();
            await Expect(page.Locator(".held")).ToHaveCountAsync(50);
            await CheckAsync(page);

            await page.GetByLabel("Filter tokens").FillAsync("job-77");
            await Expect(page.GetByText("11 of 1000")).ToBeVisibleAsync();
            await page.GetByLabel("Order").SelectOptionAsync("By name");
            await Expect(page).ToHaveURLAsync(new Regex(@"/tokens\?q=job-77&order=name$"));
            await page.ReloadAsync();
            await Expect(page.Locator(".held-role").First).ToHaveTextAsync("job-77");
            await page.Button("Revoke job-77").ClickAsync();
            await CheckAsync(page);

            await page.GotoAsync("/");
            await page.ReadyAsync();
            await Expect(page.Locator(".held")).ToHaveCountAsync(5);
            await CheckAsync(page);
            await page.GetByRole(AriaRole.Link, new() { Name = "All 1000 tokens" }).ClickAsync();
            await page.TokenName.FillAsync("ci");
            await page.GetByRole(AriaRole.Checkbox, new() { Name = "databases" }).CheckAsync();
            await page.MakeToken.ClickAsync();
            await Expect(page.Locator("#token-name-error")).ToContainTextAsync("You hold 1000 access tokens, which is as many as one person may.");
        },
        new() { ColorScheme = colours, ViewportSize = new() { Width = width, Height = 844 } });

    private static async Task TabToAsync(IPage page, ILocator wanted)
    {
        for (var i = 0; i < 40; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            if (await wanted.EvaluateAsync<bool>("element => element === document.activeElement"))
                return;
        }

        await Expect(wanted).ToBeFocusedAsync();
    }

    /// <summary>As a program does.</summary>
    /// <returns>Whom the API takes it for, or how it refuses.</returns>
    private static async Task<string> MeAsync(Uri portal, string token)
    {
        using var http = new HttpClient { BaseAddress = portal };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.GetAsync("/api/v1/me", Cancel);
        return answer.IsSuccessStatusCode
            ? JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("login").GetString()!
            : answer.StatusCode.ToString();
    }

    private async Task WithPageAsync(Func<TestPortal, IPage, Task> act, BrowserNewContextOptions? options = null)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        await browsers.WithPageAsync(portal.Address, page => act(portal, page), options);
    }
}
