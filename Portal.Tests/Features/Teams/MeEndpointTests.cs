using System.Net;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Teams;

public sealed class MeEndpointTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    [Fact]
    public async Task A_token_speaks_for_its_owner()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var carol = await ApiClient.SignInAsync(portal, "carol");

        var me = await carol.GetAsync("/me");

        me.Status.ShouldBe(HttpStatusCode.OK, me.Text);
        me.Json.GetProperty("login").GetString().ShouldBe("carol");
        me.Json.GetProperty("isPortalAdmin").GetBoolean().ShouldBeFalse();
        me.Json.GetProperty("teams").EnumerateArray().Select(team => (team.GetProperty("name").GetString(), team.GetProperty("role").GetString()))
            .ShouldBe([("payments", "maintainer"), ("platform", "maintainer")]);
    }

    [Fact]
    public async Task The_team_of_portal_admins_makes_one()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var dave = await ApiClient.SignInAsync(portal, "dave");

        (await dave.GetAsync("/me")).Json.GetProperty("isPortalAdmin").GetBoolean().ShouldBeTrue();
    }
}
