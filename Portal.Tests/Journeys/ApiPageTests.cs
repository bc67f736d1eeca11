using Microsoft.Playwright;
using Portal.Shell;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Journeys;

/// <summary>The readable page of the REST API in a real browser.</summary>
public sealed class ApiPageTests(SandboxFixture fixture, BrowserFixture browsers) : SandboxTests(fixture)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 1440)]
    [InlineData(ColorScheme.Light, 390)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task It_obeys_its_policy_and_speaks_to_no_other_host(ColorScheme colours, int width)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        await browsers.WithPageAsync(
            portal.Address,
            async page =>
            {
                await page.GotoAsync(ApiDocument.Page);
                await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with GitHub" }).ClickAsync();
                await page.AddInitScriptAsync("document.addEventListener('securitypolicyviolation', event => console.error(`${event.violatedDirective} ${event.blockedURI}`))");
                var (complaints, requests) = (new List<string>(), new List<string>());
                page.Console += (_, message) =>
                {
                    if (message.Type is "error" or "warning")
                        complaints.Add(message.Text);
                };
                page.Request += (_, request) => requests.Add(request.Url);
                await page.GetByRole(AriaRole.Button, new() { Name = "alice" }).ClickAsync();

                await page.GetByRole(AriaRole.Heading, new() { Name = "Vault Portal" }).WaitForAsync();
                await page.GetByText("/api/v1/me").First.WaitForAsync();
                // Parts are drawn when they come into sight.
                await Eventually.TrueAsync(
                    async () =>
                    {
                        await page.EvaluateAsync("window.scrollBy(0, 500)");
                        return await page.GetByRole(AriaRole.Heading, new() { Name = "Databases" }).CountAsync() > 0;
                    },
                    "the last part is drawn");
                await page.WaitForLoadStateAsync(LoadState.NetworkIdle);

                (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - window.innerWidth")).ShouldBeLessThanOrEqualTo(0);
                await Expect(page.GetByText("Ask AI").Or(page.GetByText("Test Request")).Or(page.GetByText("Generate SDK"))).ToHaveCountAsync(0);
                (await page.Locator("a:visible").EvaluateAllAsync<string[]>("links => links.map(link => link.hostname)")).Distinct().ShouldBe([portal.Address.Host]);
                requests.Where(address => !address.StartsWith("data:", StringComparison.Ordinal)).Select(address => new Uri(address).Authority).Distinct()
                    .ShouldBe([Sandbox.GitHub.Address.Authority, portal.Address.Authority], ignoreOrder: true);
                complaints.ShouldBeEmpty();
            },
            new() { ColorScheme = colours, ViewportSize = new() { Width = width, Height = 844 } });
    }
}
