using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Portal.Vault;

public static class VaultRegistration
{
    private const int LargestAnswer = 4 * 1024 * 1024;
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddVault(this IServiceCollection services)
    {
        services.AddOptions<VaultOptions>().BindConfiguration(VaultOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<VaultOptions>, VaultOptions.Validator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddHttpClient(VaultTransport.HttpClientName)
            .ConfigureHttpClient((provider, client) =>
            {
                client.Timeout = provider.GetRequiredService<IOptions<VaultOptions>>().Value.Timeout;
                client.MaxResponseContentBufferSize = LargestAnswer;
            })
            .ConfigurePrimaryHttpMessageHandler(provider => Handler(provider.GetRequiredService<IOptions<VaultOptions>>().Value))
            // The factory's own logging writes headers at trace level, the token among them.
            .RemoveAllLoggers();
        services.AddSingleton<VaultNames>();
        services.AddSingleton<VaultPolicies>();
        services.AddSingleton<VaultTransport>();
        services.AddSingleton<KubernetesLogin>();
        services.AddSingleton<VaultLogins>();
        services.AddSingleton<VaultClient>();
        services.AddSingleton<KeyValueEngine>();
        services.AddSingleton<KeyValueDocuments>();
        services.AddSingleton<TransitEngine>();
        services.AddSingleton<DatabaseEngine>();
        services.AddSingleton<SshEngine>();
        services.AddSingleton<SystemBackend>();
        services.AddSingleton<VaultAdmin>();
        return services;
    }

    // A proxy or a redirect would carry the token to somebody else.
    private static SocketsHttpHandler Handler(VaultOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = options.Timeout < s_connectTimeout ? options.Timeout : s_connectTimeout,
        };
        if (options.CaFile is not null)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(options.CaFile);
        }
        return handler;
    }
}
