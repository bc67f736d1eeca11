using System.Security.Cryptography;

namespace Portal.Sandbox.Clouds;

/// <summary>An account at each cloud, with its keys made at start.</summary>
public sealed class CloudSeed : IDisposable
{
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _values;

    internal CloudSeed()
    {
        _values = new(StringComparer.Ordinal)
        {
            ["amazon"] = new Dictionary<string, string>
            {
                ["AWS_ACCESS_KEY_ID"] = $"AKIA{RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)}",
                ["AWS_SECRET_ACCESS_KEY"] = Secret(40),
                ["AWS_REGION"] = "eu-central-1",
            },
            ["azure"] = new Dictionary<string, string>
            {
                ["AZURE_CLIENT_ID"] = $"{Guid.CreateVersion7()}",
                ["AZURE_CLIENT_SECRET"] = Secret(40),
                ["AZURE_TENANT_ID"] = $"{Guid.CreateVersion7()}",
                ["AZURE_SUBSCRIPTION_ID"] = $"{Guid.CreateVersion7()}",
            },
            ["google"] = Google(GoogleKey),
            ["digitalocean"] = new Dictionary<string, string> { ["DO_TOKEN"] = $"dop_v1_{RandomNumberGenerator.GetHexString(64, lowercase: true)}" },
            ["cloudflare"] = new Dictionary<string, string>
            {
                ["CF_API_KEY"] = RandomNumberGenerator.GetHexString(37, lowercase: true),
                ["CF_API_EMAIL"] = "ops@acme.example",
            },
        };
    }

    /// <summary>The fields of a good credential of that type.</summary>
    /// <exception cref="KeyNotFoundException">There is no such cloud here.</exception>
    public IReadOnlyDictionary<string, string> Values(string type) => _values[type];

    public IEnumerable<string> Types => _values.Keys;

    internal RSA GoogleKey { get; } = RSA.Create(2048);

    public void Dispose() => GoogleKey.Dispose();

    private static Dictionary<string, string> Google(RSA key)
    {
        const string Account = "deployer@acme-shop.iam.gserviceaccount.com";
        return new()
        {
            ["type"] = "service_account",
            ["project_id"] = "acme-shop",
            ["private_key_id"] = RandomNumberGenerator.GetHexString(40, lowercase: true),
            ["private_key"] = key.ExportPkcs8PrivateKeyPem() + "\n",
            ["client_email"] = Account,
            ["client_id"] = RandomNumberGenerator.GetString("0123456789", 21),
            ["auth_uri"] = "https://accounts.google.com/o/oauth2/auth",
            ["token_uri"] = "https://oauth2.googleapis.com/token",
            ["auth_provider_x509_cert_url"] = "https://www.googleapis.com/oauth2/v1/certs",
            ["client_x509_cert_url"] = $"https://www.googleapis.com/robot/v1/metadata/x509/{Uri.EscapeDataString(Account)}",
        };
    }

    private static string Secret(int length) =>
        RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length);
}
