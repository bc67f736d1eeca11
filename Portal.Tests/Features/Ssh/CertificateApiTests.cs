using System.Globalization;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Audit;
using Portal.Features.Credentials;
using Portal.Features.Ssh;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

public sealed class CertificateApiTests(SandboxFixture fixture) : SshTests(fixture)
{
    [Fact]
    public async Task Keys_of_each_accepted_type_are_signed_as_asked()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        string[] keys = [TestKeys.Ed25519, TestKeys.Ed25519Sk, TestKeys.EcdsaSk, TestKeys.Ecdsa(256), TestKeys.Ecdsa(384), TestKeys.Ecdsa(521), TestKeys.Rsa(3072), TestKeys.Rsa(4096)];
        foreach (var key in keys)
        {
            var asked = DateTimeOffset.UtcNow;
            var issued = await IssueAsync(bob, $"{key} bob@laptop", "ubuntu deploy", 1800);

            issued.Status.ShouldBe(HttpStatusCode.Created, issued.Text);
            var (text, json) = (Keygen.Describe(Certificate(issued)), issued.Json);
            text.ShouldContain("user certificate");
            text.ShouldContain($"Key ID: \"bob:{issued.Id}\"");
            text.ShouldContain($"Serial: {json.GetProperty("serial").GetString()}\n");
            text.ShouldContain(SshPublicKey.FingerprintOf(Convert.FromBase64String(key.Split(' ')[1])));
            Lines(text, "Principals:", "Critical Options:").ShouldBe(["ubuntu", "deploy"], ignoreOrder: true);
            Lines(text, "Critical Options:", "Extensions:").ShouldBe(["(none)"]);
            Lines(text, "Extensions:", null).ShouldBe(["permit-port-forwarding", "permit-pty"]);
            text.ShouldContain($"Valid: from {Text(json.GetProperty("validAfter").GetDateTimeOffset())} to {Text(json.GetProperty("validBefore").GetDateTimeOffset())}");
            json.GetProperty("validBefore").GetDateTimeOffset().ShouldBe(asked.AddSeconds(1800), TimeSpan.FromSeconds(20));
            json.GetProperty("validAfter").GetDateTimeOffset().ShouldBe(asked.AddSeconds(-30), TimeSpan.FromSeconds(20));
        }
    }

    [Fact]
    public async Task A_role_without_extensions_permits_a_login_alone()
    {
        await using var portal = await StartAsync();
        using var carol = await ApiClient.SignInAsync(portal, "carol");

        var issued = await IssueAsync(carol, role: "deploy");

        issued.Status.ShouldBe(HttpStatusCode.Created, issued.Text);
        Lines(Keygen.Describe(Certificate(issued)), "Extensions:", null).ShouldBe(["(none)"]);
        issued.Json.GetProperty("extensions").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task It_is_a_credential_with_its_handles_on_record_and_no_key()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var key = TestKeys.Ed25519;

        var issued = await IssueAsync(bob, key, "ubuntu deploy");

        issued.NoStore.ShouldBeTrue();
        issued.Headers.Location!.OriginalString.ShouldBe($"/api/v1/credentials/{issued.Id}");
        var listed = (await bob.GetAsync("/credentials?state=active")).Items.ShouldHaveSingleItem();
        listed.GetProperty("kind").GetString().ShouldBe("sshCertificate");
        (listed.GetProperty("role").GetString(), listed.GetProperty("target").GetString(), listed.GetProperty("reason").GetString())
            .ShouldBe(("oncall", "the sandbox's sshd", "INC-42"));
        listed.GetProperty("username").GetString()!.Split(", ").ShouldBe(["ubuntu", "deploy"], ignoreOrder: true);
        listed.GetProperty("expiresAt").GetDateTimeOffset().ShouldBe(issued.Json.GetProperty("validBefore").GetDateTimeOffset());
        listed.GetProperty("latestEnd").GetDateTimeOffset().ShouldBe(listed.GetProperty("expiresAt").GetDateTimeOffset(), TimeSpan.FromSeconds(20));
        var record = await RecordAsync(portal);
        (record.KeyId, record.Serial!.Value.ToString(CultureInfo.InvariantCulture)).ShouldBe((KeyId(issued), issued.Json.GetProperty("serial").GetString()));
        record.KeyFingerprint.ShouldBe(SshPublicKey.FingerprintOf(Convert.FromBase64String(key.Split(' ')[1])));
        (record.Credential.State, record.Credential.OwnerLogin, record.Credential.TeamName).ShouldBe((CredentialState.Active, "bob", "on-call"));
        var events = await portal.DatabaseAsync(db => db.AuditEvents.Where(audited => audited.Object == $"credential {issued.Id}").OrderBy(audited => audited.Id).ToListAsync(Cancel));
        events.Select(audited => audited.Action).ShouldBe(["credential.request", "credential.issue"]);
        events[1].Detail!.ShouldContain($"serial {record.Serial}");
        (await portal.Get<AuditTrail>().FindBreakAsync(Cancel)).ShouldBeNull();
    }

    [Fact]
    public async Task Roles_are_listed_as_the_grant_has_them()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var role = (await bob.GetAsync("/ssh/roles")).Items.ShouldHaveSingleItem();

        (role.GetProperty("role").GetString(), role.GetProperty("maxDurationSeconds").GetInt32(), role.GetProperty("requiresApproval").GetBoolean())
            .ShouldBe(("oncall", 4 * 3600, false));
        role.GetProperty("principals").EnumerateArray().Select(principal => principal.GetString()).ShouldBe(["deploy", "ubuntu"]);
        (await alice.GetAsync("/ssh/roles")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_same_wish_twice_is_signed_once()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var key = TestKeys.Ed25519;
        var first = await IssueAsync(bob, key, idempotencyKey: "one");

        var again = await IssueAsync(bob, key, idempotencyKey: "one");
        var other = await IssueAsync(bob, TestKeys.Ed25519, idempotencyKey: "one");

        (again.Status, again.Slug, again.Id).ShouldBe((HttpStatusCode.Conflict, "already-issued", first.Id));
        (other.Status, other.Slug).ShouldBe((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"));
        (await portal.DatabaseAsync(db => db.IssuedCertificates.CountAsync(Cancel))).ShouldBe(1);
    }

    [Fact]
    public async Task It_cannot_be_extended()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var issued = await IssueAsync(bob, seconds: 600);

        var refused = await bob.PostAsync($"/credentials/{issued.Id}/renew", new { durationSeconds = 1200 });

        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused.ErrorOf("durationSeconds").ShouldContain("cannot be extended");
    }

    [Fact]
    public async Task Ended_while_it_is_signed_it_is_handed_to_nobody_and_on_the_list()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        await Sandbox.Vault.Control.HoldAsync("POST", $"{Sandbox.Vault.Prefix}-ssh/sign/oncall", Cancel);
        var asking = IssueAsync(bob);
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);
        var pending = await RecordAsync(portal);
        (await bob.DeleteAsync($"/credentials/{pending.CredentialId}")).Status.ShouldBe(HttpStatusCode.NoContent);
        await Sandbox.Vault.Control.ReleaseAsync(Cancel);

        var answer = await asking;

        (answer.Status, answer.Slug).ShouldBe((HttpStatusCode.Conflict, "ended-meanwhile"));
        (await DescribedListAsync(portal)).ShouldContain(pending.KeyId);
        (await RecordAsync(portal)).Credential.State.ShouldBe(CredentialState.Revoked);
    }

    [Fact]
    public async Task A_certificate_past_its_time_expires_by_itself()
    {
        await using var portal = await StartAsync(("Ssh:ShortestDuration", "00:00:10"));
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var issued = await IssueAsync(bob, seconds: 60);
        await portal.DatabaseAsync(db => db.Credentials.Where(row => row.Id == issued.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.ExpiresAt, DateTimeOffset.UtcNow), Cancel));

        await Eventually.TrueAsync(async () => (await RecordAsync(portal)).Credential.State == CredentialState.Expired, "it expires");

        (await IsRevokedAsync(portal, Certificate(issued))).ShouldBeFalse();
    }

    /// <summary>The lines of a section, up to the next one.</summary>
    private static string[] Lines(string text, string section, string? next)
    {
        var start = text.IndexOf(section, StringComparison.Ordinal) + section.Length;
        var end = next is null ? text.Length : text.IndexOf(next, start, StringComparison.Ordinal);
        return text[start..end].Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }
}
