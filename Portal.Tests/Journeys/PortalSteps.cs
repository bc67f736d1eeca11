using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Portal.Tests.Journeys;

/// <summary>What people do on the portal's pages, by what they see.</summary>
public static class PortalSteps
{
    extension(IPage page)
    {
        /// <summary>Through the sandbox's GitHub, to the page one wanted.</summary>
        public async Task SignInAsync(string login, string wanted = "/")
        {
            await page.GotoAsync(wanted);
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with GitHub" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = login }).ClickAsync();
            await page.ReadyAsync();
        }

        /// <summary>The circuit is up and no list is still loading.</summary>
        public async Task ReadyAsync()
        {
            await page.Locator("h1").First.WaitForAsync();
            await page.Locator(".loading").First.WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        }

        public ILocator Reason => page.GetByLabel("Why");

        public ILocator GetCredentials => page.GetByRole(AriaRole.Button, new() { Name = "Get credentials" });

        /// <summary>The dialog that shows a login once.</summary>
        public ILocator Secret => page.GetByRole(AriaRole.Dialog);

        public ILocator Password => page.Secret.Locator("[data-secret=password]");

        public ILocator TokenName => page.GetByLabel("Name", new() { Exact = true });

        public ILocator MakeToken => page.Button("Make token");

        /// <summary>In the dialog.</summary>
        public ILocator Token => page.Secret.Locator("[data-secret=token]");

        public ILocator GetCertificate => page.Button("Get certificate");

        /// <summary>Where one pastes a public key.</summary>
        public ILocator PublicKey => page.GetByLabel("Public key");

        /// <summary>What the page's script found in it.</summary>
        public ILocator KeySays => page.Locator("[data-key-says]");

        /// <summary>One of the ways to give a key.</summary>
        public ILocator KeyFrom(string way) => page.GetByRole(AriaRole.Radio, new() { Name = way });

        public ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

        public async Task AskAsync(string reason)
        {
            await page.Reason.FillAsync(reason);
            await page.GetCredentials.ClickAsync();
            await page.Secret.WaitForAsync();
        }

        /// <summary>Gives a public key and gets a certificate for it.</summary>
        public async Task GetCertificateAsync(string publicKey, string reason = "INC-42")
        {
            await page.Reason.FillAsync(reason);
            await page.KeyFrom("Paste or drop").CheckAsync();
            await page.PublicKey.FillAsync(publicKey);
            await page.GetCertificate.ClickAsync();
            await page.Secret.WaitForAsync();
        }

        /// <summary>Makes a key in the page and gets a certificate for it.</summary>
        public async Task MakeKeyAsync(string reason = "INC-42")
        {
            await page.Reason.FillAsync(reason);
            await page.KeyFrom("Make a new one here").CheckAsync();
            await page.GetCertificate.ClickAsync();
            await page.Secret.WaitForAsync();
        }

        /// <summary>Takes a file that the dialog offers, whose name has a mark of its certificate between start and end.</summary>
        /// <param name="to">Where files of a name go.</param>
        /// <returns>The file's path there.</returns>
        public async Task<string> DownloadAsync(string start, string end, Func<string, string> to)
        {
            var button = page.GetByRole(AriaRole.Button, new() { NameRegex = new($"^Download {start}-[0-9a-f]{{8}}{Regex.Escape(end)}$") });
            var name = (await button.GetAttributeAsync("aria-label"))!["Download ".Length..];
            var download = await page.RunAndWaitForDownloadAsync(() => button.ClickAsync());
            download.SuggestedFilename.ShouldBe(name);
            await download.SaveAsAsync(to(name));
            return to(name);
        }

        /// <summary>Takes a key that was made in the page, and its certificate, as <c>ssh</c> wants them.</summary>
        /// <returns>The key's path.</returns>
        public async Task<string> DownloadMadeAsync(string role, Func<string, string> to)
        {
            var key = await page.DownloadAsync($"vault-{role}", "", to);
            (await page.DownloadAsync($"vault-{role}", ".pub", to)).ShouldBe($"{key}.pub");
            (await page.DownloadAsync($"vault-{role}", "-cert.pub", to)).ShouldBe($"{key}-cert.pub");
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return key;
        }

        public async Task MakeTokenAsync(string name, string scope = "databases", string life = "30 days")
        {
            await page.TokenName.FillAsync(name);
            await page.GetByRole(AriaRole.Checkbox, new() { Name = scope }).CheckAsync();
            if (await page.GetByRole(AriaRole.Radio, new() { Name = life }).CountAsync() > 0)
                await page.GetByRole(AriaRole.Radio, new() { Name = life }).CheckAsync();
            else
            {
                await page.GetByRole(AriaRole.Radio, new() { Name = "Other" }).CheckAsync();
                await page.GetByLabel("Other duration").FillAsync(life);
            }

            await page.MakeToken.ClickAsync();
            await page.Secret.WaitForAsync();
        }
    }
}
