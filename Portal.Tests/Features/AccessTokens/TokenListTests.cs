using AngleSharp.Dom;
using Bunit;
using Portal.Features.AccessTokens;
using Portal.Tests.Support;
using static Portal.Tests.Features.AccessTokens.TokenSamples;

namespace Portal.Tests.Features.AccessTokens;

public sealed class TokenListTests : ComponentTests
{
    private readonly List<string> _told = [];

    [Fact]
    public void While_it_loads_a_skeleton_stands_in() =>
        Render(() => new TaskCompletionSource<IReadOnlyList<AccessTokenView>>().Task).Find(".loading").TextContent.ShouldContain("Loading");

    [Fact]
    public void Without_tokens_it_says_what_one_is_for()
    {
        var list = Render();

        list.Find(".empty").TextContent.ShouldContain("You have no access tokens.");
        list.FindAll("li, input, select").ShouldBeEmpty();
    }

    [Fact]
    public void Trouble_is_said_and_the_way_on_is_a_click()
    {
        var fails = true;
        var list = Render(() => fails ? Task.FromException<IReadOnlyList<AccessTokenView>>(new InvalidOperationException()) : Task.FromResult<IReadOnlyList<AccessTokenView>>([Token(Now)]));
        list.Find("[role=alert]").TextContent.ShouldContain("This did not work.");

        fails = false;
        list.FindAll("button").Single(button => button.TextContent.Contains("Try again", StringComparison.Ordinal)).Click();

        list.WaitForAssertion(() => Names(list).ShouldBe(["ci"]));
        list.FindAll("[role=alert]").ShouldBeEmpty();
    }

    [Fact]
    public void Trouble_stands_above_the_tokens_as_they_were_last_known()
    {
        var fails = false;
        var list = Render(() => fails ? Task.FromException<IReadOnlyList<AccessTokenView>>(new InvalidOperationException()) : Task.FromResult<IReadOnlyList<AccessTokenView>>([Token(Now)]));

        fails = true;
        Time.Advance(TimeSpan.FromSeconds(20));

        list.WaitForAssertion(() => list.FindAll("[role=alert]").Count.ShouldBe(1));
        Names(list).ShouldBe(["ci"]);
    }

    [Fact]
    public void Few_need_neither_filter_nor_order() => Render(Token(Now)).FindAll("input, select").ShouldBeEmpty();

    [Fact]
    public void Of_a_thousand_fifty_are_drawn_and_the_others_a_click_away()
    {
        var list = Render(Many(1000));

        list.FindAll(".held").Count.ShouldBe(50);
        Words(list).ShouldContain("1000 tokens");
        list.FindAll("button").Single(button => button.TextContent.Contains("950 left", StringComparison.Ordinal)).Click();
        list.FindAll(".held").Count.ShouldBe(100);
    }

    [Fact]
    public void The_filter_finds_by_name_and_scope_and_says_how_many()
    {
        var list = Render(Many(20), filter: "JOB-17");
        Names(list).ShouldBe(["job-17"]);
        list.Find(".list-tools [role=status]").TextContent.ShouldBe("1 of 20");

        Render(Many(20), filter: "databases").FindAll(".held").Count.ShouldBe(20);
        Render(Many(20), filter: "<b>zebra").Find(".empty").TextContent.ShouldBe("No token matches “<b>zebra”.");
    }

    [Fact]
    public void What_is_typed_and_chosen_is_told()
    {
        var list = Render(Many(9));

        list.Find("input").Input("job-7");
        list.Find("select").Change("end");

        _told.ShouldBe(["filter job-7", "order end"]);
    }

    [Theory]
    [InlineData("", "b,c,A")]
    [InlineData("no such order", "b,c,A")]
    [InlineData("end", "c,A,b")]
    [InlineData("name", "A,b,c")]
    [InlineData("unused", "A,c,b")]
    public void They_can_be_looked_through_in_several_orders(string order, string names)
    {
        var b = Token(Now, "b") with { ExpiresAt = Now.AddDays(3), LastUsedOn = new(2026, 11, 20) };
        var c = Token(Now, "c") with { ExpiresAt = Now.AddDays(1), LastUsedOn = new(2026, 11, 2) };
        var a = Token(Now, "A") with { ExpiresAt = Now.AddDays(2) };

        Names(Render([b, c, a], order: order)).ShouldBe(names.Split(','));
    }

    [Fact]
    public void Hostile_text_stays_text()
    {
        const string script = "<script>alert(1)</script>";

        var list = Render(Token(Now, script) with { Scopes = [script], LastUsedOn = new(2026, 11, 20), LastUsedFrom = script });

        list.FindAll("script").ShouldBeEmpty();
        Names(list).ShouldBe([script]);
    }

    [Fact]
    public void Home_shows_the_five_that_end_soonest_and_leads_to_all()
    {
        var summary = Summary([.. Many(7).Select((token, number) => token with { ExpiresAt = Now.AddDays(30 - number) })]);

        summary.FindAll(".held-role").Select(name => name.TextContent).ShouldBe(["job-6", "job-5", "job-4", "job-3", "job-2"]);
        summary.Find(".more a").TextContent.ShouldBe("All 7 tokens");
        summary.Find(".more a").GetAttribute("href").ShouldBe("/tokens");
    }

    [Fact]
    public void Home_says_nothing_of_tokens_to_somebody_without() => Summary([]).Markup.Trim().ShouldBeEmpty();

    private AccessTokenView[] Many(int count) => [.. Enumerable.Range(0, count).Select(number => Token(Now, $"job-{number}"))];

    private static IEnumerable<string> Names(IRenderedComponent<TokenList> list) => list.FindAll(".held-role").Select(name => name.TextContent);

    private IRenderedComponent<TokenList> Render(params AccessTokenView[] tokens) => Render(tokens, "");

    private IRenderedComponent<TokenList> Render(AccessTokenView[] tokens, string filter = "", string order = "") =>
        Render(() => Task.FromResult<IReadOnlyList<AccessTokenView>>(tokens), filter, order);

    private IRenderedComponent<TokenList> Render(Func<Task<IReadOnlyList<AccessTokenView>>> load, string filter = "", string order = "")
    {
        IRenderedComponent<TokenList>? list = null;
        var live = Live(Time, load, () => list?.Render());
        return list = Render<TokenList>(parameters => parameters
            .Add(l => l.Source, live)
            .Add(l => l.Filter, filter)
            .Add(l => l.FilterChanged, typed => _told.Add($"filter {typed}"))
            .Add(l => l.Order, order)
            .Add(l => l.OrderChanged, chosen => _told.Add($"order {chosen}"))
            .Add(l => l.OnRevoke, _ => Task.FromResult<string?>(null)));
    }

    private IRenderedComponent<TokenSummary> Summary(IReadOnlyList<AccessTokenView> tokens) => Render<TokenSummary>(summary => summary
        .Add(s => s.Source, Live(Time, () => Task.FromResult(tokens), () => { }))
        .Add(s => s.OnRevoke, _ => Task.FromResult<string?>(null)));
}
