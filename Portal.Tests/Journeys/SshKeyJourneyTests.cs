using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Portal.Tests.Features.Ssh;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Journeys;

/// <summary>Keys that people give to the page: judged there, by script, before anything is sent.</summary>
public sealed class SshKeyJourneyTests(SandboxFixture fixture, BrowserFixture browsers) : SshTests(fixture)
{
    // A file is given as by hand: by its choice, or dropped.
    private const string Drop = """
        ([name, text]) => {
            const given = new DataTransfer();
            given.items.add(new File([text], name));
            document.querySelector("[data-ssh-key]").dispatchEvent(new DragEvent("drop", { dataTransfer: given, bubbles: true, cancelable: true }));
        }
        """;

    // Answers whether the text still goes into the field.
    private const string Paste = """
        text => {
            const given = new DataTransfer();
            given.setData("text/plain", text);
            return document.querySelector("[data-key-text]").dispatchEvent(new ClipboardEvent("paste", { clipboardData: given, bubbles: true, cancelable: true }));
        }
        """;

    private static readonly string[] s_putty =
    [
        "PuTTY-User-Key-File-3: ssh-ed25519", "Encryption: none", "Comment: bob", "Public-Lines: 1", "AAAAC3Nz", "Private-Lines: 1", "MARKERMARKERMARKER", "Private-MAC: 00",
    ];

    [Fact]
    public Task A_private_key_is_refused_before_anything_of_it_is_sent_or_kept() => WithPageAsync(async (_, page) =>
    {
        var frames = new CircuitFrames(page);
        var sent = SshJourneyTests.Sent(page);
        await page.SignInAsync("bob", "/ssh");
        await page.Reason.FillAsync("INC-42");
        await page.KeyFrom("Paste or drop").CheckAsync();
        var texts = new List<string> { string.Join('\n', s_putty), "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nMARKERMARKERMARKER\n---- END SSH2 ENCRYPTED PRIVATE KEY ----" };
        foreach (var (name, type) in new[] { ("a", "-t ed25519"), ("b", "-t rsa -b 3072 -m PEM"), ("c", "-t ecdsa -m PKCS8"), ("d", "-t rsa -b 3072") })
        {
            Keygen.Generate(name, type.Split(' '));
            texts.Add(await File.ReadAllTextAsync(Keygen.Path(name), Cancel));
        }

        foreach (var text in texts)
        {
            (await page.EvaluateAsync<bool>(Paste, text)).ShouldBeFalse();
            await RefusedAsync();
            await page.PublicKey.FillAsync(text);
            await RefusedAsync();
            await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "id_ed25519", MimeType = "text/plain", Buffer = System.Text.Encoding.UTF8.GetBytes(text) });
            await RefusedAsync();
            await page.EvaluateAsync(Drop, new[] { "id_ed25519", text });
            await RefusedAsync();
        }

        await page.PublicKey.FillAsync("");
        await page.GetCertificate.ClickAsync();
        await Expect(page.Locator("#key-error")).ToContainTextAsync("Give a public key");
        foreach (var text in texts)
        {
            var marker = text.Split('\n').Where(line => line.Length > 10 && !line.Contains(' ')).MaxBy(line => line.Length)![..12];
            sent.ShouldAllBe(body => !body.Contains(marker));
            frames.Text.ShouldNotContain(marker);
            (await SshJourneyTests.StoredAsync(page)).ShouldNotContain(marker);
            (await page.ContentAsync()).ShouldNotContain(marker);
        }

        frames.Text.ShouldContain("Give a public key");

