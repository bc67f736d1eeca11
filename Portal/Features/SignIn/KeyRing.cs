using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Portal.Data;
using Portal.Shell;
using Portal.Vault;

namespace Portal.Features.SignIn;

/// <summary>
/// The keys of ASP.NET Core Data Protection, which protect antiforgery and sign-in state. They rest in the portal's database, each
/// encrypted by Vault's transit engine, so that all replicas share them and the database alone opens nothing.
/// </summary>
public sealed class KeyRing(IDataProtectionProvider protection, KeyWrapping wrapping)
{
    /// <summary>Loads the ring, or makes the first key.</summary>
    /// <exception cref="VaultException">Vault does not encrypt or decrypt.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await wrapping.OpenAsync(cancellationToken);
        await Task.Run(() => protection.CreateProtector(nameof(KeyRing)).Protect([1]), cancellationToken);
    }
}

/// <summary>Encrypts and decrypts keys by Vault, for Data Protection's synchronous interfaces.</summary>
public sealed class KeyWrapping(TransitEngine transit)
{
    private static readonly byte[] s_probe = "probe"u8.ToArray();
    private volatile bool _isOpen;

    /// <summary>Proves that Vault encrypts and decrypts. Until then keys are refused at once, so that nobody blocks on Vault while it is away.</summary>
    /// <remarks>Also, Data Protection takes a key that it cannot decrypt for lost and makes another.</remarks>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var ciphertext = await transit.EncryptAsync(VaultRole.SignIn, VaultNames.DataProtectionKey, s_probe, cancellationToken);
        await transit.DecryptAsync(VaultRole.SignIn, VaultNames.DataProtectionKey, ciphertext, cancellationToken);
        _isOpen = true;
    }

    public string Encrypt(byte[] plaintext) =>
        Await(() => transit.EncryptAsync(VaultRole.SignIn, VaultNames.DataProtectionKey, plaintext, CancellationToken.None));

    public byte[] Decrypt(string ciphertext) =>
        Await(() => transit.DecryptAsync(VaultRole.SignIn, VaultNames.DataProtectionKey, ciphertext, CancellationToken.None));

    // The one place that blocks: it happens when a ring is loaded, about once a day. The pool's thread keeps it apart from a
    // circuit, whose own would wait for itself.
    private T Await<T>(Func<Task<T>> call) => _isOpen
        ? Task.Run(call).GetAwaiter().GetResult()
        : throw new InvalidOperationException("The session keys wait for Vault.");
}

/// <summary>Wraps a key before it is stored.</summary>
public sealed class KeyEncryptor(KeyWrapping wrapping) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plaintext = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var element = new XElement("vaultTransit", wrapping.Encrypt(plaintext));
        CryptographicOperations.ZeroMemory(plaintext);
        return new EncryptedXmlInfo(element, typeof(KeyDecryptor));
    }
}

/// <summary>Unwraps a stored key. Each key names this type and Data Protection makes it: renamed, no key can be read any more.</summary>
public sealed class KeyDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) =>
        XElement.Parse(Encoding.UTF8.GetString(services.GetRequiredService<KeyWrapping>().Decrypt(encryptedElement.Value)));
}

public static class KeyRingRegistration
{
    // Part of every key's purpose: another name makes everything protected before unreadable.
    private const string ApplicationName = "vault-portal";

    /// <summary>Last of all that brings Data Protection along.</summary>
    public static IServiceCollection AddKeyRing(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName(ApplicationName).PersistKeysToDbContext<PortalDb>();
        services.AddSingleton<KeyWrapping>();
        services.AddSingleton<KeyEncryptor>();
        services.AddOptions<KeyManagementOptions>().Configure<KeyEncryptor>((options, encryptor) => options.XmlEncryptor = encryptor);
        services.AddSingleton<KeyRing>();
        services.AddStartupStep("session keys", (provider, cancellationToken) => provider.GetRequiredService<KeyRing>().LoadAsync(cancellationToken));
        // It would load the ring before the server listens and log an error while Vault is away: the startup step loads it instead.
        foreach (var eager in services.Where(service => service.ImplementationType?.Name == "DataProtectionHostedService").ToList())
            services.Remove(eager);
        return services;
    }
}
