using Microsoft.Playwright;
using Portal.Tests.Features.CloudCredentials;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Journeys;

/// <summary>Who sees the values of a cloud credential, and for how long, in a real browser.</summary>
public sealed class CloudRevealJourneyTests(SandboxFixture fixture, BrowserFixture browsers) : CloudTests(fixture)
{
    [Fact]
    public Task A_value_is_on_the_screen_only_after_a_reveal_and_passes_no_circuit() => WithPageAsync(async (portal, page, person) =>
    {
        var (name, canary) = (Name(), Canary());
        await person.RegisterCloudAsync(name, One("token", canary));
        var frames = new CircuitFrames(page);
        await page.SignInAsync("alice");
        await page.OpenCloudAsync(name);
        (await page.ContentAsync()).ShouldNotContain(canary);

        await page.Button("Reveal token").ClickAsync();
        await Expect(page.Button("Copy token")).ToBeVisibleAsync();
        (await page.ContentAsync()).ShouldNotContain(canary);
        await page.Button("Show token").ClickAsync();
        await Expect(page.Locator("[data-value=token]")).ToHaveTextAsync(canary);
        // The page looks at it anew meanwhile.
        await page.Button("Tags and end date").ClickAsync();
        await Expect(page.Locator("[data-value=token]")).ToHaveTextAsync(canary);
        await page.Button("Hide token").ClickAsync();
        (await page.ContentAsync()).ShouldNotContain(canary);

        await page.Button("Reveal token").ClickAsync();
        await page.Button("Show token").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Cloud credentials" }).ClickAsync();
        await page.GetByLabel("Filter cloud credentials").WaitForAsync();
        (await page.ContentAsync() + await page.StoredAsync() + frames.Text + portal.Log.Text).ShouldNotContain(canary);
    });

    [Fact]
    public Task A_revealed_value_goes_after_a_minute_and_with_a_new_version() => WithPageAsync(async (portal, page, person) =>
    {
        var (name, canary) = (Name(), Canary());
        await person.RegisterCloudAsync(name, One("token", canary));
        await page.SignInAsync("alice");
        await page.Clock.InstallAsync();
        await page.OpenCloudAsync(name);
        await page.Button("Reveal token").ClickAsync();
        await page.Button("Show token").ClickAsync();
        await Expect(page.Locator("[data-value=token]")).ToHaveTextAsync(canary);

        await page.Clock.RunForAsync(61_000);
        await Expect(page.Button("Reveal token")).ToBeVisibleAsync();
        (await page.ContentAsync()).ShouldNotContain(canary);

        await page.Button("Reveal token").ClickAsync();
        await page.Button("Show token").ClickAsync();
        await person.ChangeCloudAsync(await RowAsync(portal, name), One("token", "another"));
        await page.Button("Tags and end date").ClickAsync();
        await Expect(page.Button("Reveal token")).ToBeVisibleAsync(new() { Timeout = 30_000 });
    });

    [Fact]
    public Task Another_member_sees_whom_to_ask_and_no_way_to_reveal() => WithPageAsync(async (portal, page, _) =>
    {
        var name = Name();
        using var carol = await portal.SignInAsync("carol");
        await carol.RegisterCloudAsync(name, One("token", "x"));
        await page.SignInAsync("alice");
        await page.OpenCloudAsync(name);

        await Expect(page.Locator(".notice-info")).ToContainTextAsync("Only carol, who registered it, and the admins of team payments may change, reveal or revoke it.");
        foreach (var act in new[] { "Reveal token", $"Rotate {name}", "Tags and end date", "Revoke…" })
            await Expect(page.Button(act)).ToHaveCountAsync(0);
        await page.OpenCloudAsync("there-is-none");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "There is nothing here" })).ToBeVisibleAsync();
    });

    /// <param name="act">Given alice in another browser, too.</param>
    private async Task WithPageAsync(Func<TestPortal, IPage, Person, Task> act)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        await browsers.WithPageAsync(portal.Address, page => act(portal, page, alice));
    }
}
