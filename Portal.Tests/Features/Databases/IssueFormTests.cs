using Bunit;
using Portal.Features.Databases;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Databases;

public sealed class IssueFormTests : ComponentTests
{
    private readonly List<TimeSpan> _asked = [];

    [Fact]
    public void It_offers_the_usual_lives_up_to_the_longest_and_one_hour_at_first()
    {
        var form = Render(Role("shop-readonly"));

        Chips(form).ShouldBe(["15 min", "1 h", "4 h", "8 h", "Other"]);
        Chosen(form).ShouldBe("1 h");
    }

    [Fact]
    public void A_short_grant_offers_no_more_than_it_allows()
    {
        var form = Render(Role("shop-readonly") with { MaxDuration = TimeSpan.FromMinutes(40) });

        Chips(form).ShouldBe(["15 min", "40 min", "Other"]);
        Chosen(form).ShouldBe("40 min");
    }

    [Fact]
    public void It_asks_for_what_is_chosen()
    {
        var form = Render(Role("shop-readonly"));

        form.FindAll(".chip input")[2].Change(true);
        form.Find("form").Submit();

        _asked.ShouldBe([TimeSpan.FromHours(4)]);
    }

    [Theory]
    [InlineData("90 min", 90)]
    [InlineData("0", 0)]
    [InlineData("48 h", 2880)]
    public void Another_time_is_read_and_left_to_the_portal_to_judge(string text, int minutes)
    {
        var form = Render(Role("shop-readonly"));

        form.FindAll(".chip input")[4].Change(true);
        form.Find(".field-short").Change(text);
        form.Find("form").Submit();

        _asked.ShouldBe([TimeSpan.FromMinutes(minutes)]);
    }

    [Theory]
    [InlineData("-5")]
    [InlineData("soon")]
    [InlineData("")]
    public void A_time_that_is_none_is_named_and_nothing_is_asked(string text)
    {
        var form = Render(Role("shop-readonly"));

        form.FindAll(".chip input")[4].Change(true);
        form.Find(".field-short").Change(text);
        form.Find("form").Submit();

        _asked.ShouldBeEmpty();
        form.Find("#duration-error").TextContent.ShouldContain("Write a time such as 45 min or 2 h, up to 8 h.");
        form.Find(".field-short").GetAttribute("aria-invalid").ShouldBe("true");
    }

    [Fact]
    public void What_the_portal_found_wrong_stands_at_its_field()
    {
        var form = Render(Role("shop-readonly"), errors: new() { ["reason"] = ["Say why you need it."], ["durationSeconds"] = ["Too long."] });

        form.Find("#reason-error").TextContent.ShouldContain("Say why you need it.");
        form.Find("#duration-error").TextContent.ShouldContain("Too long.");
        form.Find("#reason").GetAttribute("aria-invalid").ShouldBe("true");
        form.Find("#reason").GetAttribute("aria-describedby").ShouldBe("reason-error");
    }

    [Fact]
    public void The_reason_is_bound_to_nothing_so_that_no_text_is_too_long_for_the_circuit()
    {
        var reason = Render(Role("shop-readonly")).Find("#reason");

        reason.Attributes.ShouldAllBe(attribute => !attribute.Name.StartsWith("blazor:", StringComparison.Ordinal));
        reason.GetAttribute("data-draft").ShouldBe("reason");
    }

    [Fact]
    public void A_role_that_needs_approval_says_so_and_has_no_form()
    {
        var form = Render(Role("shop-readwrite") with { RequiresApproval = true });

        Words(form).ShouldContain("Each use of this role needs an approval.");
        Words(form).ShouldContain("ask an admin of team payments");
        form.FindAll("form, input, .mud-button-root").ShouldBeEmpty();
    }

    [Fact]
    public void While_it_runs_the_button_waits() =>
        Render(Role("shop-readonly"), busy: true).Find("button[type=submit]").HasAttribute("disabled").ShouldBeTrue();

    [Fact]
    public void There_is_one_primary_button() =>
        Render(Role("shop-readonly")).FindAll(".mud-button-filled-primary").Count.ShouldBe(1);

    [Fact]
    public void A_time_chosen_before_the_connection_was_lost_is_chosen_again()
    {
        JSInterop.Setup<string?>("portal.draft.read", "duration").SetResult("4 h");
        Chosen(Render(Role("shop-readonly"))).ShouldBe("4 h");
    }

    [Fact]
    public void A_time_typed_before_the_connection_was_lost_stands_there_again()
    {
        JSInterop.Setup<string?>("portal.draft.read", "duration").SetResult("90 mni");
        Render(Role("shop-readonly")).Find(".field-short").GetAttribute("value").ShouldBe("90 mni");
    }

    [Fact]
    public void Hostile_text_stays_text()
    {
        const string script = "<script>alert(1)</script>";

        var form = Render(Role(script) with { Allows = script, Statements = script, Team = script }, reasons: [script]);

        form.FindAll("script").ShouldBeEmpty();
        form.Find("h2").TextContent.ShouldBe(script);
        form.Find(".recent-reason").GetAttribute("data-value").ShouldBe(script);
    }

    private static DatabaseRoleAccess Role(string name) => new(
        name, "shop", "postgresql", "SELECT on all tables of shop", "CREATE ROLE …", TimeSpan.FromHours(8), RequiresApproval: false, "payments");

    private IRenderedComponent<IssueForm> Render(
        DatabaseRoleAccess role, Dictionary<string, string[]>? errors = null, bool busy = false, IReadOnlyList<string>? reasons = null) => Render<IssueForm>(form => form
        .Add(f => f.Role, role)
        .Add(f => f.Busy, busy)
        .Add(f => f.Errors, errors ?? [])
        .Add(f => f.RecentReasons, reasons ?? [])
        .Add(f => f.OnIssue, _asked.Add));

    private static IEnumerable<string> Chips(IRenderedComponent<IssueForm> form) => form.FindAll(".chip").Select(chip => chip.TextContent);

    private static string Chosen(IRenderedComponent<IssueForm> form) => form.FindAll(".chip").Single(chip => chip.QuerySelector("input")!.HasAttribute("checked")).TextContent;
}
