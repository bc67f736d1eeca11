using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portal.Features.Ssh;
using Portal.Tests.Features.Ssh;
using Portal.Vault;

namespace Portal.Tests.Vault;

/// <summary>The portal's calls to Vault's SSH engine, as set up by the portal.</summary>
public sealed class SshEngineTests : IAsyncLifetime
{
    private static readonly OnBehalfOf s_alice = new("alice", Guid.CreateVersion7());
    private readonly SandboxVault _vault = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private SshEngine Engine => field ??= _vault.Client().GetRequiredService<SshEngine>();

    public async ValueTask InitializeAsync()
    {
        await _vault.InitializeAsync();
        (await _vault.SetUpAsync()).ShouldBeFine();
    }

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Fact]
    public async Task The_authority_is_one_line_and_stays_the_same()
    {
        var line = (await Engine.ReadAuthorityAsync(Ct)).ShouldNotBeNull();
        line.ShouldStartWith("ssh-");
        line.ShouldNotContain("\n");
        (await _vault.SetUpAsync()).ShouldBeFine();
        (await Engine.ReadAuthorityAsync(Ct)).ShouldBe(line);
    }

    [Fact]
    public async Task Without_a_key_there_is_no_authority()
    {
        await _vault.Root().DeleteAsync($"{_vault.Prefix}-ssh/config/ca", Ct);
        (await Engine.ReadAuthorityAsync(Ct)).ShouldBeNull();
    }

    [Fact]
    public async Task What_it_signs_says_what_was_asked()
    {
        await WriteRoleAsync();
        var (key, asked) = (TestKeys.Ed25519, DateTimeOffset.UtcNow);

        var signed = await Engine.SignAsync("oncall", new(key, ["ubuntu", "deploy"], "alice:1", TimeSpan.FromMinutes(5), ["permit-pty"]), s_alice, Ct);

        SshCertificate.TryParse(signed.Line, out var certificate).ShouldBeTrue();
        certificate!.Serial.ShouldBe(signed.Serial);
        (certificate.Type, certificate.KeyId).ShouldBe((SshCertificate.UserType, "alice:1"));
        Convert.ToBase64String(certificate.Key.Span).ShouldBe(key.Split(' ')[1]);
        certificate.Principals.ShouldBe(["ubuntu", "deploy"], ignoreOrder: true);
        certificate.Extensions.Keys.ShouldBe(["permit-pty"]);
        certificate.CriticalOptions.ShouldBeEmpty();
        (certificate.ValidBefore - asked).TotalSeconds.ShouldBe(300, 20);
        (asked - certificate.ValidAfter).TotalSeconds.ShouldBe(30, 20);
        $"{Convert.ToBase64String(certificate.Authority.Span)}".ShouldBe((await Engine.ReadAuthorityAsync(Ct))!.Split(' ')[1]);
    }

    [Fact]
    public async Task Without_extensions_there_are_none()
    {
        await WriteRoleAsync();
        var signed = await Engine.SignAsync("oncall", new(TestKeys.Ecdsa(384), ["deploy"], "alice:1", TimeSpan.FromMinutes(5), []), s_alice, Ct);
        SshCertificate.TryParse(signed.Line, out var certificate).ShouldBeTrue();
        certificate!.Extensions.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_role_does_not_allow_is_refused_in_Vaults_words()
    {
        await WriteRoleAsync();
        var refusal = await Should.ThrowAsync<VaultException>(() =>
            Engine.SignAsync("oncall", new(TestKeys.Ed25519, ["root"], "alice:1", TimeSpan.FromMinutes(5), []), s_alice, Ct));
        refusal.Failure.ShouldBe(VaultFailure.Invalid);
        refusal.Words.ShouldContain("root is not a valid value for valid_principals");
    }

    [Fact]
    public async Task An_unknown_role_is_refused() =>
        (await Should.ThrowAsync<VaultException>(() => Engine.SignAsync("none", new(TestKeys.Ed25519, ["deploy"], "a:1", TimeSpan.FromMinutes(5), []), s_alice, Ct)))
            .Words.ShouldContain("Unknown role");

    [Theory]
    [InlineData("""{"data":{"serial_number":"xyz","signed_key":"ssh-ed25519-cert-v01@openssh.com AAAA"}}""")]
    [InlineData("""{"data":{"serial_number":"1"}}""")]
    [InlineData("""{"data":{"serial_number":"ffffffffffffffff0","signed_key":"x"}}""")]
    [InlineData("""{"data":null}""")]
    [InlineData("hello")]
    public async Task An_answer_of_another_kind_is_not_understood(string answer)
    {
        await using var vault = new VaultDouble();
        vault.Answer = request => request.Path.Contains("/sign/")
            ? Task.FromResult(VaultDouble.Json(System.Net.HttpStatusCode.OK, answer))
            : vault.Default(request);
        (await Should.ThrowAsync<VaultException>(() =>
            vault.Get<SshEngine>().SignAsync("oncall", new("k", ["deploy"], "a:1", TimeSpan.FromMinutes(5), []), s_alice, Ct)))
            .Failure.ShouldBe(VaultFailure.Unexpected);
    }

    [Fact]
    public async Task Serials_are_hexadecimal_up_to_64_bits()
    {
        await using var vault = new VaultDouble();
        vault.Answer = request => request.Path.Contains("/sign/")
            ? Task.FromResult(VaultDouble.Json(System.Net.HttpStatusCode.OK, """{"data":{"serial_number":"ffffffffffffffff","signed_key":"x\n"}}"""))
            : vault.Default(request);
        (await vault.Get<SshEngine>().SignAsync("oncall", new("k", ["deploy"], "a:1", TimeSpan.FromMinutes(5), []), s_alice, Ct)).Serial.ShouldBe(ulong.MaxValue);
        vault.Requests[^1].Json["extensions"].ShouldBeOfType<JsonObject>().ShouldBeEmpty();
        ((string?)vault.Requests[^1].Json["ttl"]).ShouldBe("300s");
        (vault.Requests[^1].Headers["X-Portal-User"], vault.Requests[^1].Headers["X-Portal-Credential"]).ShouldBe(("alice", $"{s_alice.Credential}"));
    }

    private async Task WriteRoleAsync() => await _vault.Root().WriteAsync(
        $"{_vault.Prefix}-ssh/roles/oncall",
        new JsonObject
        {
            ["key_type"] = "ca",
            ["allow_user_certificates"] = true,
            ["allowed_users"] = "deploy,ubuntu",
            ["allowed_extensions"] = "permit-pty",
            ["allow_user_key_ids"] = true,
            ["algorithm_signer"] = (await Engine.ReadAuthorityAsync(Ct))!.StartsWith("ssh-rsa ", StringComparison.Ordinal) ? "rsa-sha2-256" : "default",
            ["ttl"] = "5m",
            ["max_ttl"] = "1h",
        },
        Ct);
}
