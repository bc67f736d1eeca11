using AngleSharp.Dom;
using Bunit;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Features.CloudCredentials;
using Portal.Features.CloudCredentials.Pages;
using Portal.Shell;
using Portal.Tests.Support;
using static Portal.Tests.Features.CloudCredentials.PageSamples;

namespace Portal.Tests.Features.CloudCredentials;

public sealed class CloudListPageTests : ComponentTests
{
    private readonly List<CloudListWish> _wished = [];

    [Fact]
    public void While_it_loads_a_skeleton_stands_in() =>
        Render(() => new TaskCompletionSource<CloudListView>().Task).Find(".loading").TextContent.ShouldContain("Loading");

    [Fact]
    public void Without_any_it_says_what_to_do()
    {
        var list = Render([]);

        list.Find(".empty").TextContent.ShouldContain("Your teams have no cloud credentials.");
        list.FindAll("li, input, select").ShouldBeEmpty();
    }

    [Fact]
    public void Somebody_without_a_team_is_told_whom_to_ask() =>
        Words(Render(() => Task.FromResult(new CloudListView(new(), new([], 0, [], []))))).ShouldContain("You are in no team of this portal.");

    [Fact]
    public void When_nothing_is_like_that_the_way_back_is_a_click()
    {
        var list = Render([], new() { Filter = CloudFilter.Failing });

        list.Find(".empty").TextContent.ShouldContain("No cloud credential is like that.");
        list.Find(".empty a").GetAttribute("href").ShouldBe("/cloud-credentials");
        list.Find("nav [aria-current]").TextContent.ShouldBe("Failing");
    }

    [Fact]
    public void Trouble_is_said_and_the_way_on_is_a_click()
    {
        var fails = true;
        var list = Render(() => fails ? Task.FromException<CloudListView>(new InvalidOperationException()) : Task.FromResult(View([Credential(Now)])));
        list.Find("[role=alert]").TextContent.ShouldContain("This did not work.");

        fails = false;
        list.FindAll("button").Single(button => button.TextContent.Contains("Try again", StringComparison.Ordinal)).Click();

        list.WaitForAssertion(() => list.FindAll(".cloud-held").Count.ShouldBe(1));
    }

    [Fact]
    public void Of_5000_fifty_are_on_a_page()
    {
        var list = Render(() => Task.FromResult(new CloudListView(new(), new([.. Enumerable.Range(0, 50).Select(number => Credential(Now, $"key-{number}") with { Id = Guid.CreateVersion7() })], 5000, ["payments"], []))), number: 2);

        list.FindAll(".cloud-held").Count.ShouldBe(50);
        list.Find(".pager").TextContent.ShouldContain("51–100 of 5000");
        list.FindAll(".pager a").Select(link => link.GetAttribute("href")).ShouldBe(["page 1", "page 3"]);
        list.Find(".cloud-chips [role=status]").TextContent.ShouldBe("5000 credentials");
    }

    [Fact]
    public void A_row_says_whose_key_it_is_and_how_it_stands()
    {
        var row = Render([Credential(Now)]).Find(".cloud-held");

        row.QuerySelector(".held-role")!.GetAttribute("href").ShouldBe("/cloud-credentials/payments/shop-prod");
        foreach (var part in new[] { "Amazon Web Services", "123456789012", "payments · alice", "verified", "an hour ago", "rotated 20 days ago" })
            row.TextContent.ShouldContain(part);
        row.QuerySelectorAll(".tag").Select(tag => (tag.TextContent, tag.GetAttribute("href"))).ShouldBe([("env:prod", "list env:prod"), ("shop", "list shop")]);
        row.QuerySelectorAll(".held-note, time").ShouldBeEmpty();
    }

    [Theory]
    [InlineData(CloudStanding.Failing, "failing", "Missing: ec2:DescribeRegions; region eu-central-1")]
    [InlineData(CloudStanding.Unreachable, "not reachable", "asked an hour ago")]
    [InlineData(CloudStanding.Unverified, "not verified", "AKIAIOSFODNN7EXAMPLE")]
    public void Each_standing_is_a_word(CloudStanding standing, string word, string says)
    {
        var row = Render([Credential(Now, standing: standing)]).Find(".cloud-held");

        row.QuerySelector(".state")!.TextContent.ShouldBe(word);
        row.TextContent.ShouldContain(says);
    }

    [Fact]
    public void Old_values_an_end_and_a_revoke_under_way_are_said()
    {
        var list = Render(
        [
            Credential(Now) with { RotatedAt = Now.AddDays(-95) },
            Credential(Now) with { Id = Guid.CreateVersion7(), EndsAt = Now.AddDays(6) },
            Credential(Now, standing: CloudStanding.Failing) with { Id = Guid.CreateVersion7(), State = CloudState.Revoking },
        ]);

        var rows = list.FindAll(".cloud-held");
        rows[0].QuerySelector(".state-warn")!.TextContent.ShouldBe("old: rotated 95 days ago");
        rows[1].QuerySelector("time")!.GetAttribute("data-ends").ShouldNotBeNull();
        rows[1].QuerySelector("time")!.GetAttribute("data-soon").ShouldBe("1209600");
        rows[2].QuerySelector(".held-time")!.TextContent.Trim().ShouldBe("revoking");
        rows[2].QuerySelectorAll(".held-note").ShouldBeEmpty();
    }

    [Fact]
    public void What_is_typed_and_chosen_is_wished_on_top_of_the_rest()
    {
        var list = Render([Credential(Now)], new() { Tag = "shop", Order = CloudOrder.Age });

        list.Find("input").Input("prod");
        list.Find("select[aria-label=Type]").Change("google");
        list.Find("select[aria-label=Team]").Change("");
        list.Find("select[aria-label=Order]").Change("End");

        var wish = new CloudListWish(Tag: "shop", Order: CloudOrder.Age);
        _wished.ShouldBe([wish with { Text = "prod" }, wish with { Type = "google" }, wish, wish with { Order = CloudOrder.End }]);
        list.Find("[aria-label^='Tag shop']").GetAttribute("href").ShouldBe("list ");
    }

    [Fact]
    public void Hostile_text_stays_text()
    {
        const string script = "<script>alert(1)</script>";

        var list = Render([Credential(Now, script, CloudStanding.Failing) with { Tags = [script], Owner = script, Type = script, Check = new(CloudStanding.Failing, Now, null, script, [script], [new(script, script)]) }]);

        list.FindAll("script").ShouldBeEmpty();
        list.Find(".held-role").TextContent.ShouldBe(script);
    }

    private static CloudListView View(IReadOnlyList<CloudCredentialView> items, CloudListWish? wish = null) => new(wish ?? new(), new(items, items.Count, ["on-call", "payments"], []));

    private IRenderedComponent<CloudList> Render(IReadOnlyList<CloudCredentialView> items, CloudListWish? wish = null) => Render(() => Task.FromResult(View(items, wish)));

    private IRenderedComponent<CloudList> Render(Func<Task<CloudListView>> load, int number = 1)
    {
        IRenderedComponent<CloudList>? list = null;
        var live = new Live<CloudListView>(_ => load(), () => list?.Render(), new TroubleWords([], NullLogger<TroubleWords>.Instance), Time);
        _ = live.RunAsync();
        return list = Render<CloudList>(parameters => parameters
            .Add(l => l.Source, live)
            .Add(l => l.Types, Types.All)
            .Add(l => l.Number, number)
            .Add(l => l.OnChange, _wished.Add)
            .Add(l => l.Address, wish => $"list {wish.Tag}")
            .Add(l => l.PageAddress, page => $"page {page}"));
    }
}
