using Microsoft.Playwright;
using Portal.Tests.Features.Databases;
using Portal.Tests.Features.Ssh;
using Portal.Tests.Support;

namespace Portal.Tests.Journeys;

/// <summary>The lines that people paste from the dialog of a certificate, read by a real shell and a real ssh.</summary>
public sealed class SshLineTests(SandboxFixture fixture, BrowserFixture browsers) : SshTests(fixture)
{
    [Theory]
    [InlineData("vault-oncall-1a2b3c4d", "vault-oncall-1a2b3c4d-cert.pub", "-i vault-oncall-1a2b3c4d -o IdentitiesOnly=yes -l deploy HOST", "")]
    [InlineData(
        "id_work", "id_work-1a2b3c4d-cert.pub", "-i id_work -o CertificateFile=id_work-1a2b3c4d-cert.pub -o IdentitiesOnly=yes -l deploy HOST",
        "cp id_work-1a2b3c4d-cert.pub id_work-cert.pub && ")]
    [InlineData(
        "YOUR_KEY", "vault-oncall-1a2b3c4d-cert.pub", "-i YOUR_KEY -o CertificateFile=vault-oncall-1a2b3c4d-cert.pub -o IdentitiesOnly=yes -l deploy HOST",
        "cp vault-oncall-1a2b3c4d-cert.pub YOUR_KEY-cert.pub && ")]
    public Task The_ready_lines_mean_to_shell_and_ssh_what_they_say(string key, string certificate, string arguments, string copy) => WithPageAsync(async page =>
    {
        await LoadScriptAsync(page);
        var forms = await page.EvaluateAsync<string[]>(
            "([key, certificate]) => lines.formsOf({ principals: ['deploy'], expiresAt: new Date(Date.now() + 3600500).toISOString() }, {}, { key, certificate }).map(form => form.text)",
            new[] { key, certificate });

        FormSamples.Run($"ssh() {{ printf '%s\\0' \"$@\"; }}\n{forms[0]}")[..^1].ShouldBe(arguments.Split(' '));
        await File.WriteAllTextAsync(Keygen.Path("config"), forms[1], Cancel);
        var read = FormSamples.Run($"ssh -G -F {Keygen.Path("config")} HOST")[0];
        read.ShouldContain("user deploy\n");
        read.ShouldContain($"identityfile ~/.ssh/{key}\n");
        read.ShouldContain($"certificatefile ~/.ssh/{certificate}\n");
        read.ShouldContain("identitiesonly yes\n");
        forms[2].ShouldBe($"{copy}ssh-add -t 3600 {key}");
    });

    [Fact]
    public Task No_word_is_more_than_a_word_to_a_shell() => WithPageAsync(async page =>
    {
        await LoadScriptAsync(page);
        foreach (var word in new[] { FormSamples.Hostile, "it's", "$(id)", "-x", "", "a\\b", "plain" })
            FormSamples.Run($"printf '%s\\0' {await page.EvaluateAsync<string>("word => lines.quoted(word)", word)}")[0].ShouldBe(word);
    });

    /// <summary>The page's script alone, on a page without the portal's policy.</summary>
    private static async Task LoadScriptAsync(IPage page)
    {
        await page.RouteAsync("**/lines", route => route.FulfillAsync(new()
        {
            ContentType = "text/html",
            Body = "<script type=module>import * as lines from '/js/ssh-certificate.js'; window.lines = lines;</script>",
        }));
        await page.GotoAsync("/lines");
        await page.WaitForFunctionAsync("window.lines");
    }

    private async Task WithPageAsync(Func<IPage, Task> act)
    {
        await using var portal = await StartAsync();
        await browsers.WithPageAsync(portal.Address, act);
    }
}
