using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Tests.Sandbox;

/// <summary>Signatures that others verify, and what the transcripts do not show of the transit engine.</summary>
public sealed class TransitTests : IAsyncLifetime
{
    private static readonly byte[] s_input = "header.payload"u8.ToArray();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("transit-");
    private VaultUnderTest _vault = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _vault = await VaultUnderTest.StartAsync();
        await _vault.DoAsync("POST", "sys/mounts/tr", new { type = "transit" });
        await _vault.DoAsync("POST", "tr/keys/jwt", new { type = "ecdsa-p256" });
        await _vault.DoAsync("POST", "tr/keys/aes", new { type = "aes256-gcm96" });
    }

    public async ValueTask DisposeAsync()
    {
        await _vault.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Jws_signatures_of_every_version_are_verified_by_the_public_key_of_that_version()
    {
        await RotateAsync("jwt", 3);
        var keys = await PublicKeysAsync();
        keys.Keys.ShouldBe(["1", "2", "3"]);
        foreach (var version in new[] { 1, 2, 3 })
        {
            var (signedBy, signature) = await SignAsync(new { input = s_input, marshaling_algorithm = "jws", key_version = version });
            signedBy.ShouldBe(version);
            var bytes = Base64Url.DecodeFromChars(signature);
            bytes.Length.ShouldBe(64);
            foreach (var (name, pem) in keys)
            {
                using var key = ECDsa.Create();
                key.ImportFromPem(pem);
                key.VerifyData(s_input, bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation).ShouldBe(name == $"{version}");
            }
        }

        (await SignAsync(new { input = s_input, marshaling_algorithm = "jws" })).Version.ShouldBe(3);
    }

    [Theory]
    [InlineData("sha2-256", "-sha256")]
    [InlineData("sha2-384", "-sha384")]
    [InlineData("sha2-512", "-sha512")]
    public async Task Openssl_verifies_plain_signatures(string algorithm, string digest)
    {
        var (_, signature) = await SignAsync(new { input = s_input }, $"/{algorithm}");
        await WriteAsync("key.pem", Encoding.ASCII.GetBytes((await PublicKeysAsync())["1"]));
        await WriteAsync("signature", Convert.FromBase64String(signature));
        await WriteAsync("input", s_input);
        (await OpenSslAsync("dgst", digest, "-verify", "key.pem", "-signature", "signature", "input")).ShouldContain("Verified OK");
        await WriteAsync("input", "header.other"u8.ToArray());
        (await OpenSslAsync("dgst", digest, "-verify", "key.pem", "-signature", "signature", "input")).ShouldNotContain("Verified OK");
    }

    [Fact]
    public async Task What_is_hashed_already_is_signed_as_it_is()
    {
        var (_, signature) = await SignAsync(new { input = SHA256.HashData(s_input), prehashed = true, marshaling_algorithm = "jws" });
        (await VerifyAsync($"vault:v1:{signature}", "jws")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_signature_is_verified_by_its_own_version_until_that_is_retired()
    {
        var (_, signature) = await SignAsync(new { input = s_input, marshaling_algorithm = "jws" });
        await RotateAsync("jwt", 2);
        (await VerifyAsync($"vault:v1:{signature}", "jws")).ShouldBeTrue();
        (await VerifyAsync($"vault:v2:{signature}", "jws")).ShouldBeFalse();

        await _vault.DoAsync("POST", "tr/keys/jwt/config", new { min_decryption_version = 2 });
        (await PublicKeysAsync()).Keys.ShouldBe(["2"]);
        await _vault.RefusesAsync(
            400, "ciphertext or signature version is disallowed by policy (too old)", "POST", "tr/verify/jwt", new { input = s_input, signature = $"vault:v1:{signature}", marshaling_algorithm = "jws" });
    }

    [Fact]
    public async Task Versions_under_the_minimum_sign_and_encrypt_no_more()
    {
        await RotateAsync("jwt", 3);
        await RotateAsync("aes", 3);
        await _vault.DoAsync("POST", "tr/keys/jwt/config", new { min_encryption_version = 2 });
        await _vault.DoAsync("POST", "tr/keys/aes/config", new { min_encryption_version = 2 });
        (await SignAsync(new { input = s_input, key_version = 2 })).Version.ShouldBe(2);
        await RefusesToSignAsync(1, "less than the minimum encryption key version");
        await RefusesToSignAsync(4, "higher than the latest key version");
        await RefusesToSignAsync(-1, "negative");
        await RefusesToEncryptAsync(1, "less than the minimum encryption key version");
        await RefusesToEncryptAsync(4, "higher than the latest key version");
        await RefusesToEncryptAsync(-1, "negative");
    }

    [Fact]
    public async Task What_an_older_version_encrypted_is_read_and_wrapped_anew()
    {
        var before = await CiphertextAsync("encrypt", new { plaintext = s_input, associated_data = "aa==" });
        before.ShouldStartWith("vault:v1:");
        await RotateAsync("aes", 2);
        ((string?)(await _vault.DoAsync("POST", "tr/decrypt/aes", new { ciphertext = before, associated_data = "aa==" }))["data"]!["plaintext"]).ShouldBe(Convert.ToBase64String(s_input));
        var after = await CiphertextAsync("rewrap", new { ciphertext = before, associated_data = "aa==" });
        after.ShouldStartWith("vault:v2:");

        await _vault.DoAsync("POST", "tr/keys/aes/config", new { min_decryption_version = 2 });
        await _vault.RefusesAsync(400, "ciphertext or signature version is disallowed by policy (too old)", "POST", "tr/decrypt/aes", new { ciphertext = before, associated_data = "aa==" });
        await _vault.RefusesAsync(400, "cipher: message authentication failed", "POST", "tr/decrypt/aes", new { ciphertext = after, associated_data = "bb==" });
        await _vault.DoAsync("POST", "tr/decrypt/aes", new { ciphertext = after, associated_data = "aa==" });
    }

    [Theory]
    [InlineData("sign/jwt/md5", "{}", "invalid hash algorithm \"md5\"")]
    [InlineData("sign/jwt", "{\"marshaling_algorithm\": \"xml\"}", "invalid marshaling type \"xml\"")]
    [InlineData("sign/jwt", "{\"input\": \"%%\"}", "unable to decode input as base64: illegal base64 data")]
    [InlineData("sign/aes", "{}", "key type aes256-gcm96 does not support signing")]
    [InlineData("verify/aes", "{\"signature\": \"vault:v1:AA==\"}", "key type aes256-gcm96 does not support verification")]
    [InlineData("verify/jwt", "{}", "neither a 'signature' nor an 'hmac' were given to verify")]
    [InlineData("verify/jwt", "{\"signature\": \"AA==\"}", "invalid signature: no prefix")]
    [InlineData("verify/jwt", "{\"signature\": \"vault:v1\"}", "invalid signature: wrong number of fields")]
    [InlineData("verify/jwt", "{\"signature\": \"vault:vx:AA==\"}", "invalid signature: version number could not be decoded")]
    [InlineData("verify/jwt", "{\"signature\": \"vault:v2:AA==\"}", "invalid signature: version is too new")]
    [InlineData("verify/jwt", "{\"signature\": \"vault:v1:%\"}", "invalid base64 signature value")]
    [InlineData("encrypt/aes", "{}", "missing plaintext to encrypt")]
    [InlineData("encrypt/jwt", "{\"plaintext\": \"AA==\"}", "message encryption not supported for key type ecdsa-p256")]
    [InlineData("decrypt/aes", "{}", "missing ciphertext to decrypt")]
    [InlineData("decrypt/jwt", "{\"ciphertext\": \"vault:v1:AA==\"}", "message decryption not supported for key type ecdsa-p256")]
    [InlineData("decrypt/aes", "{\"ciphertext\": \"vault:v1:%\"}", "invalid ciphertext: could not decode base64")]
    [InlineData("keys/none/rotate", "{}", "key not found")]
    [InlineData("keys/none/config", "{}", "no existing key named none could be found")]
    [InlineData("keys/jwt/config", "{\"min_decryption_version\": 2}", "cannot set min decryption version of 2, latest key version is 1")]
    [InlineData("keys/jwt/config", "{\"min_encryption_version\": 2}", "cannot set min encryption version of 2, latest key version is 1")]
    [InlineData("keys/jwt/config", "{\"min_encryption_version\": -1}", "min encryption version cannot be negative")]
    [InlineData("keys/other", "{\"type\": \"rot13\"}", "unknown key type rot13")]
    public Task What_makes_no_sense_is_refused(string path, string body, string message) => _vault.RefusesAsync(400, message, "POST", $"tr/{path}", body);

    [Fact]
    public async Task A_minimum_for_encryption_may_not_lie_under_that_for_decryption()
    {
        await RotateAsync("jwt", 2);
        await _vault.RefusesAsync(
            400, "cannot set min encryption/decryption values; min encryption version of 1 must be greater than or equal to min decryption version of 2",
            "POST", "tr/keys/jwt/config", new { min_decryption_version = 2, min_encryption_version = 1 });
        (await PublicKeysAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_key_goes_only_when_it_may()
    {
        await _vault.RefusesAsync(400, "error deleting policy none: could not delete key; not found", "DELETE", "tr/keys/none");
        await _vault.RefusesAsync(400, "error deleting policy jwt: deletion is not allowed for this key", "DELETE", "tr/keys/jwt");
        await _vault.DoAsync("POST", "tr/keys/jwt/config", new { deletion_allowed = true });
        await _vault.DoAsync("DELETE", "tr/keys/jwt");
        (await _vault.SendAsync("GET", "tr/keys/jwt")).Status.ShouldBe(404);
    }

    private async Task RotateAsync(string key, int latest)
    {
        for (var version = 2; version <= latest; version++)
            await _vault.DoAsync("POST", $"tr/keys/{key}/rotate");
    }

    private async Task<Dictionary<string, string>> PublicKeysAsync() =>
        (await _vault.DoAsync("GET", "tr/keys/jwt"))["data"]!["keys"]!.AsObject().ToDictionary(key => key.Key, key => (string)key.Value!["public_key"]!);

    private async Task<(int Version, string Signature)> SignAsync(object body, string algorithm = "")
    {
        var data = (await _vault.DoAsync("POST", $"tr/sign/jwt{algorithm}", body))["data"]!;
        var (version, parts) = ((int)data["key_version"]!, ((string)data["signature"]!).Split(':'));
        parts[..2].ShouldBe(["vault", $"v{version}"]);
        return (version, parts[2]);
    }

    private async Task<bool> VerifyAsync(string signature, string marshaling) =>
        (bool)(await _vault.DoAsync("POST", "tr/verify/jwt", new { input = s_input, signature, marshaling_algorithm = marshaling }))["data"]!["valid"]!;

    private async Task<string> CiphertextAsync(string verb, object body) => (string)(await _vault.DoAsync("POST", $"tr/{verb}/aes", body))["data"]!["ciphertext"]!;

    private Task RefusesToSignAsync(int version, string why) =>
        _vault.RefusesAsync(500, $"1 error occurred:\n\t* requested version for signing is {why}\n\n", "POST", "tr/sign/jwt", new { input = s_input, key_version = version });

    private Task RefusesToEncryptAsync(int version, string why) =>
        _vault.RefusesAsync(400, $"requested version for encryption is {why}", "POST", "tr/encrypt/aes", new { plaintext = s_input, key_version = version });

    private Task WriteAsync(string name, byte[] content) => File.WriteAllBytesAsync(Path.Combine(_folder.FullName, name), content, Cancelled);

    private async Task<string> OpenSslAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(Cancelled);
        var output = await process.StandardOutput.ReadToEndAsync(Cancelled);
        await process.WaitForExitAsync(Cancelled);
        return output + await error;
    }
}
