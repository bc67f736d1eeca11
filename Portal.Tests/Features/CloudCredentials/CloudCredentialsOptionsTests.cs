using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Features.CloudCredentials;
using Portal.Features.CloudCredentials.Verifiers;

namespace Portal.Tests.Features.CloudCredentials;

public sealed class CloudCredentialsOptionsTests
{
    [Theory]
    [InlineData("CloudCredentials:VerifyInterval", "00:00:01")]
    [InlineData("CloudCredentials:VerifyTimeout", "00:00:00.5")]
    [InlineData("CloudCredentials:VerifyTimeout", "01:00:00")]
    [InlineData("CloudCredentials:Endpoints:Sts", "http://sts.{region}.amazonaws.com")]
    [InlineData("CloudCredentials:Endpoints:Ec2", "https://ec2.{zone}.amazonaws.com")]
    [InlineData("CloudCredentials:Endpoints:AzureAuthority", "login.microsoftonline.com")]
    [InlineData("CloudCredentials:Endpoints:AzureManagement", "https://a:b@management.azure.com")]
    [InlineData("CloudCredentials:Endpoints:GoogleToken", "https://oauth2.googleapis.com/token?x=1")]
    [InlineData("CloudCredentials:Endpoints:DigitalOcean", "")]
    [InlineData("CloudCredentials:Endpoints:Cloudflare", "https://{region}.cloudflare.com")]
    [InlineData("CloudCredentials:Endpoints:Vault", "vault:8200")]
    public void A_mistake_names_its_key(string key, string value) => Mistakes((key, value)).ShouldHaveSingleItem().ShouldContain(key);

    [Fact]
    public void The_real_clouds_are_the_defaults()
    {
        Mistakes().ShouldBeEmpty();
        new CloudCredentialsOptions().Endpoints.Sts.ShouldBe("https://sts.{region}.amazonaws.com");
    }

    private static IReadOnlyList<string> Mistakes(params (string Key, string? Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => setting.Value)).Build();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddCloudVerifiers().BuildServiceProvider();
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures];
        }
    }
}
