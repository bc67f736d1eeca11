using System.Runtime.CompilerServices;

namespace Portal.Tests.Support;

public sealed class BrowserFixtureTests(BrowserFixture browser)
{
    private static readonly Uri s_nowhere = new("http://127.0.0.1");

    [Fact]
    public async Task A_failure_keeps_a_screenshot_and_a_trace()
    {
        await Should.ThrowAsync<TimeoutException>(() => browser.WithPageAsync(s_nowhere, async page =>
        {
            await page.SetContentAsync("<h1>Here</h1>");
            await page.GetByText("Not here").ClickAsync(new() { Timeout = 1 });
        }));

        Directory.GetFiles(Kept()).Select(Path.GetFileName).ShouldBe(["page-1.png", "trace.zip"], ignoreOrder: true);
        Directory.Delete(Kept(), recursive: true);
    }

    [Fact]
    public async Task An_exception_in_the_page_is_a_failure()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => browser.WithPageAsync(
            s_nowhere, page => page.SetContentAsync("<script>throw new Error('canary')</script>")));

        failure.Message.ShouldContain("canary");
        Directory.Delete(Kept(), recursive: true);
    }

    private static string Kept([CallerMemberName] string test = "") => Path.Combine(
        Repository.Root, "artifacts/journeys", $"Portal-Tests-Support-BrowserFixtureTests-{test.Replace('_', '-')}");
}
