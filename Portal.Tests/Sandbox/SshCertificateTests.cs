using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

/// <summary>What the sandbox's Vault signs, as OpenSSH itself reads it.</summary>
public sealed class SshCertificateTests : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ssh-certificates-");
    private VaultServer _vault = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _vault = await VaultServer.StartAsync(new VaultServerOptions());
        _http.BaseAddress = _vault.Address;
        _http.DefaultRequestHeaders.Add("X-Vault-Token", _vault.RootToken);
        await PostAsync("sys/mounts/ssh", new { type = "ssh" });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _vault.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("ssh-rsa", "rsa-sha2-256", "ed25519", "RSA", "rsa-sha2-256")]
    [InlineData("ssh-rsa", "rsa-sha2-512", "rsa", "RSA", "rsa-sha2-512")]
    [InlineData("ssh-rsa", "", "ecdsa", "RSA", "ssh-rsa")]
    [InlineData("ssh-ed25519", "", "ed25519", "ED25519", "ssh-ed25519")]
    [InlineData("ssh-ed25519", "default", "ecdsa", "ED25519", "ssh-ed25519")]
    public async Task OpenSsh_reads_what_it_signs(string authority, string algorithm, string key, string authorityName, string signature)
    {
        await PostAsync("ssh/config/ca", new { generate_signing_key = true, key_type = authority });
        await PostAsync("ssh/roles/oncall", Role(algorithm));
        var text = await ReadAsync(await SignAsync(key, new
        {
            valid_principals = "ubuntu,deploy",
            key_id = "alice:42",
            ttl = "5m",
            extensions = new Dictionary<string, string> { ["permit-pty"] = "", ["permit-agent-forwarding"] = "" },
            critical_options = new Dictionary<string, string> { ["force-command"] = "/bin/true" },
        }));

        text.ShouldContain("user certificate");
        text.ShouldContain("Key ID: \"alice:42\"");
        text.ShouldContain($"Signing CA: {authorityName} ");
        text.ShouldContain($"(using {signature})");
        Lines(text, "Principals:", "Critical Options:").ShouldBe(["deploy", "ubuntu"]);
        Lines(text, "Critical Options:", "Extensions:").ShouldBe(["force-command /bin/true"]);
        Lines(text, "Extensions:", null).ShouldBe(["permit-agent-forwarding", "permit-pty"]);
    }

    [Theory]
    [InlineData("ssh-rsa", "rsa-sha2-256")]
    [InlineData("ssh-ed25519", "")]
    public async Task OpenSsh_takes_the_signature_and_refuses_a_changed_one(string authority, string algorithm)
    {
        await PostAsync("ssh/config/ca", new { key_type = authority });
        await PostAsync("ssh/roles/oncall", Role(algorithm));
        var signed = await SignAsync("ed25519", new { valid_principals = "ubuntu" });
        (await ReadAsync(signed)).ShouldContain("ubuntu");

        var parts = signed.Split(' ');
        var blob = Convert.FromBase64String(parts[1]);
        blob[^1] ^= 1;
        await Should.ThrowAsync<InvalidOperationException>(() => ReadAsync($"{parts[0]} {Convert.ToBase64String(blob)}"));
    }

    [Fact]
    public async Task The_default_key_id_names_the_asker_and_the_key()
    {
        await PostAsync("ssh/config/ca", new { key_type = "ssh-ed25519" });
        await PostAsync("ssh/roles/oncall", Role(""));
        (await ReadAsync(await SignAsync("ed25519", new { }))).ShouldMatch("Key ID: \"vault-root-[0-9a-f]{64}\"");
    }

    [Fact]
    public async Task An_ed25519_authority_does_not_sign_as_rsa()
    {
        await PostAsync("ssh/config/ca", new { key_type = "ssh-ed25519" });
        await PostAsync("ssh/roles/oncall", Role("rsa-sha2-256"));
        var refusal = await Should.ThrowAsync<HttpRequestException>(() => SignAsync("ed25519", new { }));
        refusal.StatusCode.ShouldBe(System.Net.HttpStatusCode.InternalServerError);
    }

    [Fact]
    public async Task It_signs_with_a_key_made_by_ssh_keygen()
    {
        var publicKey = await KeyAsync("ed25519", "authority");
        var privateKey = await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "authority"), Cancelled);
        var answer = await PostAsync("ssh/config/ca", new { private_key = privateKey, public_key = publicKey });
        ((string)answer!["data"]!["public_key"]!).Trim().ShouldBe(string.Join(' ', publicKey.Split(' ')[..2]));
        await PostAsync("ssh/roles/oncall", Role(""));
        (await ReadAsync(await SignAsync("rsa", new { valid_principals = "deploy" }))).ShouldContain("deploy");
    }

    [Fact]
    public async Task A_key_that_is_neither_rsa_nor_ed25519_is_refused()
    {
        var publicKey = await KeyAsync("ecdsa", "authority");
        var privateKey = await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "authority"), Cancelled);
        var refusal = await Should.ThrowAsync<HttpRequestException>(() => PostAsync("ssh/config/ca", new { private_key = privateKey, public_key = publicKey }));
        refusal.StatusCode.ShouldBe(System.Net.HttpStatusCode.BadRequest);
    }

    private static object Role(string algorithm) => new
    {
        key_type = "ca",
        allow_user_certificates = true,
        allowed_users = "ubuntu,deploy",
        default_user = "ubuntu",
        allow_user_key_ids = true,
        algorithm_signer = algorithm,
        ttl = "15m",
    };

    /// <summary>The lines of a section, up to the next one.</summary>
    private static string[] Lines(string text, string section, string? next)
    {
        var start = text.IndexOf(section, StringComparison.Ordinal) + section.Length;
        var end = next is null ? text.Length : text.IndexOf(next, start, StringComparison.Ordinal);
        return text[start..end].Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    private async Task<string> SignAsync(string key, object wish)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToNode(wish)!.AsObject();
        body["public_key"] = await KeyAsync(key, "subject");
        var answer = await PostAsync("ssh/sign/oncall", body);
        return (string)answer!["data"]!["signed_key"]!;
    }

    private async Task<string> KeyAsync(string type, string name)
    {
        var file = Path.Combine(_folder.FullName, name);
        await RunAsync("-q", "-t", type, "-N", "", "-C", "alice@example.com", "-f", file);
        return await File.ReadAllTextAsync($"{file}.pub", Cancelled);
    }

    private async Task<string> ReadAsync(string certificate)
    {
        var file = Path.Combine(_folder.FullName, "subject-cert.pub");
        await File.WriteAllTextAsync(file, certificate, Cancelled);
        return await RunAsync("-L", "-f", file);
    }

    private async Task<JsonObject?> PostAsync(string path, object body)
    {
        using var response = await _http.PostAsJsonAsync($"v1/{path}", body, Cancelled);
        response.EnsureSuccessStatusCode();
        return response.StatusCode == System.Net.HttpStatusCode.NoContent ? null : await response.Content.ReadFromJsonAsync<JsonObject>(Cancelled);
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ssh-keygen", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(Cancelled);
        var output = await process.StandardOutput.ReadToEndAsync(Cancelled);
        await process.WaitForExitAsync(Cancelled);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException(await error);
    }
}
