using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portal.Tests.Sandbox;

/// <summary>What roles of the SSH engine refuse, and keys that are none.</summary>
public sealed class SshRuleTests : IAsyncLifetime
{
    private static readonly string s_key = $"ssh-ed25519 {Wire("ssh-ed25519", new byte[32])}";

    private VaultUnderTest _vault = null!;

    public async ValueTask InitializeAsync()
    {
        _vault = await VaultUnderTest.StartAsync();
        await _vault.DoAsync("POST", "sys/mounts/ssh", new { type = "ssh" });
        await _vault.DoAsync("POST", "ssh/config/ca", new { key_type = "ssh-ed25519" });
        await RoleAsync("users", new { allow_user_certificates = true, allowed_users = "ubuntu", allowed_critical_options = "force-command", max_ttl = "1h" });
        await RoleAsync("hosts", new { allow_host_certificates = true, allowed_domains = "example.com", allow_bare_domains = true });
    }

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    public static TheoryData<string, string> Keys() => new()
    {
        { Wire("ssh-none", []), "ssh: unknown key algorithm: ssh-none" },
        { Wire("ssh-ed25519", new byte[31]), "invalid size 0 for Ed25519 public key" },
        { Wire("ssh-ed25519", new byte[32], [1]), "ssh: trailing junk in public key" },
        { Wire("ssh-ed25519"), "ssh: short read" },
        { Convert.ToBase64String([0, 0, 0, 200, 1]), "ssh: short read" },
        { Wire("ecdsa-sha2-nistp256", "nistp224"u8.ToArray(), new byte[65]), "ssh: unsupported curve" },
        { Wire("ecdsa-sha2-nistp256", "nistp256"u8.ToArray(), new byte[64]), "ssh: invalid curve point" },
        { Wire("ecdsa-sha2-nistp256", "nistp256"u8.ToArray(), [4, .. new byte[64]]), "ssh: invalid curve point" },
        { Wire("ecdsa-sha2-nistp256", "nistp256"u8.ToArray(), [4]), "ssh: invalid curve point" },
        { "!", "illegal base64 data at input byte 0" },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public Task A_key_that_is_none_is_refused(string key, string why) =>
        RefusesAsync("users", new { public_key = key }, $"failed to parse public_key as SSH key: {why}");

    [Theory]
    [InlineData("{\"key_id\": \"x\"}", "setting key_id is not allowed by role")]
    [InlineData("{\"cert_type\": \"other\"}", "cert_type must be either 'user' or 'host'")]
    [InlineData("{\"critical_options\": {\"source-address\": \"10.0.0.1\"}}", "critical options not on allowed list: [source-address]")]
    [InlineData("{\"valid_principals\": \"ubuntu,root\"}", "root is not a valid value for valid_principals")]
    [InlineData("{\"ttl\": \"61m\"}", "ttl is larger than maximum allowed 3600")]
    public Task A_wish_that_the_role_does_not_grant_is_refused(string wish, string message) => RefusesAsync("users", JsonNode.Parse(wish)!, message);

    [Theory]
    [InlineData("{}", "cert_type 'user' is not allowed by role")]
    [InlineData("{\"cert_type\": \"host\", \"valid_principals\": \"a.example.com\"}", "a.example.com is not a valid value for valid_principals")]
    public Task A_host_role_certifies_its_hosts_alone(string wish, string message) => RefusesAsync("hosts", JsonNode.Parse(wish)!, message);

    [Fact]
    public async Task A_role_without_allowed_users_grants_no_principal_and_a_star_grants_all()
    {
        await RoleAsync("none", new { allow_user_certificates = true });
        await RefusesAsync("none", new { valid_principals = "ubuntu" }, "role is not configured to allow any principals");
        await RoleAsync("all", new { allow_user_certificates = true, allowed_users = "*" });
        await _vault.DoAsync("POST", "ssh/sign/all", new { public_key = s_key, valid_principals = "root" });
    }

    [Theory]
    [InlineData("{\"key_type\": \"otp\"}", "invalid key type")]
    [InlineData("{\"key_type\": \"ca\"}", "Either 'allow_user_certificates' or 'allow_host_certificates' must be set to 'true'")]
    [InlineData("{\"key_type\": \"ca\", \"allow_user_certificates\": true, \"algorithm_signer\": \"md5\"}", "unknown algorithm signer \"md5\"")]
    [InlineData("{\"key_type\": \"ca\", \"allow_user_certificates\": true, \"ttl\": \"2h\", \"max_ttl\": \"1h\"}", "\"ttl\" value must be less than \"max_ttl\" when both are specified")]
    public Task A_role_that_makes_no_sense_is_refused(string role, string message) => _vault.RefusesAsync(400, message, "POST", "ssh/roles/bad", role);

    [Theory]
    [InlineData("{\"key_type\": \"dsa\"}", "unknown ssh key type dsa")]
    [InlineData("{\"private_key\": \"x\"}", "only one of public_key and private_key set; both must be set to use, or both must be blank to auto-generate")]
    [InlineData("{\"private_key\": \"x\", \"public_key\": \"y\", \"generate_signing_key\": true}", "public_key and private_key must not be set when generate_signing_key is set to true")]
    [InlineData("{\"private_key\": \"x\", \"public_key\": \"y\"}", "failed to parse private_key: ssh: no key found")]
    public async Task An_authority_that_makes_no_sense_is_refused(string authority, string message)
    {
        await _vault.DoAsync("DELETE", "ssh/config/ca");
        await _vault.RefusesAsync(400, message, "POST", "ssh/config/ca", authority);
        (await _vault.SendAsync("GET", "ssh/public_key")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task An_rsa_authority_signs_with_no_algorithm_of_another_kind()
    {
        await _vault.DoAsync("DELETE", "ssh/config/ca");
        using var rsa = RSA.Create(2048);
        await _vault.DoAsync("POST", "ssh/config/ca", new { private_key = rsa.ExportRSAPrivateKeyPem(), public_key = "derived" });
        foreach (var algorithm in new[] { "", "default", "ssh-rsa", "rsa-sha2-256", "rsa-sha2-512" })
        {
            await RoleAsync("signer", new { allow_user_certificates = true, allowed_users = "*", algorithm_signer = algorithm });
            await _vault.DoAsync("POST", "ssh/sign/signer", new { public_key = s_key });
        }
    }

    [Fact]
    public async Task Serial_numbers_are_64_random_bits_in_hexadecimal()
    {
        var serials = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
            (string)(await _vault.DoAsync("POST", "ssh/sign/users", new { public_key = s_key, valid_principals = "ubuntu" }))["data"]!["serial_number"]!));
        serials.Distinct().Count().ShouldBe(100);
        serials.ShouldAllBe(serial => serial == Convert.ToUInt64(serial, 16).ToString("x", System.Globalization.CultureInfo.InvariantCulture));
        serials.ShouldContain(serial => serial.Length == 16);
    }

    private static string Wire(string type, params byte[][] fields)
    {
        byte[][] all = [Encoding.ASCII.GetBytes(type), .. fields];
        return Convert.ToBase64String([.. all.SelectMany(field =>
        {
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, field.Length);
            return length.Concat(field);
        })]);
    }

    private Task<JsonNode> RoleAsync(string name, object terms)
    {
        var role = JsonSerializer.SerializeToNode(terms)!.AsObject();
        role["key_type"] = "ca";
        return _vault.DoAsync("POST", $"ssh/roles/{name}", role);
    }

    private Task RefusesAsync(string role, object wish, string message)
    {
        var body = (wish as JsonNode ?? JsonSerializer.SerializeToNode(wish)!).AsObject();
        body.TryAdd("public_key", JsonValue.Create(s_key));
        return _vault.RefusesAsync(400, message, "POST", $"ssh/sign/{role}", body);
    }
}
