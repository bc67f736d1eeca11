using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using Portal.Features.CloudCredentials;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>A valid credential of each type with all its fields, whose keys are made anew in each run.</summary>
public static class CloudSamples
{
    private static readonly CloudTypes s_types = new();

    private static readonly FrozenDictionary<string, IReadOnlyDictionary<string, string>> s_values = All().ToFrozenDictionary(
        sample => sample.Type, sample => s_types.Find(sample.Type)!.Accept(sample.Given), StringComparer.Ordinal);

    /// <summary>Names of all types.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. s_values.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Each field that rests in Vault alone.</summary>
    public static IReadOnlyList<(string Type, string Field)> Sensitive { get; } =
        [.. Types.SelectMany(type => s_values[type].Keys.Where(s_types.Find(type)!.IsSensitive).Select(field => (type, field)))];

    /// <summary>By field name.</summary>
    public static IReadOnlyDictionary<string, string> Of(string type) => s_values[type];

    /// <summary>The sample with some fields changed; null takes one away.</summary>
    public static Dictionary<string, string> With(string type, params (string Field, string? Value)[] changes)
    {
        var values = Of(type).ToDictionary(StringComparer.Ordinal);
        foreach (var (field, value) in changes)
        {
            if (value is null)
                values.Remove(field);
            else
                values[field] = value;
        }

        return values;
    }

    /// <summary>The key file of a service account at Google.</summary>
    public static string GoogleFile() => JsonSerializer.Serialize(Of("google"));

    /// <summary>Reads what has no mistakes.</summary>
    public static IReadOnlyDictionary<string, string> Accept(this CloudType type, IReadOnlyDictionary<string, string> given)
    {
        var errors = new Dictionary<string, string>();
        var values = type.Read(given, errors);
        errors.ShouldBeEmpty(type.Name);
        return values;
    }

    /// <summary>Reads what has mistakes, by field.</summary>
    public static Dictionary<string, string> Refuse(this CloudType type, IReadOnlyDictionary<string, string> given)
    {
        var errors = new Dictionary<string, string>();
        type.Read(given, errors);
        errors.ShouldNotBeEmpty(type.Name);
        return errors;
    }

    private static IEnumerable<(string Type, Dictionary<string, string> Given)> All()
    {
        yield return ("amazon", new() { ["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE", ["AWS_SECRET_ACCESS_KEY"] = Letters(40), ["AWS_REGION"] = "eu-central-1" });
        yield return ("azure", new()
        {
            ["AZURE_CLIENT_ID"] = "11111111-2222-3333-4444-555555555555", ["AZURE_CLIENT_SECRET"] = $"abc8Q~{Letters(34)}",
            ["AZURE_TENANT_ID"] = "66666666-7777-8888-9999-000000000000", ["AZURE_SUBSCRIPTION_ID"] = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        });
        yield return ("azureStorageAccount", new() { ["storageAccount"] = "examplestorage", ["accessKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64)) });
        yield return ("cloudflare", new() { ["CF_API_KEY"] = Letters(40), ["CF_API_EMAIL"] = "name@example.org" });
        yield return ("digitalocean", new() { ["DO_TOKEN"] = $"dop_v1_{RandomNumberGenerator.GetHexString(64, lowercase: true)}" });
        yield return ("fn", new() { ["master_token"] = Letters(32) });
        yield return ("generic", new() { ["API_USER"] = $"program-{Letters(12)}", ["api.key-1"] = Letters(24) });
        yield return ("google", Google());
        yield return ("htpasswd", new() { ["username"] = "program", ["password"] = Letters(20) });
        yield return ("kubernetes", new() { ["K8Sconfig"] = KubeconfigText.Whole });
        yield return ("pagerduty", new() { ["integrationKey"] = RandomNumberGenerator.GetHexString(32, lowercase: true) });
        yield return ("password", new() { ["username"] = "program", ["password"] = Letters(20) });
        yield return ("slack", new() { ["apiUrl"] = $"https://hooks.slack.com/services/T{Letters(8)}/B{Letters(8)}/{Letters(24)}" });
        yield return ("ssh", new() { ["user"] = "ubuntu", ["identifier"] = "example-key" });
        yield return ("tls", new() { ["hosts"] = "example.org, *.example.org, 192.0.2.1", ["validity"] = "8760h" });
        yield return ("vault", new() { ["token"] = $"hvs.{Letters(90)}" });
        yield return ("vsphere", new()
        {
            ["url"] = "https://vcenter.example.org", ["user"] = "program@vsphere.local", ["password"] = Letters(20),
            ["fingerprint"] = string.Join(':', RandomNumberGenerator.GetBytes(20).Select(part => part.ToString("X2"))),
            ["datacenter"] = "Datacenter", ["datastore"] = "datastore1", ["resourcePool"] = "Cluster/Resources", ["folder"] = "Programs", ["defaultNodeTemplate"] = "node-template",
        });
    }

    private static Dictionary<string, string> Google()
    {
        using var key = RSA.Create(2048);
        return new()
        {
            ["type"] = "service_account", ["project_id"] = "example-project", ["private_key_id"] = RandomNumberGenerator.GetHexString(40, lowercase: true),
            ["private_key"] = key.ExportPkcs8PrivateKeyPem() + "\n", ["client_email"] = "program@example-project.iam.gserviceaccount.com", ["client_id"] = "100000000000000000001",
            ["auth_uri"] = "https://accounts.google.com/o/oauth2/auth", ["token_uri"] = "https://oauth2.googleapis.com/token",
            ["auth_provider_x509_cert_url"] = "https://www.googleapis.com/oauth2/v1/certs",
            ["client_x509_cert_url"] = "https://www.googleapis.com/robot/v1/metadata/x509/program%40example-project.iam.gserviceaccount.com",
        };
    }

    private static string Letters(int length) => RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length);
}
