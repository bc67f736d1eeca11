using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Features.Credentials;
using Portal.Tests.Support;
using static Portal.Tests.Features.Credentials.CredentialSamples;

namespace Portal.Tests.Features.Credentials;

public sealed class CredentialRowTests : ComponentTests
{
    private readonly List<string> _done = [];
    private string? _answer;

    [Fact]
    public void An_active_one_counts_down_and_can_be_extended_and_ended()
    {
        var row = Render(Active(Now));

        row.Find("time.countdown").GetAttribute("data-ends").ShouldBe("2026-11-23T14:32:00.000Z");
        row.Find("time.countdown").GetAttribute("data-label").ShouldBe("shop-readonly");
        Buttons(row).ShouldBe(["Extend", "End now"]);
    }

    [Fact]
    public void A_pending_one_can_only_be_ended()
    {
        var row = Render(Active(Now) with { State = CredentialState.Pending, Username = null });

        Words(row).ShouldContain("being made");
        Buttons(row).ShouldBe(["End now"]);
    }

    [Fact]
    public void One_never_shown_says_what_that_means_and_offers_the_way_out()
    {
        var row = Render(Active(Now) with { NeverShown = true });

        Words(row).ShouldContain("never shown");
        Words(row).ShouldContain("The portal does not know that its password was shown.");
        Buttons(row).ShouldBe(["End and ask again"]);
    }

    [Fact]
    public void Ending_one_never_shown_leads_back_to_the_form_with_the_reason_kept()
    {
        var row = Render(Active(Now) with { NeverShown = true });

        row.Find("button.mud-button-root").Click();

        _done.ShouldBe(["end"]);
        JSInterop.VerifyInvoke("portal.draft.write").Arguments.ShouldBe(["reason", "fix order 42"]);
        Services.GetRequiredService<NavigationManager>().Uri.ShouldEndWith("/databases?role=shop-readonly");
    }

    [Fact]
    public void One_that_is_being_ended_says_why_it_takes_time_and_that_the_portal_goes_on()
    {
        var row = Render(Active(Now) with { State = CredentialState.Revoking, LastError = "Vault does not answer." });

        Words(row).ShouldContain("Not ended yet: Vault does not answer. The portal tries again by itself until it is gone.");
        Buttons(row).ShouldBeEmpty();
    }

    [Fact]
    public void The_question_before_an_end_names_the_object_and_the_effect()
    {
        var row = Render(Active(Now));

        Button(row, "End now").Click();

        var question = row.Find(".question");
        question.TextContent.ShouldContain("v-alice-shop-readonly-x7");
        question.TextContent.ShouldContain("every session still open with them is cut");
        _done.ShouldBeEmpty();
    }

    [Fact]
    public void It_ends_on_yes_and_nothing_happens_on_no()
    {
        var row = Render(Active(Now));

        Button(row, "End now").Click();
        Button(row, "Keep").Click();
        _done.ShouldBeEmpty();
        row.FindAll(".question").ShouldBeEmpty();

        Button(row, "End now").Click();
        row.FindAll(".question button")[0].Click();
        _done.ShouldBe(["end"]);
        row.FindAll(".question").ShouldBeEmpty();
    }

    [Fact]
    public void A_refusal_is_told_and_the_question_stays()
    {
        _answer = "The grant it was issued under is no longer yours.";
        var row = Render(Active(Now));

        Button(row, "Extend").Click();
        row.FindAll(".question button")[0].Click();

        row.Find("[role=alert]").TextContent.ShouldBe(_answer);
        row.FindAll(".question").Count.ShouldBe(1);
    }

    [Fact]
    public void Two_clicks_end_once()
    {
        var end = new TaskCompletionSource<string?>();
        var row = Render(Active(Now), () => end.Task);

        Button(row, "End now").Click();
        var yes = row.FindComponent<EndQuestion>().Instance.OnYes;
        _ = row.InvokeAsync(() => yes.InvokeAsync());
        _ = row.InvokeAsync(() => yes.InvokeAsync());

        row.FindAll(".question button").ShouldAllBe(button => button.HasAttribute("disabled"));
        _done.ShouldBe(["end"]);
    }

    [Fact]
    public void What_lasts_as_long_as_it_may_cannot_be_extended()
    {
        var row = Render(Active(Now) with { LatestEnd = Now.AddHours(1) });

        Button(row, "Extend").HasAttribute("disabled").ShouldBeTrue();
        Button(row, "Extend").GetAttribute("title").ShouldBe("It already lasts as long as its grant allows");
    }

    [Fact]
    public void An_extension_shows_the_latest_possible_end_and_asks_for_the_chosen_time()
    {
        var row = Render(Active(Now));

        Button(row, "Extend").Click();

        row.FindAll(".question .chip").Select(chip => chip.TextContent).ShouldBe(["4 h", "8 h, the longest"]);
        row.FindAll(".question-note time").Select(time => time.GetAttribute("data-at"))
            .ShouldBe(["2026-11-23T17:32:00.000Z", "2026-11-23T21:32:00.000Z"]);
        row.FindAll(".question .chip input")[1].Change(true);
        row.FindAll(".question button")[0].Click();
        _done.ShouldBe(["extend 08:00:00"]);
    }

    [Fact]
    public void A_certificate_says_as_whom_and_by_which_key_id_and_is_revoked_not_extended()
    {
        var certificate = Certificate(Now);
        var row = Render(certificate, handling: SshHandling);

        row.Find(".held-target").TextContent.ShouldBe("deploy, ubuntu on web servers");
        row.Find(".held-user code").TextContent.ShouldBe($"bob:{certificate.Id}");
        row.Find(".held-user button").GetAttribute("aria-label").ShouldBe("Copy key id");
        Buttons(row).ShouldBe(["Revoke"]);
        Button(row, "Revoke").Click();
        row.Find(".question").TextContent.ShouldContain($"Revoke certificate bob:{certificate.Id}? Hosts refuse it as soon as they have the new revocation list. Sessions that are open stay open.");
        row.FindAll(".question button")[0].Click();
        _done.ShouldBe(["end"]);
    }

    [Fact]
    public void A_certificate_never_shown_is_revoked_and_asked_for_again()
    {
        var row = Render(Certificate(Now) with { NeverShown = true }, handling: SshHandling);

        Words(row).ShouldContain("The portal does not know that it was shown. If you do not have it, revoke it and ask again.");
        Button(row, "Revoke and ask again").Click();
        Services.GetRequiredService<NavigationManager>().Uri.ShouldEndWith("/ssh?role=oncall");
    }

    private IRenderedComponent<CredentialRow> Render(CredentialView credential, Func<Task<string?>>? end = null, CredentialHandling? handling = null) => Render<CredentialRow>(row => row
        .Add(r => r.Credential, credential)
        .Add(r => r.Handling, handling ?? Handling)
        .Add(r => r.OnExtend, duration =>
        {
            _done.Add($"extend {duration}");
            return Task.FromResult(_answer);
        })
        .Add(r => r.OnEnd, () =>
        {
            _done.Add("end");
            return end?.Invoke() ?? Task.FromResult(_answer);
        }));

    private static IEnumerable<string> Buttons(IRenderedComponent<CredentialRow> row) => row.FindAll(".held-acts button").Select(button => button.TextContent.Trim());

    private static IElement Button(IRenderedComponent<CredentialRow> row, string text) => row.FindAll("button").First(button => button.TextContent.Trim() == text);
}
