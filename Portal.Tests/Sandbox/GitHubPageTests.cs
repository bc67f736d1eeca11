using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Playwright;
using Portal.Sandbox.GitHub;

namespace Portal.Tests.Sandbox;

/// <summary>The pages in a real browser, without scripts, on a phone.</summary>
public sealed class GitHubPageTests : GitHubTests
{
    private const string Chromium = "/usr/bin/chromium";

    [Theory]
    [InlineData("alice", "code")]
    [InlineData(null, "error")]
    public async Task A_choice_leads_back_to_the_application(string? login, string parameter)
    {
        // Any other server stands for the application: that the browser goes there is enough.
        await using var application = await GitHubServer.StartAsync();
        var callback = new Uri(application.Address, "/sign-in/github/callback").AbsoluteUri;
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        var page = await OpenAsync(browser, QueryHelpers.AddQueryString("/login/oauth/authorize", GitHubVisitor.Request(("redirect_uri", callback))));

        var request = await page.RunAndWaitForRequestAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = login ?? "Cancel" }).ClickAsync(),
            r => r.Url.StartsWith(callback, StringComparison.Ordinal));

        QueryHelpers.ParseQuery(new Uri(request.Url).Query).Keys.ShouldContain(parameter);
    }

    [Theory]
    [InlineData("/login/oauth/authorize", ColorScheme.Light)]
    [InlineData("/login/oauth/authorize", ColorScheme.Dark)]
    [InlineData("/orgs/acme/sso", ColorScheme.Light)]
    public async Task The_pages_are_accessible_and_fit_a_phone(string path, ColorScheme scheme)
    {
        State.AddUser("mallory", $"<script>alert(1)</script> {new string('x', 200)}");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await LaunchAsync(playwright);
        var page = await OpenAsync(browser, QueryHelpers.AddQueryString(path, GitHubVisitor.Request(("login", "carol"))), scheme);

        var result = await page.RunAxe(new AxeRunOptions());

        result.Violations.Select(v => $"{v.Id}: {v.Help}").ShouldBeEmpty();
        (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(390);
    }

    private static async Task<IBrowser> LaunchAsync(IPlaywright playwright)
    {
        Assert.SkipUnless(File.Exists(Chromium), "chromium is not installed");
        return await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
    }

    private async Task<IPage> OpenAsync(IBrowser browser, string path, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 390, Height = 844 }, ColorScheme = scheme, BaseURL = Server.Address.AbsoluteUri });
        await page.GotoAsync(path);
        return page;
    }
}
