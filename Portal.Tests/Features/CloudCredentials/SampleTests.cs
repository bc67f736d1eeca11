using System.Text.Json.Nodes;
using Portal.Features.CloudCredentials;
using Portal.Tests.Support;

namespace Portal.Tests.Features.CloudCredentials;

public sealed class SampleTests(SandboxFixture fixture, CloudVisits visits) : SandboxTests(fixture), IClassFixture<CloudVisits>
{
    private static readonly string[] s_settings = ["CloudCredentials:", "Outbound:", "Vault:Address"];

    [Theory]
    [InlineData("amazon")]
    [InlineData("azure")]
    [InlineData("google")]
    [InlineData("kubernetes")]
    [InlineData("digitalocean")]
    [InlineData("cloudflare")]
    [InlineData("vault")]
    public async Task A_sample_is_for_its_owner_alone_and_good_with_the_settings_of_the_sandbox(string type)
    {
        // Another test may have had Vault forget its tokens.
        await Sandbox.WriteCloudSamplesAsync(Cancel);
        var file = Path.Combine(Sandbox.Folder.Clouds, $"{type}.json");
        (File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)).ShouldBe(UnixFileMode.None);
        var sample = JsonNode.Parse(await File.ReadAllTextAsync(file, Cancel))!;
        sample["type"]!.ToString().ShouldBe(type);
        var values = sample["values"]!.AsObject().ToDictionary(value => value.Key, value => value.Value!.ToString());
        var errors = new Dictionary<string, string>();
        var settings = Sandbox.PortalSettings(new Uri("http://127.0.0.1:5080"))
            .Where(setting => s_settings.Any(known => setting.Key.StartsWith(known, StringComparison.Ordinal))).Select(setting => (setting.Key, setting.Value));

        var read = new CloudTypes().Find(type)!.Read(values, errors);

        errors.ShouldBeEmpty();
        (await visits.VerifyAsync(type, read, settings)).ShouldBeGood();
    }
}
