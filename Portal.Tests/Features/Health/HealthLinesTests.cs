using Bunit;
using Portal.Features.Health;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Health;

public sealed class HealthLinesTests : ComponentTests
{
    [Fact]
    public void All_well_is_said_first() => Summary(new HealthLine("Vault", HealthStatus.Ok, "Answers.", null)).ShouldBe("All is well.");

    [Fact]
    public void Something_broken_is_counted() => Summary(
        new("Vault", HealthStatus.Broken, "Sealed.", null), new("Engines", HealthStatus.Broken, "Missing.", null)).ShouldStartWith("2 things are broken.");

    [Fact]
    public void Something_that_waits_is_no_alarm() =>
        Summary(new HealthLine("Vault", HealthStatus.Ok, "Answers.", null), new("Engines", HealthStatus.Waiting, "Waits.", null)).ShouldBe("Nothing is broken; something waits.");

    [Fact]
    public void A_line_carries_its_state_by_word_beside_the_colour() =>
        Render(new HealthLine("Vault", HealthStatus.Broken, "Sealed.", null)).Find(".check-broken .check-word").TextContent.ShouldBe("broken");

    [Fact]
    public void A_command_that_helps_can_be_copied() =>
        Render(new HealthLine("Vault", HealthStatus.Broken, "Sealed.", "vault operator unseal")).Find("[data-copy]").GetAttribute("data-copy").ShouldBe("vault operator unseal");

    [Fact]
    public void A_step_that_helps_is_a_sentence()
    {
        var lines = Render(new HealthLine("Vault", HealthStatus.Broken, "Away.", "Look whether Vault runs."));

        lines.Find(".remedy").TextContent.Trim().ShouldBe("Look whether Vault runs.");
        lines.FindAll("[data-copy]").ShouldBeEmpty();
    }

    [Fact]
    public void Hostile_text_stays_text() =>
        Render(new HealthLine("<script>1</script>", HealthStatus.Broken, "<img src=x>", "<b>x</b>")).FindAll("script, img, b").ShouldBeEmpty();

    private string Summary(params HealthLine[] lines) => Render(lines).Find(".summary").TextContent;

    private IRenderedComponent<HealthLines> Render(params HealthLine[] lines) => Render<HealthLines>(list => list.Add(l => l.Lines, lines));
}
