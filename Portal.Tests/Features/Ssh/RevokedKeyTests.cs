using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Credentials;
using Portal.Features.Ssh;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

public sealed class RevokedKeyTests(SandboxFixture fixture) : SshTests(fixture)
{
    [Fact]
    public async Task A_key_that_was_revoked_everywhere_opens_nothing_and_is_signed_no_more()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var (key, other) = (TestKeys.Ed25519, TestKeys.Ed25519);
        var (issued, kept) = (await IssueAsync(bob, key), await IssueAsync(bob, other));

        var revoked = await RevokeAsync(bob, $"{key} bob@laptop");

        revoked.Status.ShouldBe(HttpStatusCode.Created, revoked.Text);
        Keygen.AreRevoked(await ListAsync(portal), [key, Certificate(issued), other, Certificate(kept)]).ShouldBe([true, true, false, false]);
        (await bob.GetAsync($"/credentials/{issued.Id}")).Json.GetProperty("state").GetString().ShouldBe("revoked");
        var refused = await IssueAsync(bob, key);
        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused.ErrorOf("publicKey").ShouldStartWith("This key was revoked by bob on ");
        (await portal.DatabaseAsync(db => db.IssuedCertificates.CountAsync(Cancel))).ShouldBe(2);
        (await RevokeAsync(bob, Fingerprint(key))).Status.ShouldBe(HttpStatusCode.OK);
        (await bob.GetAsync("/ssh/revoked-keys")).Items.ShouldHaveSingleItem().GetProperty("fingerprint").GetString().ShouldBe(Fingerprint(key));
    }

    [Fact]
    public async Task Nobody_revokes_the_key_of_another_but_a_portal_admin()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        using var dave = await ApiClient.SignInAsync(portal, "dave");
        var key = TestKeys.Ed25519;
        var issued = await IssueAsync(bob, key);

        (await RevokeAsync(carol, key)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await IsRevokedAsync(portal, key)).ShouldBeFalse();
        (await RevokeAsync(dave, Fingerprint(key))).Status.ShouldBe(HttpStatusCode.Created);
        (await IsRevokedAsync(portal, Certificate(issued))).ShouldBeTrue();
        (await RevokeAsync(dave, TestKeys.Ed25519)).Status.ShouldBe(HttpStatusCode.Created);
        (await dave.GetAsync("/ssh/revoked-keys")).Items.Count.ShouldBe(2);
        (await bob.GetAsync("/ssh/revoked-keys")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_comes_later_revokes_nobodys_key_but_their_own_certificate()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        using var carol = await ApiClient.SignInAsync(portal, "carol");
        var key = TestKeys.Ed25519;
        var issued = await IssueAsync(bob, key);
        var later = await IssueAsync(carol, key, role: "deploy");

        var refused = await RevokeAsync(carol, key);

        refused.ErrorOf("key").ShouldStartWith("Somebody else had a certificate for this key before you did.");
        Keygen.AreRevoked(await ListAsync(portal), [key, Certificate(issued), Certificate(later)]).ShouldBe([false, false, false]);
        (await RevokeAsync(bob, key)).Status.ShouldBe(HttpStatusCode.Created);
        Keygen.AreRevoked(await ListAsync(portal), [key, Certificate(issued), Certificate(later)]).ShouldBe([true, true, true]);
    }

    [Fact]
    public async Task The_authoritys_own_key_is_neither_signed_nor_revoked_and_never_on_the_list()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        using var dave = await ApiClient.SignInAsync(portal, "dave");
        var issued = await IssueAsync(bob);
        using var http = new HttpClient { BaseAddress = portal.Address };
        var authority = await http.GetStringAsync("/api/v1/ssh/ca", Cancel);

        (await IssueAsync(bob, authority)).ErrorOf("publicKey").ShouldStartWith("This is the public key of the certificate authority.");
        foreach (var person in new[] { bob, dave })
            (await RevokeAsync(person, authority)).ErrorOf("key").ShouldStartWith("This is the key of the certificate authority");
        // As if it had become one after its key was revoked.
        await portal.DatabaseAsync(db =>
        {
            db.Add(new RevokedSshKey { Id = Guid.CreateVersion7(), Fingerprint = Fingerprint(authority), RevokedById = Guid.Empty, RevokedBy = "dave", RevokedAt = DateTimeOffset.UtcNow });
            return db.SaveChangesAsync(Cancel);
        });
        await portal.Get<RevocationList>().RebuildAsync(Cancel);

        (await IsRevokedAsync(portal, Certificate(issued))).ShouldBeFalse();
    }

    [Fact]
    public async Task Portal_admins_alone_lift_a_key_and_its_certificates_stay_revoked()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        using var dave = await ApiClient.SignInAsync(portal, "dave");
        var key = TestKeys.Ed25519;
        var issued = await IssueAsync(bob, key);
        var id = (await RevokeAsync(bob, key)).Id;

        (await bob.DeleteAsync($"/ssh/revoked-keys/{id}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await dave.DeleteAsync($"/ssh/revoked-keys/{id}")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await dave.DeleteAsync($"/ssh/revoked-keys/{id}")).Status.ShouldBe(HttpStatusCode.NotFound);

        Keygen.AreRevoked(await ListAsync(portal), [key, Certificate(issued)]).ShouldBe([false, true]);
        (await IssueAsync(bob, key)).Status.ShouldBe(HttpStatusCode.Created);
        var events = await portal.DatabaseAsync(db => db.Set<Portal.Features.Audit.AuditEvent>().Where(audited => audited.Object == $"ssh-key {Fingerprint(key)}").Select(audited => $"{audited.ActorLogin} {audited.Action}").ToListAsync(Cancel));
        events.ShouldBe(["bob ssh-key.revoke", "dave ssh-key.lift"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SHA256:")]
    [InlineData("SHA256:abc")]
    [InlineData("SHA256:!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    [InlineData("hello")]
    public async Task What_is_neither_key_nor_fingerprint_is_refused(string key)
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");

        var refused = await RevokeAsync(bob, key);

        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused.ErrorOf("key").ShouldEndWith(".");
    }

    [Fact]
    public async Task A_key_that_is_revoked_while_it_is_signed_is_handed_no_certificate()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        var key = TestKeys.Ed25519;
        await Sandbox.Vault.Control.HoldAsync("POST", $"{Sandbox.Vault.Prefix}-ssh/sign/oncall", Cancel);
        var asking = IssueAsync(bob, key);
        await Sandbox.Vault.Control.WaitUntilHeldAsync(Cancel);
        (await RevokeAsync(bob, key)).Status.ShouldBe(HttpStatusCode.Created);
        await Sandbox.Vault.Control.ReleaseAsync(Cancel);

        (await asking).Slug.ShouldBe("ended-meanwhile");
        (await RecordAsync(portal)).Credential.State.ShouldBe(CredentialState.Revoked);
    }

    private static Task<Answer> RevokeAsync(ApiClient client, string key) => client.PostAsync("/ssh/revoked-keys", new { key });

    private static string Fingerprint(string key) => SshPublicKey.FingerprintOf(Convert.FromBase64String(key.Split(' ')[1]));
}
