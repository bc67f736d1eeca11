using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Features.AccessTokens;
using Portal.Features.Databases;
using Portal.Features.Ssh;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

/// <summary>Each is told in a sentence, and nothing is recorded or signed.</summary>
public sealed class CertificateRefusalTests(SandboxFixture fixture) : SshTests(fixture)
{
    [Fact]
    public async Task What_breaks_a_rule_is_refused_by_field()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        Keygen.Generate("private", "-t", "ed25519");
        (string Field, string Says, Task<Answer> Answer)[] wishes =
        [
            ("principals", "“root” is not among those that you may log in as: deploy, ubuntu.", IssueAsync(bob, principals: "root")),
            ("principals", "“root” is not among", IssueAsync(bob, principals: "deploy root")),
            ("principals", "“*” is not among", IssueAsync(bob, principals: "*")),
            ("principals", "“deploy,root” is not among", IssueAsync(bob, principals: "deploy,root")),
            ("principals", "One of them is not among", IssueAsync(bob, principals: new string('x', 100))),
            ("principals", "Say as whom you want to log in: deploy, ubuntu.", IssueAsync(bob, principals: "")),
            ("durationSeconds", "between 1 min and 4 h", IssueAsync(bob, seconds: (4 * 3600) + 1)),
            ("durationSeconds", "between 1 min and 4 h", IssueAsync(bob, seconds: 59)),
            ("durationSeconds", "between 1 min and 4 h", IssueAsync(bob, seconds: -1)),
            ("reason", "Say why", IssueAsync(bob, reason: " ")),
            ("reason", "without control characters", IssueAsync(bob, reason: "a\nb")),
            ("publicKey", "Give a public key", IssueAsync(bob, "")),
            ("publicKey", "1024 bits is too weak", IssueAsync(bob, TestKeys.Rsa(1024))),
            ("publicKey", "DSA keys are too weak", IssueAsync(bob, TestKeys.Dsa)),
            ("publicKey", "broken base64", IssueAsync(bob, TestKeys.Ed25519[..^1])),
            ("publicKey", "several keys", IssueAsync(bob, $"{TestKeys.Ed25519}\n{TestKeys.Ed25519}")),
            ("publicKey", "something in front of the key", IssueAsync(bob, $"restrict {TestKeys.Ed25519}")),
            ("publicKey", "This is a certificate", IssueAsync(bob, new TestAuthority().Sign(TestAuthority.NewKey(), 1, "bob:1"))),
            ("publicKey", "This is a private key", IssueAsync(bob, await File.ReadAllTextAsync(Keygen.Path("private"), Cancel))),
            ("publicKey", "too long for a public key", IssueAsync(bob, new string('A', 20_000))),
        ];
        foreach (var (field, says, asked) in wishes)
        {
            var answer = await asked;
            (answer.Status, answer.Slug).ShouldBe((HttpStatusCode.UnprocessableEntity, "invalid"), answer.Text);
            answer.ErrorOf(field).ShouldContain(says);
        }

        await NothingHappenedAsync(portal);
    }

    [Fact]
    public async Task All_that_is_wrong_is_told_at_once()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");

        var refused = await bob.PostAsync("/ssh/roles/oncall/certificates", new { });

        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        foreach (var field in new[] { "publicKey", "principals", "durationSeconds", "reason" })
            refused.ErrorOf(field).ShouldNotBeEmpty();
        await NothingHappenedAsync(portal);
    }

    [Fact]
    public async Task A_megabyte_of_text_is_refused_before_it_is_read()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");

        (await IssueAsync(bob, new string('A', 1024 * 1024))).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);

        await NothingHappenedAsync(portal);
    }

    [Fact]
    public async Task A_private_key_is_in_no_answer_and_no_log()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        Keygen.Generate("private", "-t", "ed25519");
        var text = await File.ReadAllTextAsync(Keygen.Path("private"), Cancel);

        var refused = await IssueAsync(bob, text);

        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '-'))
        {
            refused.Text.ShouldNotContain(line);
            portal.Log.Text.ShouldNotContain(line);
        }
    }

    [Theory]
    [InlineData("deploy")]
    [InlineData("none")]
    [InlineData("shop-readonly")]
    public async Task A_role_that_is_not_ones_own_is_not_there(string role)
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");

        var refused = await IssueAsync(bob, role: role);

        (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.NotFound, "not-found"));
        await NothingHappenedAsync(portal);
    }

    [Fact]
    public async Task A_token_without_the_scope_is_refused()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob", AccessTokensFeature.Scope, DatabasesFeature.Scope);

        var refused = await IssueAsync(bob);

        (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.Forbidden, "scope-missing"));
        await NothingHappenedAsync(portal);
    }

    [Fact]
    public async Task A_grant_that_needs_approval_is_not_used_without_one()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        await portal.DatabaseAsync(db => db.SshGrants.ExecuteUpdateAsync(set => set.SetProperty(grant => grant.RequiresApproval, true), Cancel));

        var refused = await IssueAsync(bob);

        (refused.Status, refused.Slug).ShouldBe((HttpStatusCode.Forbidden, "approval-needed"));
        await NothingHappenedAsync(portal);
    }

    [Fact]
    public async Task A_narrowed_grant_counts()
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        await portal.DatabaseAsync(async db =>
        {
            (await db.SshGrants.SingleAsync(grant => grant.RoleName == "oncall", Cancel)).Principals = ["ubuntu"];
            return await db.SaveChangesAsync(Cancel);
        });

        (await IssueAsync(bob, principals: "deploy")).ErrorOf("principals").ShouldEndWith("log in as: ubuntu.");
        (await IssueAsync(bob, principals: "ubuntu")).Status.ShouldBe(HttpStatusCode.Created);
    }

    private async Task NothingHappenedAsync(TestPortal portal)
    {
        (await portal.DatabaseAsync(db => db.IssuedCertificates.CountAsync(Cancel))).ShouldBe(0);
        (await Sandbox.Vault.Control.RequestsAsync(Cancel)).ShouldNotContain(request => request.Path.Contains("/sign/oncall", StringComparison.Ordinal));
    }
}
