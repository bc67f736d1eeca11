using Bunit;
using Microsoft.JSInterop;
using Portal.Features.Databases;
using Portal.Features.Health;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Databases;

public sealed class IssueScriptTests : ComponentTests
{
    [Fact]
    public async Task The_script_is_given_the_wish_and_answers_with_id_and_end_alone()
    {
        var answer = new IssueAnswer(Guid.CreateVersion7(), Now.AddHours(1), null);
        JSInterop.Setup<IssueAnswer>("portal.issue", _ => true).SetResult(answer);

        (await IssueAsync()).ShouldBe(answer);

        JSInterop.VerifyInvoke("portal.issue").Arguments.Take(4).ShouldBe(["shop-readonly", 3600, "key", "reason"]);
        typeof(IssueAnswer).GetProperties().Select(property => property.Name).ShouldBe(["Id", "ExpiresAt", "Problem"]);
    }

    [Fact]
    public async Task A_script_that_fails_or_falls_silent_leaves_the_outcome_unknown()
    {
        JSInterop.Setup<IssueAnswer>("portal.issue", _ => true).SetException(new JSException("gone"));
        (await IssueAsync()).Problem!.IsUnsettled.ShouldBeTrue();

        JSInterop.Setup<IssueAnswer>("portal.issue", _ => true).SetException(new TaskCanceledException());
        (await IssueAsync()).Problem!.IsUnsettled.ShouldBeTrue();
    }

    [Theory]
    [InlineData("already-issued")]
    [InlineData("vault-sealed")]
    [InlineData("invalid")]
    public void Every_answer_of_the_portal_settles_the_wish(string slug) => Problem(slug).IsUnsettled.ShouldBeFalse();

    [Fact]
    public void An_unknown_outcome_says_where_to_look()
    {
        var trouble = Problem("unknown-outcome").InWords();

        trouble.Text.ShouldContain("never shown");
        trouble.Text.ShouldContain("What you typed is kept");
    }

    [Fact]
    public void The_end_of_the_session_leads_to_sign_in() => Problem("signed-out").InWords().SignedOut.ShouldBeTrue();

    [Fact]
    public void What_the_portal_says_is_passed_on() =>
        Problem("vault-sealed", "Vault is sealed.").InWords().ShouldBe(new("No credentials were made.", "Vault is sealed."));

    [Fact]
    public void What_has_no_words_has_a_reference() =>
        new IssueProblem("failed", null, null, "4bf92f").InWords().Reference.ShouldBe("4bf92f");

    [Fact]
    public void After_a_failure_of_Vault_its_return_is_noticed_once_it_was_seen_away()
    {
        var absence = VaultAbsence.After(Problem("vault-sealed"));

        absence.IsBack(new(HealthStatus.Ok, null)).ShouldBeFalse();
        absence.IsBack(new(HealthStatus.Broken, "Vault is sealed.")).ShouldBeFalse();
        absence.IsBack(new(HealthStatus.Ok, null)).ShouldBeTrue();
        absence.IsBack(new(HealthStatus.Ok, null)).ShouldBeFalse();
    }

    [Fact]
    public void Without_a_failure_of_Vault_nothing_comes_back()
    {
        var absence = VaultAbsence.After(Problem("invalid"));

        absence.IsBack(new(HealthStatus.Broken, null)).ShouldBeFalse();
        absence.IsBack(new(HealthStatus.Ok, null)).ShouldBeFalse();
    }

    private static IssueProblem Problem(string slug, string? detail = null) => new(slug, detail, null, null);

    private Task<IssueAnswer> IssueAsync() => new IssueScript(JSInterop.JSRuntime).IssueAsync("shop-readonly", TimeSpan.FromHours(1), "key", null!);
}
