using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Portal.Tests.Features.CloudCredentials;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static Portal.Tests.Journeys.CloudSteps;

namespace Portal.Tests.Journeys;

/// <summary>Registering cloud credentials in a real browser.</summary>
public sealed class CloudJourneyTests(SandboxFixture fixture, BrowserFixture browsers) : CloudTests(fixture)
{
    [Theory]
    [InlineData(1440, 900)]
    [InlineData(390, 844)]
    public Task Alice_registers_a_key_of_AWS_which_is_verified(int width, int height) => WithPageAsync(
        async (_, page) =>
        {
            var name = Name();
            await page.SignInAsync("alice", Cloud);
            await page.GetByRole(AriaRole.Link, new() { Name = "Register a cloud credential" }).ClickAsync();
            await page.GetByLabel("Filter types").FillAsync("amazon");
            await page.GetByRole(AriaRole.Link, new() { NameRegex = new("Amazon Web Services") }).ClickAsync();
            await page.CloudName.FillAsync(name);
            await page.GetByLabel("Tags").FillAsync("env:prod journey");
            await page.FillFieldsAsync(Sandbox.Clouds.Seed.Values("amazon"));
            await page.Register.ClickAsync();

            await Expect(page).ToHaveURLAsync(new Regex($"{Cloud}/payments/{name}"));
            await Expect(page.Locator(".notice-good")).ToContainTextAsync("It is registered and verified.");
            await Expect(page.Locator(".cloud-check")).ToContainTextAsync("Amazon Web Services found it good");
            await page.GotoAsync($"{Cloud}?q={name}");
            await Expect(page.Locator(".cloud-held")).ToContainTextAsync("verified");
            await page.GetByRole(AriaRole.Link, new() { Name = "Tag journey" }).First.ClickAsync();
            await Expect(page).ToHaveURLAsync(new Regex("tag=journey"));
            await page.GetByRole(AriaRole.Link, new() { Name = "Failing" }).ClickAsync();
            await Expect(page.GetByText("No cloud credential is like that.")).ToBeVisibleAsync();
        },
        new() { ViewportSize = new() { Width = width, Height = height } });

    [Fact]
    public Task Nothing_typed_into_a_field_passes_the_circuit_or_is_kept_by_the_browser() => WithPageAsync(async (portal, page) =>
    {
        var (name, canary, second) = (Name("generic"), Canary(), Canary());
        var frames = new CircuitFrames(page);
        await page.SignInAsync("alice");
        await page.OpenTypeAsync("generic");
        await page.GetByLabel("Field’s name").FillAsync("API_KEY");
        await page.GetByLabel("Value").FillAsync(canary);
        await page.Button("Add a field").ClickAsync();
        await page.Locator("[data-row-name]").Nth(1).FillAsync("no good name");
        await page.Locator("[data-row-value]").Nth(1).FillAsync(second);
        await page.Button("Register").ClickAsync();

        // Nothing typed is lost, and the focus is where something is wrong.
        await Expect(page.FieldError("name")).ToContainTextAsync("Give it a name");
        await Expect(page.CloudName).ToBeFocusedAsync();
        await Expect(page.Locator(".cloud-row").Nth(1)).ToContainTextAsync("This is no name for a field");
        await page.CloudName.FillAsync(name);
        await page.Locator("[data-row-name]").Nth(1).FillAsync("OTHER");
        (await page.StoredAsync()).ShouldContain(name);
        (await page.StoredAsync()).ShouldNotContain(canary);
        await page.Button("Register").ClickAsync();

        await Expect(page.Locator(".notice-good")).ToContainTextAsync("It is registered.");
        await Expect(page.Locator(".cloud-values dt")).ToHaveTextAsync(["API_KEY", "OTHER"]);
        frames.Text.ShouldContain(name);
        var kept = frames.Text + await page.ContentAsync() + await page.StoredAsync() + portal.Log.Text;
        foreach (var text in new[] { canary, second })
            kept.ShouldNotContain(text);
    });

    [Fact]
    public Task A_key_file_of_Google_is_dropped_and_its_fields_are_filled() => WithPageAsync(async (_, page) =>
    {
        var (name, values) = (Name("google"), Sandbox.Clouds.Seed.Values("google"));
        var frames = new CircuitFrames(page);
        await page.SignInAsync("alice");
        await page.OpenTypeAsync("google");
        await page.CloudName.FillAsync(name);
        await page.DropFileAsync("note.json", "{ \"type\": \"authorized_user\" }");
        await Expect(page.Locator("[data-cloud-file-says]")).ToContainTextAsync("note.json is taken");
        await page.Register.ClickAsync();
        await Expect(page.Locator("[aria-invalid=true]").First).ToBeFocusedAsync();
        await Expect(page.GetByText("This is the sign-in of a person").First).ToBeVisibleAsync();

        await page.ChooseFileAsync("acme-shop.json", KeyFile(values));
        await Expect(page.Locator("[data-cloud-file-says]")).ToContainTextAsync("acme-shop.json is taken");
        await page.Register.ClickAsync();

        await Expect(page.Locator(".notice-good")).ToContainTextAsync("It is registered and verified.");
        await Expect(page.Locator(".cloud-values")).ToContainTextAsync(values["client_email"]);
        frames.Text.ShouldNotContain(values["private_key"].Split('\n')[3]);
    });

