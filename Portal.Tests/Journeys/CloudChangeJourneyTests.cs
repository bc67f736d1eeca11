using Microsoft.Playwright;
using Portal.Features.CloudCredentials;
using Portal.Tests.Features.CloudCredentials;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Journeys;

/// <summary>What is done to a cloud credential that is there, in a real browser.</summary>
public sealed class CloudChangeJourneyTests(SandboxFixture fixture, BrowserFixture browsers) : CloudTests(fixture)
{
    [Fact]
    public Task A_key_is_rotated_restored_and_its_old_version_removed() => WithPageAsync(async (_, page, person) =>
    {
        var (name, canary) = (Name(), Canary());
        await person.RegisterCloudAsync(name, new Dictionary<string, string> { ["token"] = "first", ["other"] = "stays" });
        await page.SignInAsync("alice");
        await page.OpenCloudAsync(name);
        await page.Button($"Rotate {name}").ClickAsync();
        await Expect(page.Field("token")).ToHaveValueAsync("");
        await page.Field("token").FillAsync(canary);
        await page.Button("Rotate").ClickAsync();
        await Expect(page.Locator(".notice-good")).ToContainTextAsync("Version 2 is in use");
        await Expect(page.CloudVersion(2)).ToContainTextAsync("alice changed: token");

        await page.Button("Restore version 1").ClickAsync();
        await page.CloudVersion(1).GetByRole(AriaRole.Button, new() { Name = "Restore", Exact = true }).ClickAsync();
        await Expect(page.CloudVersion(3)).ToContainTextAsync("alice restored it from version 1");
        await Expect(page.CloudVersion(3)).ToContainTextAsync("in use");
        await page.Button("Reveal token").ClickAsync();
        await page.Button("Show token").ClickAsync();
        await Expect(page.Locator("[data-value=token]")).ToHaveTextAsync("first");

        await page.Button("Remove version 2").ClickAsync();
        await page.CloudVersion(2).GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true }).ClickAsync();
        await Expect(page.CloudVersion(2)).ToContainTextAsync("removed");
        await Expect(page.Button("Restore version 2")).ToHaveCountAsync(0);
    });

    [Fact]
    public Task Tags_and_end_are_set_and_cleared_without_a_word_of_the_fields() => WithPageAsync(async (_, page, person) =>
    {
        var name = Name();
        await person.RegisterCloudAsync(name, One("token", "x"));
        await page.SignInAsync("alice");
        await page.OpenCloudAsync(name);
        await page.Button("Tags and end date").ClickAsync();
        await page.GetByRole(AriaRole.Textbox, new() { NameRegex = new("^Tags") }).FillAsync("env:test, shop");
        await page.GetByLabel("Last day").FillAsync("2020-01-01");
        await page.Button("Save").ClickAsync();
        await Expect(page.FieldError("endsAt")).ToContainTextAsync("The end has passed already");
        await page.GetByLabel("Last day").FillAsync($"{DateTime.UtcNow.AddDays(5):yyyy-MM-dd}");
        await page.Button("Save").ClickAsync();

        await Expect(page.Locator(".cloud-head time.countdown .soon")).ToHaveTextAsync("ends soon");
        await Expect(page.Locator(".cloud-head .tag")).ToHaveTextAsync(["env:test", "shop"]);
        await Expect(page.CloudVersion(2)).ToContainTextAsync("alice changed: tags, end date");
        await page.Button("Tags and end date").ClickAsync();
        await page.GetByLabel("Last day").FillAsync("");
        await page.Button("Save").ClickAsync();
        await Expect(page.Locator(".cloud-head time.countdown")).ToHaveCountAsync(0);
    });

    [Fact]
    public Task Of_two_who_save_at_once_the_second_sees_both_and_decides() => WithPageAsync(async (portal, page, person) =>
    {
        var (name, mine) = (Name(), Canary());
        await person.RegisterCloudAsync(name, Sandbox.Clouds.Seed.Values("amazon"), "amazon");
        var frames = new CircuitFrames(page);
        await page.SignInAsync("alice");
        await page.OpenCloudAsync(name);
        await page.Button($"Rotate {name}").ClickAsync();
        await page.Field("AWS_SECRET_ACCESS_KEY").FillAsync(mine.PadRight(40, 'x')[..40]);
        using var carol = await portal.SignInAsync("carol");
        await carol.ChangeCloudAsync(await RowAsync(portal, name), One("AWS_REGION", "eu-west-1"));
        await page.Button("Rotate without checking").ClickAsync();

        var conflict = page.Locator(".conflict");
        await Expect(conflict).ToContainTextAsync("carol saved version 2 while you were here.");
        await Expect(conflict.Locator("section").Nth(0)).ToContainTextAsync("eu-west-1");
        await Expect(conflict.Locator("section").Nth(1)).ToContainTextAsync("AWS_SECRET_ACCESS_KEY");
        await Expect(conflict.Locator("section").Nth(1)).ToContainTextAsync("typed, not shown");
        await Expect(page.Field("AWS_SECRET_ACCESS_KEY")).ToHaveValueAsync(mine.PadRight(40, 'x')[..40]);
        await page.Button("Save mine on top").ClickAsync();
        // The cloud refuses a key that was made up.
        await page.Locator(".notice-error:visible").GetByRole(AriaRole.Button, new() { Name = "Rotate without checking" }).ClickAsync();

        await Expect(page.Locator(".notice-good")).ToContainTextAsync("Version 3 is in use");
        await Expect(page.Locator(".cloud-values")).ToContainTextAsync("eu-west-1");
        frames.Text.ShouldNotContain(mine);
    });

    [Fact]
    public Task A_revoke_says_what_stops_and_what_to_do_at_the_cloud() => WithPageAsync(async (portal, page, person) =>
    {
        var name = Name();
        await person.RegisterCloudAsync(name, Sandbox.Clouds.Seed.Values("amazon"), "amazon");
        await page.SignInAsync("alice");
        await page.OpenCloudAsync(name);
        await page.Button("Revoke…").ClickAsync();
        await Expect(page.Locator(".question")).ToContainTextAsync("Its only version is deleted from Vault. Programs that read it there stop working.");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Button("Revoke…")).ToBeFocusedAsync();
        await page.Button("Revoke…").ClickAsync();
        await page.Button("Revoke").ClickAsync();

        await Expect(page.Locator(".notice-warn")).ToContainTextAsync("Vault has nothing of it any more.");
        await Expect(page.Locator(".notice-warn")).ToContainTextAsync("aws iam delete-access-key");
        (await RowAsync(portal, name)).ShouldNotBeNull().State.ShouldBe(CloudState.Revoked);
    });

    [Fact]
    public Task Vault_sealed_is_said_and_what_was_typed_stays() => WithPageAsync(async (_, page, person) =>
    {
        var name = Name();
        await person.RegisterCloudAsync(name, One("token", "x"));
        await page.SignInAsync("alice");
        await page.OpenCloudAsync(name);
        await page.Button($"Rotate {name}").ClickAsync();
        await page.Field("token").FillAsync("second");
        await Sandbox.Vault.Control.SealAsync(Cancel);
        await page.Button("Rotate").ClickAsync();
        await Expect(page.GetByText("It was not changed.")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await page.Button("Reveal token").ClickAsync();
        await Expect(page.Locator(".reveal-says")).ToContainTextAsync("Vault is sealed");

        await Sandbox.Vault.Control.UnsealAsync(Cancel);
        await Expect(page.Field("token")).ToHaveValueAsync("second");
        await page.Button("Rotate").ClickAsync();
        await Expect(page.Locator(".notice-good")).ToContainTextAsync("Version 2 is in use", new() { Timeout = 30_000 });
    });


    /// <param name="act">Given alice in another browser, too.</param>
    private async Task WithPageAsync(Func<TestPortal, IPage, Person, Task> act)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        await browsers.WithPageAsync(portal.Address, page => act(portal, page, alice));
    }
}