        async Task RefusedAsync()
        {
            await Expect(page.KeySays).ToContainTextAsync("This is a private key. Nothing of it was sent or kept");
            await Expect(page.PublicKey).ToHaveValueAsync("");
            // The next refusal has to say it anew.
            await page.PublicKey.FillAsync("x");
            await Expect(page.KeySays).Not.ToContainTextAsync("private key");
        }
    });

    [Fact]
    public Task A_private_key_in_the_place_of_a_reason_is_refused_there_and_a_reason_may_speak_of_one() => WithPageAsync(async (portal, page) =>
    {
        var frames = new CircuitFrames(page);
        var sent = SshJourneyTests.Sent(page);
        var line = Keygen.Generate("key", "-t", "ed25519");
        var secret = await File.ReadAllTextAsync(Keygen.Path("key"), Cancel);
        var marker = secret.Split('\n')[2];
        await page.SignInAsync("bob", "/ssh");
        await page.Reason.FillAsync("INC-42");
        await page.KeyFrom("Paste or drop").CheckAsync();
        await page.PublicKey.FillAsync(line);
        await page.Reason.FillAsync(secret);
        (await SshJourneyTests.StoredAsync(page)).ShouldNotContain(marker);
        await page.GetCertificate.ClickAsync();

        await Expect(page.Locator("#reason-error")).ToContainTextAsync("This holds a private key. Nothing of it was sent or kept");
        await Expect(page.Reason).ToHaveValueAsync("");
        (await SshJourneyTests.StoredAsync(page)).ShouldNotContain("INC-42");
        await page.Reason.FillAsync("replace a lost private key");
        await page.GetCertificate.ClickAsync();
        await page.Secret.WaitForAsync();
        (await RecordAsync(portal)).Credential.Reason.ShouldBe("replace a lost private key");
        sent.ShouldAllBe(body => !body.Contains(marker));
        frames.Text.ShouldNotContain(marker);
        (await page.ContentAsync()).ShouldNotContain(marker);
    });

    [Fact]
    public Task Keys_of_each_accepted_type_are_told_as_ssh_keygen_tells_them() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("bob", "/ssh");
        await page.KeyFrom("Paste or drop").CheckAsync();
        string[] made = ["-t ed25519", "-t ecdsa -b 256", "-t ecdsa -b 384", "-t ecdsa -b 521", "-t rsa -b 3072", "-t rsa -b 4096"];
        string[] lines =
        [
            .. made.Select((type, index) => Keygen.Generate($"key-{index}", [.. type.Split(' '), "-C", "bob@laptop"])),
            $"{TestKeys.Ed25519Sk} bob@laptop", $"{TestKeys.EcdsaSk} bob@laptop",
        ];
        foreach (var line in lines)
        {
            await File.WriteAllTextAsync(Keygen.Path("told"), line, Cancel);
            var told = Keygen.Run("-l", "-f", Keygen.Path("told")).Trim().Split(' ');
            var expected = $"{told[3].Trim('(', ')')} {told[0]} bits {told[1]} bob@laptop";
            await page.PublicKey.FillAsync(line);
            await Expect(page.KeySays).ToHaveTextAsync(expected);
            await page.PublicKey.FillAsync("");
            await page.EvaluateAsync(Drop, new[] { "id.pub", line });
            await Expect(page.KeySays).ToHaveTextAsync(expected);
        }
    });

    [Fact]
    public Task What_is_no_key_to_sign_is_said_at_once() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("bob", "/ssh");
        await page.KeyFrom("Paste or drop").CheckAsync();
        var key = TestKeys.Ed25519;
        foreach (var (text, says) in new[]
        {
            (TestKeys.Rsa(2048), "An RSA key of 2048 bits is too weak: at least 3072."),
            (TestKeys.Dsa, "DSA keys are too weak"),
            ($"{key[..^8]}", "The key is damaged"),
            (key.Insert(30, "!"), "The key is damaged"),
            ($"{key}\n{TestKeys.Ed25519}", "These are several keys."),
            ($"from=\"10.0.0.1\" {key}", "There is something in front of the key"),
            ($"ssh-rsa {key.Split(' ')[1]}", "The key is damaged"),
            (new TestAuthority().Sign(TestAuthority.NewKey(), 1, "bob:1"), "This is a certificate."),
            ("-----BEGIN PUBLIC KEY-----", "This is a public key in another form."),
            ("hello", "This is not a public key of an accepted type."),
            ("constructor AAAA", "This is not a public key of an accepted type."),
            (new string('A', 40_000), "The text is too long for a public key."),
        })
        {
            await page.PublicKey.FillAsync(text);
            await Expect(page.KeySays).ToContainTextAsync(says);
        }
    });

    [Fact]
    public Task A_dropped_file_names_the_certificate_that_lies_beside_its_key() => WithPageAsync(async (_, page) =>
    {
        var line = Keygen.Generate("id_work", "-t", "ed25519");
        await page.SignInAsync("bob", "/ssh");
        await page.EvaluateAsync(Drop, new[] { "id_work.pub", line });
        await Expect(page.KeySays).ToContainTextAsync("ED25519 256 bits");
        await page.Reason.FillAsync("INC-42");
        await page.GetCertificate.ClickAsync();
        await page.Secret.WaitForAsync();

        var certificate = await page.DownloadAsync("id_work", "-cert.pub", Keygen.Path);
        await Expect(page.Secret.GetByRole(AriaRole.Tabpanel)).ToContainTextAsync(
            $"ssh -i id_work -o CertificateFile={Path.GetFileName(certificate)} -o IdentitiesOnly=yes -l deploy HOST");
        Keygen.Run("-L", "-f", certificate).ShouldContain("user certificate");
    });

    [Fact]
    public Task A_key_at_GitHub_is_taken_and_one_that_is_refused_says_why() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("bob", "/ssh");
        await page.KeyFrom("From GitHub").CheckAsync();
        var keys = page.Locator(".github-keys li");
        await Expect(keys).ToHaveCountAsync(2);
        await Expect(keys.Nth(0)).ToContainTextAsync("ED25519 256 bits SHA256:");
        await Expect(keys.Nth(0).GetByRole(AriaRole.Radio)).ToBeCheckedAsync();
        await Expect(keys.Nth(1)).ToContainTextAsync("An RSA key of 2048 bits is too weak");
        await Expect(keys.Nth(1).GetByRole(AriaRole.Radio)).ToBeDisabledAsync();
        await page.Reason.FillAsync("INC-42");
        await page.GetCertificate.ClickAsync();
        await page.Secret.WaitForAsync();

        var fingerprint = (await keys.Nth(0).Locator("code").TextContentAsync())!;
        Keygen.Describe((await page.Secret.Locator("[data-secret=certificate]").TextContentAsync())!).ShouldContain(fingerprint);
        await Expect(page.Secret.GetByRole(AriaRole.Tabpanel)).ToContainTextAsync(
            new Regex("ssh -i YOUR_KEY -o CertificateFile=vault-oncall-[0-9a-f]{8}-cert.pub -o IdentitiesOnly=yes -l deploy HOST"));
    });

    [Fact]
    public Task While_GitHub_is_away_the_other_ways_remain() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("bob", "/ssh");
        Sandbox.GitHub.State.Troubles.Unavailable = true;
        try
        {
            await page.KeyFrom("From GitHub").CheckAsync();
            await Expect(page.GetByText("GitHub does not tell your keys right now.")).ToBeVisibleAsync();
        }
        finally
        {
            Sandbox.GitHub.State.Troubles.Clear();
        }

        await page.Button("Try again").ClickAsync();
        await Expect(page.Locator(".github-keys li")).ToHaveCountAsync(2);
    });

    [Fact]
    public Task A_key_that_was_made_is_offered_again_once_it_is_downloaded() => WithPageAsync(async (_, page) =>
    {
        await page.SignInAsync("bob", "/ssh");
        await page.MakeKeyAsync();
        await page.Button("Done").ClickAsync();
        await page.Button("Close anyway").ClickAsync();
        await page.ReloadAsync();
        await Expect(page.KeyFrom("Make a new one here")).ToBeCheckedAsync();
        await Expect(page.KeyFrom("The last one")).ToBeHiddenAsync();

        await page.MakeKeyAsync();
        var key = await page.DownloadMadeAsync("oncall", Keygen.Path);
        await page.Button("Done").ClickAsync();
        await Expect(page.KeyFrom("The last one")).ToBeCheckedAsync();
        await page.Reason.FillAsync("INC-43");
        await page.GetCertificate.ClickAsync();
        var certificate = await page.DownloadAsync(Path.GetFileName(key), "-cert.pub", Keygen.Path);

        Keygen.Run("-L", "-f", certificate).ShouldContain(Keygen.Run("-l", "-f", $"{key}.pub").Split(' ')[1]);
        await Expect(page.Secret.GetByRole(AriaRole.Tabpanel)).ToContainTextAsync(
            $"ssh -i {Path.GetFileName(key)} -o CertificateFile={Path.GetFileName(certificate)} -o IdentitiesOnly=yes -l deploy HOST");
    });

    [Fact]
    public Task A_browser_that_makes_no_such_keys_says_how_else() => WithPageAsync(async (_, page) =>
    {
        await page.AddInitScriptAsync("crypto.subtle.generateKey = async () => { throw new DOMException('', 'NotSupportedError'); };");
        await page.SignInAsync("bob", "/ssh");
        await Expect(page.KeyFrom("Make a new one here")).ToBeDisabledAsync();
        await Expect(page.GetByText("This browser cannot make Ed25519 keys.")).ToBeVisibleAsync();
        await Expect(page.KeyFrom("Paste or drop")).ToBeCheckedAsync();
    });

    [Fact]
    public Task A_browser_that_fails_to_make_a_key_says_that_nothing_was_sent() => WithPageAsync(async (_, page) =>
    {
        var sent = SshJourneyTests.Sent(page);
        // It says that it can, and then does not.
        await page.AddInitScriptAsync("""
            const generate = crypto.subtle.generateKey.bind(crypto.subtle);
            crypto.subtle.generateKey = (algorithm, extractable, uses) =>
                extractable ? Promise.reject(new DOMException("", "OperationError")) : generate(algorithm, extractable, uses);
            """);
        await page.SignInAsync("bob", "/ssh");
        await page.KeyFrom("Make a new one here").CheckAsync();
        await page.Reason.FillAsync("INC-42");
        await page.GetCertificate.ClickAsync();

        await Expect(page.GetByText("No certificate was made.")).ToBeVisibleAsync();
        await Expect(page.GetByText("nothing was sent. What you typed is kept.")).ToBeVisibleAsync();
        await Expect(page.Reason).ToHaveValueAsync("INC-42");
        sent.ShouldAllBe(body => !body.Contains("INC-42"));
    });

    private async Task WithPageAsync(Func<TestPortal, IPage, Task> act)
    {
        await using var portal = await StartAsync();
        await browsers.WithPageAsync(portal.Address, page => act(portal, page));
    }
}
