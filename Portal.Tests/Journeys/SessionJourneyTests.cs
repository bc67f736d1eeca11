using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Playwright;
using Portal.Features.SignIn;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Journeys;

/// <summary>What open pages do when their session is used, idle or over. The portal's clock is the test's.</summary>
public sealed class SessionJourneyTests(SandboxFixture fixture, BrowserFixture browsers) : SandboxTests(fixture)
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public Task A_page_that_renders_by_itself_is_idle_and_a_click_is_use() => WithPortalAsync(async (portal, page) =>
    {
        await page.SignInAsync("alice", "/databases?role=shop-readonly");
        var signedInAt = await LastUsedAsync(portal);

        // Lists refresh themselves every few seconds: the browser acknowledges each time.
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(2));
            await page.EvaluateAsync("() => new Promise(requestAnimationFrame)");
        }

        (await LastUsedAsync(portal)).ShouldBe(signedInAt);
        await page.Locator("h1").ClickAsync();
        await page.GetByText("shop-readwrite").First.ClickAsync();
        await Eventually.TrueAsync(async () => await LastUsedAsync(portal) == _time.GetUtcNow(), "the click counts as use");
    });

    [Fact]
    public Task A_page_left_open_for_an_hour_asks_to_sign_in_and_comes_back_to_itself() => WithPortalAsync(async (portal, page) =>
    {
        await page.SignInAsync("alice", "/databases?role=shop-readwrite");

        _time.Advance(TimeSpan.FromMinutes(61));

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign in with GitHub" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with GitHub" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "alice" }).ClickAsync();
        await page.ReadyAsync();
        new Uri(page.Url).PathAndQuery.ShouldBe("/databases?role=shop-readwrite");
    });

    [Fact]
    public Task A_session_that_ends_on_the_server_sends_the_open_page_to_sign_in() => WithPortalAsync(async (portal, page) =>
    {
        await page.SignInAsync("alice", "/databases?role=shop-readonly");

        // Not through the page: its script would tell the other tabs by itself.
        await portal.Get<Sessions>().SignOutAsync(await ActorAsync(portal));

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign in with GitHub" })).ToBeVisibleAsync();
        new Uri(page.Url).PathAndQuery.ShouldStartWith("/sign-in?returnUrl=%2Fdatabases");
    });

    [Fact]
    public Task A_session_that_ends_while_the_connection_is_lost_sends_the_page_to_sign_in() => WithPortalAsync(async (portal, page) =>
    {
        await page.SignInAsync("alice", "/databases?role=shop-readonly");
        await page.Context.SetOfflineAsync(true);
        await page.EvaluateAsync("Blazor._internal.forceCloseConnection()");
        await Expect(page.GetByText("The connection is lost")).ToBeVisibleAsync();
        await portal.Get<Sessions>().SignOutAsync(await ActorAsync(portal));

        await page.Context.SetOfflineAsync(false);

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign in with GitHub" })).ToBeVisibleAsync(new() { Timeout = 20_000 });
        new Uri(page.Url).PathAndQuery.ShouldStartWith("/sign-in?returnUrl=%2Fdatabases");
    });

    [Fact]
    public Task Signing_out_is_not_cut_off_by_the_end_of_the_session() => WithPortalAsync(async (portal, page) =>
    {
        var heard = new TaskCompletionSource();
        await page.SignInAsync("alice", "/databases?role=shop-readonly");
        var actor = await ActorAsync(portal);
        // The circuit hears of it before the browser has its answer.
        await page.ExposeFunctionAsync("heard", heard.SetResult);
        await page.EvaluateAsync("() => { const { signIn } = portal; portal.signIn = () => { signIn(); heard(); }; }");
        await page.RouteAsync("**/sign-out", async route =>
        {
            await portal.Get<Sessions>().SignOutAsync(actor);
            await heard.Task.WaitAsync(Cancel);
            await route.ContinueAsync();
        });

        await page.Button("Account of alice").ClickAsync();
        await page.Button("Sign out").ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You are signed out" })).ToBeVisibleAsync();
    });

    private static Task<Actor> ActorAsync(TestPortal portal) =>
        portal.DatabaseAsync(db => db.Sessions.Select(session => new Actor(session.UserId, session.Id, "alice", "")).SingleAsync(Cancel));

    private async Task WithPortalAsync(Func<TestPortal, IPage, Task> act)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, services: services => services.AddSingleton<TimeProvider>(_time));
        await browsers.WithPageAsync(portal.Address, page => act(portal, page));
    }

    private static Task<DateTimeOffset> LastUsedAsync(TestPortal portal) =>
        portal.DatabaseAsync(db => db.Sessions.Select(session => session.LastUsedAt).SingleAsync(Cancel));
}
