using Microsoft.Extensions.Options;

namespace Portal.Features.CloudCredentials;

public sealed class CloudCredentialsOptions
{
    public const string Section = "CloudCredentials";

    /// <summary>How long what a cloud said about a credential is taken for true, before it is asked again.</summary>
    public TimeSpan VerifyInterval { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long a cloud has for all that it is asked about one credential.</summary>
    public TimeSpan VerifyTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Cloud credentials that one team may keep.</summary>
    public int MostPerTeam { get; set; } = 1000;

    public CloudEndpoints Endpoints { get; set; } = new();

    /// <summary>Where each cloud is: scheme, host, port and, for clouds behind a gateway, a path.</summary>
    public sealed class CloudEndpoints
    {
        /// <summary><c>{region}</c> stands for the credential's region. At <c>amazonaws.com</c>, regions of other partitions get their own domain.</summary>
        public string Sts { get; set; } = "https://sts.{region}.amazonaws.com";

        /// <inheritdoc cref="Sts"/>
        public string Ec2 { get; set; } = "https://ec2.{region}.amazonaws.com";

        public string AzureAuthority { get; set; } = "https://login.microsoftonline.com";

        /// <summary>Also the audience of the tokens for it.</summary>
        public string AzureManagement { get; set; } = "https://management.azure.com";

        /// <summary>With its path. What is signed for it names the real one.</summary>
        public string GoogleToken { get; set; } = "https://oauth2.googleapis.com/token";

        public string GoogleResourceManager { get; set; } = "https://cloudresourcemanager.googleapis.com";

        public string GoogleServiceUsage { get; set; } = "https://serviceusage.googleapis.com";

        public string DigitalOcean { get; set; } = "https://api.digitalocean.com";

        public string Cloudflare { get; set; } = "https://api.cloudflare.com";

        /// <summary>Without <c>/v1</c>; null: the portal's own Vault.</summary>
        public string? Vault { get; set; }
    }

    /// <summary>Says every mistake, each with its key.</summary>
    internal sealed class Validator : IValidateOptions<CloudCredentialsOptions>
    {
        private static readonly (TimeSpan Shortest, TimeSpan Longest) s_interval = (TimeSpan.FromMinutes(1), TimeSpan.FromDays(365));
        private static readonly (TimeSpan Shortest, TimeSpan Longest) s_timeout = (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));

        public ValidateOptionsResult Validate(string? name, CloudCredentialsOptions options)
        {
            string[] mistakes = [.. Mistakes(options)];
            return mistakes.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }

        private static IEnumerable<string> Mistakes(CloudCredentialsOptions options)
        {
            if (options.VerifyInterval < s_interval.Shortest || options.VerifyInterval > s_interval.Longest)
                yield return $"{Section}:VerifyInterval must be from {s_interval.Shortest:c} to {s_interval.Longest:c}.";
            if (options.VerifyTimeout < s_timeout.Shortest || options.VerifyTimeout > s_timeout.Longest)
                yield return $"{Section}:VerifyTimeout must be from {s_timeout.Shortest:c} to {s_timeout.Longest:c}.";
            if (options.MostPerTeam < 1)
                yield return $"{Section}:MostPerTeam is a number from 1.";
            var at = options.Endpoints;
            (string Key, string? Value, bool HasRegion)[] endpoints =
            [
                (nameof(at.Sts), at.Sts, true), (nameof(at.Ec2), at.Ec2, true),
                (nameof(at.AzureAuthority), at.AzureAuthority, false), (nameof(at.AzureManagement), at.AzureManagement, false),
                (nameof(at.GoogleToken), at.GoogleToken, false), (nameof(at.GoogleResourceManager), at.GoogleResourceManager, false),
                (nameof(at.GoogleServiceUsage), at.GoogleServiceUsage, false), (nameof(at.DigitalOcean), at.DigitalOcean, false),
                (nameof(at.Cloudflare), at.Cloudflare, false),
            ];
            foreach (var (key, value, hasRegion) in endpoints.Where(endpoint => !IsAddress(endpoint.Value, endpoint.HasRegion, Uri.UriSchemeHttps)))
            {
                yield return $"{Section}:Endpoints:{key} must be https, a host and neither user name nor query, such as "
                    + (hasRegion ? "https://sts.{region}.amazonaws.com." : "https://api.example.com.");
            }

            if (at.Vault is not null && !IsAddress(at.Vault, false, Uri.UriSchemeHttps, Uri.UriSchemeHttp))
                yield return $"{Section}:Endpoints:Vault must be http(s), a host and neither user name nor query, such as https://vault.example.com:8200.";
        }

        private static bool IsAddress(string? text, bool hasRegion, params string[] schemes) =>
            text is not null
            && Uri.TryCreate(hasRegion ? text.Replace("{region}", "us-east-1", StringComparison.Ordinal) : text, UriKind.Absolute, out var address)
            && schemes.Contains(address.Scheme) && address.Host.Length > 0
            && address.UserInfo.Length == 0 && address.Query.Length == 0 && address.Fragment.Length == 0
            && !address.OriginalString.Contains('{', StringComparison.Ordinal);
    }
}
