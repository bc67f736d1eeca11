namespace Portal.Tests;

public class ProjectTests
{
    [Fact]
    public void Runs() => typeof(ProjectTests).Assembly.GetName().Name.ShouldBe("Portal.Tests");
}
