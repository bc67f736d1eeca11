using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Portal.Features.CloudCredentials.Verifiers;

public static class CloudVerifiers
{
    /// <summary>Who asks the clouds. Needs <c>AddOutbound</c> and <c>AddVault</c>.</summary>
    public static IServiceCollection AddCloudVerifiers(this IServiceCollection services)
    {
        services.AddOptions<CloudCredentialsOptions>().BindConfiguration(CloudCredentialsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CloudCredentialsOptions>, CloudCredentialsOptions.Validator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<CloudCalls>();
        services.AddSingleton<ICloudVerifier, AmazonVerifier>();
        services.AddSingleton<ICloudVerifier, AzureVerifier>();
        services.AddSingleton<ICloudVerifier, GoogleVerifier>();
        services.AddSingleton<ICloudVerifier, KubernetesVerifier>();
        services.AddSingleton<ICloudVerifier, DigitalOceanVerifier>();
        services.AddSingleton<ICloudVerifier, CloudflareVerifier>();
        services.AddSingleton<ICloudVerifier, VaultVerifier>();
        return services;
    }
}
