using Bunit;
using Portal.Features.Credentials;
using Portal.Tests.Support;
using static Portal.Tests.Features.Credentials.CredentialSamples;

namespace Portal.Tests.Features.Credentials;

public sealed class CredentialListTests : ComponentTests
{
    [Fact]
    public void Nothing_held_is_one_sentence()
    {
        var list = Render();

        list.Find(".empty").TextContent.ShouldBe("You hold nothing right now.");
        list.FindAll("li").ShouldBeEmpty();
    }

    [Fact]
    public void Live_ones_keep_their_order_and_ended_ones_stand_apart()
    {
        var list = Render(Active(Now, "first"), Active(Now, "second"), Ended(Now, "alice"));

        list.FindAll(".held .held-why").Select(why => why.TextContent).ShouldBe(["first", "second"]);
        list.FindAll(".ended-list li").Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("alice", "by you")]
    [InlineData("dave", "by dave")]
    [InlineData("lost membership of payments", "lost membership of payments")]
    public void An_ended_one_says_who_or_what_ended_it(string by, string words) =>
        Render(Ended(Now, by)).Find(".ended-list li").TextContent.ShouldContain($", {words}");

    [Fact]
    public void An_expired_one_says_that_its_time_was_over() =>
        Render(Ended(Now, "its time") with { State = CredentialState.Expired }).Find(".ended-list li").TextContent.ShouldContain("its time was over");

    [Fact]
    public void Of_five_hundred_fifty_are_drawn_and_the_others_a_click_away()
    {
        var list = Render([.. Enumerable.Range(0, 500).Select(number => Active(Now, $"INC-{number}"))]);

        list.FindAll(".held").Count.ShouldBe(50);
        list.FindAll("button").Single(button => button.TextContent.Contains("450 left", StringComparison.Ordinal)).Click();
        list.FindAll(".held").Count.ShouldBe(100);
    }

    [Fact]
    public void The_filter_finds_by_reason_and_says_when_nothing_matches()
    {
        var list = Render([.. Enumerable.Range(0, 20).Select(number => Active(Now, $"INC-{number}"))]);

        list.Find("input[type=search]").Input("inc-17");
        list.FindAll(".held .held-why").Select(why => why.TextContent).ShouldBe(["INC-17"]);

        list.Find("input[type=search]").Input("zebra");
        list.Find(".empty").TextContent.ShouldContain("Nothing you hold matches “zebra”");
    }

    [Fact]
    public void Few_need_no_filter() => Render(Active(Now)).FindAll("input[type=search]").ShouldBeEmpty();

    [Fact]
    public void Hostile_text_stays_text()
    {
        const string script = "<script>alert(1)</script>";
        var hostile = Active(Now, script) with { Role = "<b>role</b>", Target = "<i>target</i>", Username = "\"><img src=x>" };

        var list = Render(hostile, Ended(Now, script) with { Reason = script });

        list.FindAll("script, b, i, img").ShouldBeEmpty();
        list.Find(".held-why").TextContent.ShouldBe(script);
        list.Find(".held [data-copy]").GetAttribute("data-copy").ShouldBe(hostile.Username);
    }

    private IRenderedComponent<CredentialList> Render(params CredentialView[] items) => Render<CredentialList>(list => list
        .Add(l => l.Items, items)
        .Add(l => l.Login, "alice")
        .Add(l => l.Handlings, [Handling])
        .Add(l => l.OnExtend, (_, _) => Task.FromResult<string?>(null))
        .Add(l => l.OnEnd, _ => Task.FromResult<string?>(null)));
}
