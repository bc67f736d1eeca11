using Bunit;
using Portal.Features.Audit;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Audit;

public sealed class AuditTableTests : ComponentTests
{
    [Fact]
    public void No_event_is_one_sentence() => Render([]).Find(".empty").TextContent.ShouldBe("Nothing has happened yet.");

    [Fact]
    public void A_filter_that_finds_nothing_says_so() =>
        Render([], filter: "zebra").Find(".empty").TextContent.ShouldBe("Nothing matches “zebra”.");

    [Fact]
    public void Ones_own_events_need_no_column_for_who()
    {
        Render([Event()]).FindAll("th").Select(head => head.TextContent).ShouldBe(["When", "What", "Object", "Outcome", "From"]);
        Render([Event()], withActor: true).FindAll("th").Select(head => head.TextContent).ShouldContain("Who");
    }

    [Fact]
    public void On_a_phone_each_value_has_its_name()
    {
        var table = Render([Event()], withActor: true);
        table.FindAll("td").Select(cell => cell.GetAttribute("data-label")).ShouldBe(table.FindAll("th").Select(head => head.TextContent));
    }

    [Fact]
    public void Hostile_text_stays_text()
    {
        const string script = "<script>alert(1)</script>";
        Render([Event(script)], withActor: true).FindAll("script").ShouldBeEmpty();
    }

    private IRenderedComponent<AuditTable> Render(IReadOnlyList<AuditEvent> events, bool withActor = false, string? filter = null) => Render<AuditTable>(table => table
        .Add(t => t.Events, events)
        .Add(t => t.WithActor, withActor)
        .Add(t => t.Filter, filter));

    private AuditEvent Event(string text = "credential") => new()
    {
        Id = 1, At = Now, Action = text, ActorLogin = text, Address = "127.0.0.1", Object = text, Outcome = "ok", Detail = text,
    };
}
