using Bunit;
using Portal.Shell;
using Portal.Tests.Support;

namespace Portal.Tests.Shell;

public sealed class RoleListTests : ComponentTests
{
    [Fact]
    public void Each_role_says_where_it_leads_and_how_it_is_had()
    {
        var list = Render([Role("shop-readonly"), Role("shop-readwrite") with { RequiresApproval = true }], "shop-readonly");

        list.FindAll(".role-where").Select(where => where.TextContent).ShouldBe(["PostgreSQL · shop", "PostgreSQL · shop"]);
        list.FindAll(".role-how").Select(how => how.TextContent).ShouldBe(["up to 8 h", "needs approval"]);
        list.Find("[aria-current=true] .role-name").TextContent.ShouldBe("shop-readonly");
        list.FindAll("input").ShouldBeEmpty();
    }

    [Fact]
    public void A_role_is_chosen_by_an_address_that_can_be_sent_to_a_colleague() =>
        Render([Role("a&b c")], null).Find("a").GetAttribute("href").ShouldBe("/databases?role=a%26b%20c");

    [Fact]
    public void Of_five_hundred_roles_a_hundred_are_drawn_and_the_filter_finds_the_others()
    {
        var roles = Enumerable.Range(0, 500).Select(number => Role($"service-{number}")).ToList();

        var list = Render(roles, "service-0");
        list.FindAll(".role").Count.ShouldBe(100);
        Words(list).ShouldContain("100 of 500 shown");

        Render(roles, "service-0", "SERVICE-499").FindAll(".role-name").Select(name => name.TextContent).ShouldBe(["service-499"]);
    }

    [Fact]
    public void A_filter_that_finds_nothing_says_so() =>
        Render([Role("shop-readonly")], null, "<b>zebra").Find(".empty").TextContent.ShouldBe("No role matches “<b>zebra”.");

    [Fact]
    public void What_is_typed_into_the_filter_is_told()
    {
        var typed = "";
        var list = Render<RoleList>(parameters => parameters
            .Add(l => l.Roles, [.. Enumerable.Range(0, 9).Select(number => Role($"r{number}"))])
            .Add(l => l.FilterChanged, filter => typed = filter));

        list.Find("input").Input("r7");

        typed.ShouldBe("r7");
    }

    private static RoleChoice Role(string name) => new(name, "PostgreSQL · shop", "SELECT on all tables of shop", TimeSpan.FromHours(8), RequiresApproval: false);

    private IRenderedComponent<RoleList> Render(IReadOnlyList<RoleChoice> roles, string? selected, string? filter = null) => Render<RoleList>(list => list
        .Add(l => l.Page, "/databases")
        .Add(l => l.Roles, roles)
        .Add(l => l.Selected, selected)
        .Add(l => l.Filter, filter));
}
