using AngleSharp.Dom;
using Bunit;
using Portal.Features.AccessTokens;
using Portal.Shell;
using Portal.Tests.Support;
using static Portal.Tests.Features.AccessTokens.TokenSamples;

namespace Portal.Tests.Features.AccessTokens;

public sealed class TokenRowTests : ComponentTests
{
    private readonly List<string> _done = [];
    private string? _answer;

    [Fact]
    public void It_says_what_it_may_and_when_it_ends_in_days_and_warns_from_two_weeks_before()
    {
        var row = Render(Token(Now) with { Scopes = ["databases", "tokens"] });

        row.FindAll(".scope").Select(scope => scope.TextContent).ShouldBe(["databases", "tokens"]);
        var end = row.Find("time.countdown");
        end.GetAttribute("data-ends").ShouldBe("2026-12-18T13:32:00.000Z");
        end.GetAttribute("data-form").ShouldBe("days");
        end.GetAttribute("data-soon").ShouldBe($"{14 * 24 * 3600}");
        end.GetAttribute("data-label").ShouldBe("ci");
    }

    [Theory]
    [InlineData(null, null, "never used")]
    [InlineData("2026-11-20", "192.0.2.0/24", "last used 20 Nov 2026 from 192.0.2.0/24")]
    [InlineData("2026-11-20", "", "last used 20 Nov 2026")]
    public void It_says_when_it_was_last_used_and_from_where(string? day, string? from, string words) =>
        Render(Token(Now) with { LastUsedOn = day is null ? null : DateOnly.Parse(day, null), LastUsedFrom = from }).Find(".held-use").TextContent.ShouldBe(words);

    [Fact]
    public void The_question_before_an_end_names_the_token_and_the_effect()
    {
        var row = Render(Token(Now));

        Button(row, "Revoke").Click();

        row.Find(".question p").TextContent.ShouldBe("Revoke token ci? Programs that use it are refused at once.");
        _done.ShouldBeEmpty();
    }

    [Fact]
    public void It_is_revoked_on_yes_and_nothing_happens_on_no()
    {
        var row = Render(Token(Now));

        Button(row, "Revoke").Click();
        Button(row, "Keep").Click();
        _done.ShouldBeEmpty();
        row.FindAll(".question").ShouldBeEmpty();

        Button(row, "Revoke").Click();
        row.FindAll(".question button")[0].Click();
        _done.ShouldBe(["revoke"]);
        row.FindAll(".question").ShouldBeEmpty();
        JSInterop.VerifyInvoke("portal.announce").Arguments.ShouldBe(["ci is revoked."]);
    }

    [Fact]
    public void A_refusal_is_told_and_the_question_stays()
    {
        _answer = "This did not work.";
        var row = Render(Token(Now));

        Button(row, "Revoke").Click();
        row.FindAll(".question button")[0].Click();

        row.Find("[role=alert]").TextContent.ShouldBe(_answer);
        row.FindAll(".question").Count.ShouldBe(1);
    }

    [Fact]
    public void Two_clicks_revoke_once()
    {
        var revoke = new TaskCompletionSource<string?>();
        var row = Render(Token(Now), () => revoke.Task);

        Button(row, "Revoke").Click();
        var yes = row.FindComponent<RowQuestion>().Instance.OnYes;
        _ = row.InvokeAsync(() => yes.InvokeAsync());
        _ = row.InvokeAsync(() => yes.InvokeAsync());

        row.FindAll(".question button").ShouldAllBe(button => button.HasAttribute("disabled"));
        _done.ShouldBe(["revoke"]);
    }

    [Fact]
    public void One_never_shown_says_what_that_means_and_one_click_revokes_it_and_makes_it_again()
    {
        var row = Render(Token(Now) with { NeverShown = true });

        Words(row).ShouldContain("never shown");
        Words(row).ShouldContain("The portal does not know that its text was shown.");
        Button(row, "Revoke and make again").Click();

        _done.ShouldBe(["revoke", "make again"]);
    }

    [Fact]
    public void One_that_could_not_be_revoked_is_not_made_again()
    {
        _answer = "This did not work.";
        var row = Render(Token(Now) with { NeverShown = true });

        Button(row, "Revoke and make again").Click();

        _done.ShouldBe(["revoke"]);
        row.Find("[role=alert]").TextContent.ShouldBe(_answer);
    }

    private IRenderedComponent<TokenRow> Render(AccessTokenView token, Func<Task<string?>>? revoke = null) => Render<TokenRow>(row => row
        .Add(r => r.Token, token)
        .Add(r => r.OnRevoke, () =>
        {
            _done.Add("revoke");
            return revoke?.Invoke() ?? Task.FromResult(_answer);
        })
        .Add(r => r.OnMakeAgain, () => _done.Add("make again")));

    private static IElement Button(IRenderedComponent<TokenRow> row, string text) => row.FindAll("button").First(button => button.TextContent.Trim() == text);
}
