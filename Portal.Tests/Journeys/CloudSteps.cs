using System.Text;
using System.Text.Json;
using Microsoft.Playwright;

namespace Portal.Tests.Journeys;

/// <summary>What people do on the pages of cloud credentials, by what they see.</summary>
public static class CloudSteps
{
    public const string Cloud = "/cloud-credentials";

    extension(IPage page)
    {
        /// <summary>The form of a type.</summary>
        public async Task OpenTypeAsync(string type)
        {
            await page.GotoAsync($"{Cloud}/new?type={type}&team=payments");
            await page.ReadyAsync();
            await page.CloudName.WaitForAsync();
        }

        public ILocator CloudName => page.GetByLabel("Name", new() { Exact = true });

        public ILocator Field(string name) => page.Locator($"[name='field:{name}']");

        /// <summary>What stands at a field as wrong with it.</summary>
        public ILocator FieldError(string name) => page.Locator($"[data-error='{name}']");

        public ILocator Register => page.GetByRole(AriaRole.Button, new() { Name = "Verify and register" });

        public async Task FillFieldsAsync(IReadOnlyDictionary<string, string> values)
        {
            foreach (var (name, value) in values)
                await page.Field(name).FillAsync(value);
        }

        /// <summary>Gives a file, as the browser's dialog does.</summary>
        public Task ChooseFileAsync(string name, string text) =>
            page.Locator("[data-cloud-file] input").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "application/octet-stream", Buffer = Encoding.UTF8.GetBytes(text) });

        /// <summary>Drops a file onto the form's place for it.</summary>
        public Task DropFileAsync(string name, string text) => page.Locator("[data-cloud-file]").EvaluateAsync(
            """
            (zone, [name, text]) => {
                const data = new DataTransfer();
                data.items.add(new File([text], name));
                zone.dispatchEvent(new DragEvent("dragover", { dataTransfer: data, bubbles: true, cancelable: true }));
                zone.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
            }
            """,
            new[] { name, text });

        public async Task OpenCloudAsync(string name)
        {
            await page.GotoAsync($"{Cloud}/payments/{name}");
            await page.ReadyAsync();
        }

        public ILocator CloudVersion(int number) => page.Locator($"[data-version='{number}']");

        /// <summary>By keyboard alone.</summary>
        public async Task TabToAsync(ILocator target)
        {
            for (var presses = 0; presses < 80; presses++)
            {
                await page.Keyboard.PressAsync("Tab");
                if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
                    return;
            }

            throw new InvalidOperationException("The keyboard does not get there.");
        }

        /// <summary>All that the tab keeps beside the page.</summary>
        public Task<string> StoredAsync() => page.EvaluateAsync<string>("JSON.stringify([{ ...sessionStorage }, { ...localStorage }])");
    }

    /// <summary>A key file of Google's, as its console gives it.</summary>
    public static string KeyFile(IReadOnlyDictionary<string, string> values) => JsonSerializer.Serialize(values);
}
