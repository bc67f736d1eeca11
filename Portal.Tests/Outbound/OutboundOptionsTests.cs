using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Tests.Support;

namespace Portal.Tests.Outbound;

public sealed class OutboundOptionsTests
{
    [Theory]
    [InlineData("Outbound:Allow:0", "10.0.0.1")]
    [InlineData("Outbound:Allow:0", "10.0.0.1/8")]
    [InlineData("Outbound:Allow:0", "10.0.0.0/33")]
    [InlineData("Outbound:Allow:0", "localhost/8")]
    [InlineData("Outbound:Allow:0", "10.0.0.0/8:0")]
    [InlineData("Outbound:Allow:0", "10.0.0.0/8:65536")]
    [InlineData("Outbound:Allow:0", "10.0.0.0/8:")]
    [InlineData("Outbound:Allow:0", "10.0.0.0/8:https")]
    [InlineData("Outbound:CaFile", "/nowhere/ca.pem")]
    [InlineData("Outbound:CaFile", "")]
    public async Task A_mistake_names_its_key(string key, string value) => (await MistakesAsync((key, value))).ShouldHaveSingleItem().ShouldContain(key);

    [Fact]
    public async Task A_file_without_certificates_is_a_mistake()
    {
        using var file = new TemporaryFile("none");

        (await MistakesAsync(("Outbound:CaFile", file.Path))).ShouldHaveSingleItem().ShouldContain("Outbound:CaFile");
    }

    [Fact]
    public async Task Networks_may_have_a_port() =>
        (await MistakesAsync(("Outbound:Allow:0", "10.20.0.0/16"), ("Outbound:Allow:1", "127.0.0.1/32:8443"), ("Outbound:Allow:2", "fd00::/8:443"))).ShouldBeEmpty();

    private static async Task<IReadOnlyList<string>> MistakesAsync(params (string, string?)[] settings)
    {
        await using var gate = new Gate(settings);
        try
        {
            gate.Services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures];
        }
    }
}
