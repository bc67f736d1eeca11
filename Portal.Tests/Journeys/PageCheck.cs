using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Portal.Tests.Journeys;

public static class PageCheck
{
    /// <summary>Axe finds nothing serious, and nothing scrolls sideways.</summary>
    public static async Task CheckAsync(IPage page)
    {
        var results = await page.RunAxe();
        results.Violations.Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{page.Url}: {violation.Id} {string.Join(", ", violation.Nodes.Select(node => node.Html))}").ShouldBeEmpty();
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0, $"{page.Url} scrolls sideways");
    }
}
