using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;
using Portal.Data;
using Portal.Shell;
using Portal.Vault;

namespace Portal.Features.SignIn;

/// <summary>
/// The keys of ASP.NET Core Data Protection, which protect antiforgery and sign-in state. They rest in the portal's database, each
/// encrypted by Vault's transit engine, so that all replicas share them and the database alone opens nothing.
/// </summary>
public sealed class KeyRing(IDataProtectionProvider protection, TransitEngine transit)
{
    // Part of every key's purpose: another name makes everything protected before unreadable.
    private const string ApplicationName = "vault-portal";
    private static readonly byte[] s_probe = "probe"u8.ToArray();

    /// <summary>Loads the ring, or makes the first key.</summary>
    /// <exception cref="VaultException">Vault does not encrypt or decrypt.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        // Asked first, since Data Protection takes a key that it cannot decrypt for lost and makes another.
        var ciphertext = await transit.EncryptAsync(VaultRole.SignIn, VaultNames.DataProtectionKey, s_probe, cancellationToken);
        await transit.DecryptAsync(VaultRole.SignIn, VaultNames.DataProtectionKey, ciphertext, cancellationToken);
        await Task.Run(() => protection.CreateProtector(nameof(KeyRing)).Protect(s_probe), cancellationToken);
    }

    public static void Add(IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName(ApplicationName).PersistKeysToDbContext<PortalDb>();
        services.AddSingleton<Encryptor>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>, EncryptByVault>();
        services.AddSingleton<KeyRing>();
        services.AddStartupStep("session keys", (provider, cancellationToken) => provider.GetRequiredService<KeyRing>().LoadAsync(cancellationToken));
        // It loads the ring before the server listens: with Vault away, nobody would be told why nothing answers.
        var eager = services.FirstOrDefault(service => service.ImplementationType?.Name == "DataProtectionHostedService");
        if (eager is not null)
            services.Remove(eager);
    }

    private sealed class EncryptByVault(Encryptor encryptor) : IConfigureOptions<KeyManagementOptions>
    {
        public void Configure(KeyManagementOptions options) => options.XmlEncryptor = encryptor;
    }

    internal sealed class Encryptor(TransitEngine transit) : IXmlEncryptor
    {
        public EncryptedXmlInfo Encrypt(XElement plaintextElement)
        {
            var plaintext = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
            var ciphertext = Await(cancellationToken =>
                transit.EncryptAsync(VaultRole.SignIn, VaultNames.DataProtectionKey, plaintext, cancellationToken));
            CryptographicOperations.ZeroMemory(plaintext);
            return new EncryptedXmlInfo(new XElement("vaultTransit", ciphertext), typeof(Decryptor));
        }
    }

    /// <summary>Named in each key's element and made by Data Protection: hence public, with this constructor.</summary>
    public sealed class Decryptor(IServiceProvider services) : IXmlDecryptor
    {
        public XElement Decrypt(XElement encryptedElement)
        {
            var transit = services.GetRequiredService<TransitEngine>();
            var plaintext = Await(cancellationToken =>
                transit.DecryptAsync(VaultRole.SignIn, VaultNames.DataProtectionKey, encryptedElement.Value, cancellationToken));
            return XElement.Parse(Encoding.UTF8.GetString(plaintext));
        }
    }

    // The one place that blocks: Data Protection's interfaces are synchronous. It happens when a ring is loaded, about once a day.
    // The pool's thread keeps it apart from a circuit, whose own would wait for itself.
    private static T Await<T>(Func<CancellationToken, Task<T>> call) =>
        Task.Run(() => call(CancellationToken.None)).GetAwaiter().GetResult();
}
