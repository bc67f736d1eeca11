using Microsoft.Playwright;
using Portal.Features.CloudCredentials;
using Portal.Tests.Features.CloudCredentials;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Journeys;

/// <summary>Every sensitive field of every type, typed into its form, revealed and hidden again in a real browser.</summary>
public sealed class CloudCanaryJourneyTests(SandboxFixture fixture, BrowserFixture browsers) : CloudTests(fixture)
{
    // What is shorter stands everywhere by chance.
    private const int ShortestCanary = 8;

    [Fact]
    public async Task No_value_passes_the_circuit_or_stands_in_the_page_before_and_after_a_reveal()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        var types = new CloudTypes();
        await browsers.WithPageAsync(portal.Address, async page =>
        {
            var frames = new CircuitFrames(page);
            await page.SignInAsync("alice");
            // The fields of a generic one are rows, see CloudJourneyTests.
            foreach (var type in types.All.Where(type => !type.TakesAnyField))
            {
                var values = CloudSamples.Of(type.Name);
                await page.OpenTypeAsync(type.Name);
                await page.CloudName.FillAsync(Name());
                if (type.File is null)
                    await page.FillFieldsAsync(values);
                else
                    await page.ChooseFileAsync("file", type.Name == "google" ? CloudSamples.GoogleFile() : values.Values.Single());
                await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Register( without checking)?$") }).ClickAsync();
                await Expect(page.Locator(".notice-good")).ToContainTextAsync("It is registered");

                var sensitive = type.Fields.Where(field => field.IsSensitive && values.ContainsKey(field.Name)).ToList();
                var canaries = sensitive.SelectMany(field => values[field.Name].Split('\n', '\r'))
                    .Where(line => line.Length >= ShortestCanary && !line.StartsWith("-----", StringComparison.Ordinal) && !line.Contains(": ", StringComparison.Ordinal) && !line.EndsWith(':')).ToList();
                await ShouldHoldNoneAsync(page, canaries, type.Name);
                foreach (var field in sensitive)
                {
                    await page.Button($"Reveal {field.Title}").ClickAsync();
                    await page.Button($"Show {field.Title}").ClickAsync();
                    // A browser breaks lines in its own way.
                    var shown = (await page.Locator($"[data-value='{field.Name}']").TextContentAsync())!;
                    (shown.ReplaceLineEndings("\n").Trim() == values[field.Name].ReplaceLineEndings("\n").Trim()).ShouldBeTrue($"{type.Name} {field.Name}");
                    await page.Button($"Hide {field.Title}").ClickAsync();
                }

                await ShouldHoldNoneAsync(page, canaries, type.Name);
                var passed = frames.Text;
                canaries.Count(canary => passed.Contains(canary, StringComparison.Ordinal)).ShouldBe(0, $"{type.Name} passed the circuit");
            }
        });
    }

    private static async Task ShouldHoldNoneAsync(IPage page, List<string> canaries, string type)
    {
        var kept = await page.ContentAsync() + await page.StoredAsync();
        canaries.Count(canary => kept.Contains(canary, StringComparison.Ordinal)).ShouldBe(0, $"{type} stands in the page");
    }
}
