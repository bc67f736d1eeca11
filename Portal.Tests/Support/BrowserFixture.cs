using Microsoft.Playwright;
using Portal.Tests.Support;

[assembly: AssemblyFixture(typeof(BrowserFixture))]

namespace Portal.Tests.Support;

/// <summary>Debian's Chromium, started by the first test that asks for it.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> _started = new(StartAsync);

    /// <summary>
    /// Does something in a browser window of its own: no cookie is shared. When it fails, a screenshot and a trace are
    /// kept under artifacts/journeys/. An exception that the page's own scripts do not catch fails it too.
    /// </summary>
    /// <param name="address">What relative addresses start from.</param>
    /// <param name="options">Such as the size of the window, or dark colours.</param>
    public async Task WithPageAsync(Uri address, Func<IPage, Task> act, BrowserNewContextOptions? options = null)
    {
        var (_, browser) = await _started.Value;
        options = new BrowserNewContextOptions(options ?? new()) { BaseURL = address.AbsoluteUri };
        await using var context = await browser.NewContextAsync(options);
        await context.Tracing.StartAsync(new() { Screenshots = true, Snapshots = true });
        var page = await context.NewPageAsync();
        var faults = new List<string>();
        context.Console += (_, message) => Report($"console {message.Type}: {message.Text}");
        context.WebError += (_, error) =>
        {
            faults.Add(error.Error);
            Report($"page error: {error.Error}");
        };
        try
        {
            await act(page);
            if (faults.Count > 0)
                throw new InvalidOperationException($"The page's scripts failed:\n{string.Join('\n', faults)}");
        }
        catch
        {
            await KeepAsync(context);
            throw;
        }

        await context.Tracing.StopAsync();
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (!_started.IsValueCreated || !_started.Value.IsCompletedSuccessfully)
            return;
        var (playwright, browser) = await _started.Value;
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    private static async Task<(IPlaywright, IBrowser)> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Headless = Environment.GetEnvironmentVariable("HEADED") is not "1",
            Args =
            [
                "--no-sandbox", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
            ],
        });
        return (playwright, browser);
    }

    private static async Task KeepAsync(IBrowserContext context)
    {
        var folder = Path.Combine(Repository.Root, "artifacts/journeys", FileName(TestContext.Current.Test?.TestDisplayName ?? "page"));
        foreach (var (page, number) in context.Pages.Select((page, index) => (page, index + 1)))
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"page-{number}.png"), FullPage = true });
        await context.Tracing.StopAsync(new() { Path = Path.Combine(folder, "trace.zip") });
        Report($"Screenshot and trace lie in {folder}; look at them with: playwright show-trace trace.zip");
    }

    private static string FileName(string name) =>
        string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'))[..Math.Min(name.Length, 120)];

    private static void Report(string line)
    {
        try
        {
            TestContext.Current.TestOutputHelper?.WriteLine(line);
        }
        catch (InvalidOperationException)
        {
            // The page spoke after its test had ended.
        }
    }
}
