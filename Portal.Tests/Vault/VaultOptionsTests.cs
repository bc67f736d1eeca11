using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Vault;

public class VaultOptionsTests
{
    [Theory]
    [InlineData("Vault:Address", null)]
    [InlineData("Vault:Address", "vault.example.com:8200")]
    [InlineData("Vault:Address", "ftp://vault.example.com")]
    [InlineData("Vault:Address", "https://root:secret@vault.example.com")]
    [InlineData("Vault:Address", "https://vault.example.com?x=1")]
    [InlineData("Vault:Prefix", "")]
    [InlineData("Vault:Prefix", "Portal")]
    [InlineData("Vault:Prefix", "a/b")]
    [InlineData("Vault:Prefix", "-a")]
    [InlineData("Vault:Prefix", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("Vault:AuthPath", "")]
    [InlineData("Vault:AuthPath", "a b")]
    [InlineData("Vault:AuthPath", "../sys")]
    [InlineData("Vault:TokenFile", " ")]
    [InlineData("Vault:CaFile", "/nowhere/ca.pem")]
    [InlineData("Vault:Timeout", "00:00:00.5")]
    [InlineData("Vault:Timeout", "00:10:00")]
    [InlineData("Vault:Timeout", "soon")]
    public void A_mistake_names_its_key(string key, string? value) =>
        Mistakes((key, value)).ShouldHaveSingleItem().ShouldContain(key);

    [Theory]
    [InlineData("no certificate at all")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public void A_file_without_certificates_is_a_mistake(string text)
    {
        using var file = new TemporaryFile(text);

        Mistakes(("Vault:CaFile", file.Path)).ShouldHaveSingleItem().ShouldContain("Vault:CaFile");
    }

    [Fact]
    public void All_mistakes_are_told_at_once() =>
        Mistakes(("Vault:Address", null), ("Vault:Prefix", "Ä"), ("Vault:Timeout", "1.00:00:00")).Count.ShouldBe(3);

    [Fact]
    public void An_address_suffices() => Mistakes().ShouldBeEmpty();

    [Theory]
    [InlineData("https://example.com/vault/")]
    [InlineData("http://127.0.0.1:8200")]
    public void An_address_may_have_a_path_and_a_port(string address) => Mistakes(("Vault:Address", address)).ShouldBeEmpty();

    private static IReadOnlyList<string> Mistakes(params (string Key, string? Value)[] settings)
    {
        var values = settings.ToDictionary(setting => setting.Key, setting => setting.Value);
        values.TryAdd("Vault:Address", "https://vault.example.com:8200");
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging().AddVault().BuildServiceProvider();
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures];
        }
        catch (InvalidOperationException exception)
        {
            return [exception.Message];
        }
    }
}
