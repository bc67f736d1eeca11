using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;
using Portal.Shell;
using Portal.Tests.Support;

namespace Portal.Tests.Shell;

public sealed class IssuanceTests : ComponentTests
{
    private static readonly IssueKind s_kind = new("databaseLogin", "ask", "No credentials were made.", "These were made already.", "Look below for “never shown”.");
    private static readonly object s_wish = new { role = "shop-readonly" };

    private Func<Guid, Task<string?>> _end = _ => Task.FromResult<string?>(null);

    [Fact]
    public async Task The_script_is_given_the_wish_and_answers_with_id_and_end_alone()
    {
        Answers(new(Guid.CreateVersion7(), Now.AddHours(1), null));
        var issuance = Make();

        await issuance.AskAsync(s_wish);

        var told = JSInterop.VerifyInvoke("portal.issue").Arguments;
        (told[0], told[1], told[3]).ShouldBe(("databaseLogin", s_wish, "ask"));
        issuance.Trouble.ShouldBeNull();
        typeof(IssueAnswer).GetProperties().Select(property => property.Name).ShouldBe(["Id", "ExpiresAt", "Problem"]);
    }

    [Fact]
    public async Task A_wish_whose_outcome_is_unknown_keeps_its_key_and_any_answer_settles_it()
    {
        JSInterop.Setup<IssueAnswer>("portal.issue", _ => true).SetException(new JSException("gone"));
        var issuance = Make();
        await issuance.AskAsync(s_wish);
        issuance.Trouble!.Text.ShouldContain("never shown");
        issuance.Trouble.Text.ShouldContain("What you typed is kept");
        JSInterop.Setup<IssueAnswer>("portal.issue", _ => true).SetException(new TaskCanceledException());
        await issuance.AskAsync(s_wish);
        Answers(Problem("vault-sealed"));
        await issuance.AskAsync(s_wish);
        await issuance.AskAsync(s_wish);

        var keys = JSInterop.Invocations["portal.issue"].Select(call => (string)call.Arguments[2]!).ToList();
        keys[0].ShouldBe(keys[1]);
        keys[1].ShouldBe(keys[2]);
        keys[2].ShouldNotBe(keys[3]);
    }

    [Fact]
    public async Task A_wish_that_was_settled_otherwise_leaves_a_new_key()
    {
        JSInterop.Setup<IssueAnswer>("portal.issue", _ => true).SetException(new JSException("gone"));
        var issuance = Make();
        await issuance.AskAsync(s_wish);

        issuance.Settle();
        issuance.Trouble.ShouldBeNull();
        await issuance.AskAsync(s_wish);

        JSInterop.Invocations["portal.issue"].Select(call => call.Arguments[2]).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task While_one_wish_is_under_way_another_click_asks_nothing()
    {
        var answer = JSInterop.Setup<IssueAnswer>("portal.issue", _ => true);
        var issuance = Make();

        var first = issuance.AskAsync(s_wish);
        issuance.IsBusy.ShouldBeTrue();
        await issuance.AskAsync(s_wish);
        answer.SetResult(Problem("invalid"));
        await first;

        JSInterop.Invocations["portal.issue"].Count.ShouldBe(1);
        issuance.IsBusy.ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_wrong_with_a_field_stands_at_the_field_alone()
    {
        Answers(Problem("invalid", "Say why.", new() { ["reason"] = ["Say why."] }));
        var issuance = Make();

        await issuance.AskAsync(s_wish);

        issuance.Errors["reason"].ShouldBe(["Say why."]);
        issuance.Trouble.ShouldBeNull();
        issuance.Forget();
        issuance.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("vault-sealed", "Vault is sealed.", "No credentials were made.", "Vault is sealed.", null)]
    [InlineData("already-issued", "Their password is shown once.", "These were made already.", "Their password is shown once.", null)]
    [InlineData("failed", null, "No credentials were made.", "The portal did not say why. What you typed is kept.", "4bf92f")]
    public void What_the_portal_says_is_passed_on_and_what_has_no_words_has_a_reference(string slug, string? detail, string title, string text, string? reference) =>
        new IssueProblem(slug, detail, null, "4bf92f").InWords(s_kind).ShouldBe(new(title, text, reference));

    [Fact]
    public void The_end_of_the_session_leads_to_sign_in() => Problem("signed-out").Problem!.InWords(s_kind).SignedOut.ShouldBeTrue();

    [Fact]
    public async Task After_a_failure_of_Vault_its_return_is_noticed_once_it_was_seen_away()
    {
        Answers(Problem("vault-sealed"));
        var issuance = Make();
        await issuance.AskAsync(s_wish);

        issuance.NoteVault(isAway: false);
        issuance.Trouble.ShouldNotBeNull();
        issuance.NoteVault(isAway: true);
        issuance.Trouble.ShouldNotBeNull();
        issuance.NoteVault(isAway: false);
        issuance.Trouble.ShouldBeNull();
        issuance.IsVaultBack.ShouldBeTrue();
        Render<IssueTrouble>(trouble => trouble.Add(t => t.Issuance, issuance)).Find("[role=status]").TextContent.ShouldContain("Vault answers again.");
    }

    [Fact]
    public async Task Without_a_failure_of_Vault_nothing_comes_back()
    {
        Answers(Problem("failed"));
        var issuance = Make();
        await issuance.AskAsync(s_wish);

        issuance.NoteVault(isAway: true);
        issuance.NoteVault(isAway: false);

        issuance.IsVaultBack.ShouldBeFalse();
        Render<IssueTrouble>(trouble => trouble.Add(t => t.Issuance, issuance)).Find("[role=alert]").TextContent.ShouldContain("No credentials were made.");
    }

    [Fact]
    public async Task The_dialog_hears_why_an_end_failed()
    {
        _end = _ => throw new InvalidOperationException("inner secret");

        (await Make().EndAsync(Guid.CreateVersion7())).ShouldStartWith("The portal met something it did not expect.");
    }

    private static IssueAnswer Problem(string slug, string? detail = null, Dictionary<string, string[]>? errors = null) =>
        new(null, null, new(slug, detail, errors, null));

    private void Answers(IssueAnswer answer) => JSInterop.Setup<IssueAnswer>("portal.issue", _ => true).SetResult(answer);

    private Issuance Make() => new(s_kind, _end, JSInterop.JSRuntime, Services.GetRequiredService<TroubleWords>());
}
