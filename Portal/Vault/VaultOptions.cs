using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Portal.Vault;

public sealed partial class VaultOptions
{
    public const string Section = "Vault";

    /// <summary>Where Vault listens, without <c>/v1</c>.</summary>
    public Uri? Address { get; set; }

    /// <summary>What the names of the portal's mounts, roles and policies start with.</summary>
    public string Prefix { get; set; } = "portal";

    /// <summary>Path of the Kubernetes auth method.</summary>
    public string AuthPath { get; set; } = "kubernetes";

    /// <summary>The pod's service-account token. Read at every login, since Kubernetes replaces it.</summary>
    public string TokenFile { get; set; } = "/var/run/secrets/kubernetes.io/serviceaccount/token";

    /// <summary>PEM file with the certificate authorities that may vouch for Vault; without it the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>How long one call may take.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Says every mistake, each with its key.</summary>
    internal sealed partial class Validator : IValidateOptions<VaultOptions>
    {
        private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(1);
        private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(5);

        public ValidateOptionsResult Validate(string? name, VaultOptions options)
        {
            string[] mistakes = [.. Mistakes(options)];
            return mistakes.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }

        private static IEnumerable<string> Mistakes(VaultOptions options)
        {
            if (options.Address is null)
                yield return "Vault:Address is missing: the address of Vault, such as https://vault.example.com:8200.";
            else if (!IsBaseAddress(options.Address))
                yield return "Vault:Address must be http(s), a host and neither user name nor query, such as https://vault.example.com:8200.";
            if (!Label().IsMatch(options.Prefix))
                yield return "Vault:Prefix must be 1 to 32 lower-case letters, digits and inner hyphens, such as portal.";
            if (!MountPath().IsMatch(options.AuthPath))
                yield return "Vault:AuthPath must be the path of Vault's Kubernetes auth method without auth/, such as kubernetes.";
            if (string.IsNullOrWhiteSpace(options.TokenFile))
                yield return "Vault:TokenFile is empty: expected the file that holds the pod's service-account token.";
            if (options.CaFile is not null && CaMistake(options.CaFile) is { } mistake)
                yield return $"Vault:CaFile {mistake}";
            if (options.Timeout < s_shortest || options.Timeout > s_longest)
                yield return $"Vault:Timeout must be from {s_shortest:c} to {s_longest:c}.";
        }

        private static bool IsBaseAddress(Uri address) =>
            address.IsAbsoluteUri
            && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            && address.UserInfo.Length == 0 && address.Query.Length == 0 && address.Fragment.Length == 0;

        private static string? CaMistake(string file)
        {
            try
            {
                X509Certificate2Collection certificates = [];
                certificates.ImportFromPemFile(file);
                return certificates.Count > 0 ? null : $"{file} holds no certificate: expected PEM.";
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return $"{file} cannot be read.";
            }
            catch (CryptographicException)
            {
                return $"{file} holds a certificate that cannot be read: expected PEM.";
            }
        }

        [GeneratedRegex("^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$")]
        private static partial Regex Label();

        [GeneratedRegex("^/?[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*/?$")]
        private static partial Regex MountPath();
    }
}