    [Fact]
    public Task A_file_that_is_too_large_is_not_taken() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("alice");
        await page.OpenTypeAsync("google");

        await page.ChooseFileAsync("film.json", new string('x', (1024 * 1024) + 1));

        await Expect(page.FieldError("file")).ToContainTextAsync("at most 1 MB is read");
        await Expect(page.Locator("[data-cloud-file-says]")).ToBeEmptyAsync();
    });

    [Fact]
    public Task What_AWS_misses_is_listed_and_the_key_can_be_kept_all_the_same() => WithPageAsync(async (_, page) =>
    {
        var (name, amazon) = (Name(), Sandbox.Clouds.Control("amazon"));
        amazon.Remove("eu-central-1");
        try
        {
            await page.SignInAsync("alice");
            await page.OpenTypeAsync("amazon");
            await page.CloudName.FillAsync(name);
            await page.FillFieldsAsync(Sandbox.Clouds.Seed.Values("amazon"));
            await page.Register.ClickAsync();

            var note = page.Locator(".notice-error[role=alert]:visible");
            await Expect(note).ToContainTextAsync("Amazon Web Services does not find it good.");
            await Expect(note.Locator("li")).Not.ToHaveCountAsync(0);
            await Expect(page.Field("AWS_SECRET_ACCESS_KEY")).ToHaveValueAsync(Sandbox.Clouds.Seed.Values("amazon")["AWS_SECRET_ACCESS_KEY"]);
            await page.Button("Register without checking").ClickAsync();

            await Expect(page.Locator(".notice-good")).ToContainTextAsync("It is registered.");
            await page.Button("Verify now").ClickAsync();
            await Expect(page.Locator(".cloud-check")).ToContainTextAsync("failing");
            amazon.Clear();
            await page.Button("Verify now").ClickAsync();
            await Expect(page.Locator(".cloud-check")).ToContainTextAsync("found it good");
        }
        finally
        {
            amazon.Clear();
        }
    });

    [Fact]
    public Task A_name_that_is_taken_is_said_at_the_name() => WithPageAsync(async (portal, page) =>
    {
        var name = Name();
        using var carol = await portal.SignInAsync("carol");
        await carol.RegisterCloudAsync(name, One("token", "x"));
        await page.SignInAsync("alice");
        await page.OpenTypeAsync("amazon");
        await page.CloudName.FillAsync(name);
        await page.FillFieldsAsync(Sandbox.Clouds.Seed.Values("amazon"));
        await page.Register.ClickAsync();

        await Expect(page.FieldError("name")).ToContainTextAsync("has a cloud credential");
        await Expect(page.CloudName).ToBeFocusedAsync();
        await Expect(page.CloudName).ToHaveAttributeAsync("aria-invalid", "true");
    });

    [Fact]
    public Task All_of_it_works_by_keyboard() => WithPageAsync(async (_, page) =>
    {
        var name = Name();
        await page.SignInAsync("alice", Cloud);
        await page.TabToAsync(page.GetByRole(AriaRole.Link, new() { Name = "Register a cloud credential" }));
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("Filter types").WaitForAsync();
        await page.TabToAsync(page.GetByRole(AriaRole.Link, new() { NameRegex = new("^Amazon") }));
        await page.Keyboard.PressAsync("Enter");
        await page.CloudName.WaitForAsync();
        await page.TabToAsync(page.CloudName);
        await page.Keyboard.TypeAsync(name);
        foreach (var (field, value) in Sandbox.Clouds.Seed.Values("amazon"))
        {
            await page.TabToAsync(page.Field(field));
            await page.Keyboard.TypeAsync(value);
        }

        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator(".notice-good")).ToContainTextAsync("It is registered and verified.");
        await page.TabToAsync(page.Button("Reveal Secret access key"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Button("Show Secret access key")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("[data-value]")).ToHaveTextAsync(Sandbox.Clouds.Seed.Values("amazon")["AWS_SECRET_ACCESS_KEY"]);
        await page.TabToAsync(page.Button("Hide Secret access key"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Button("Reveal Secret access key")).ToBeFocusedAsync();
    });

    private async Task WithPageAsync(Func<TestPortal, IPage, Task> act, BrowserNewContextOptions? options = null)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        await browsers.WithPageAsync(portal.Address, page => act(portal, page), options);
    }
}
