using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.SignIn;
using Portal.Features.Ssh;
using Portal.Features.Teams;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

/// <summary>What was looked up may have ended by the time a wish is recorded; and of several grants the one that fits is used.</summary>
public sealed class StandingGrantTests(SandboxFixture fixture) : SshTests(fixture)
{
    private static readonly CertificateRequest s_wish = new("oncall", TestKeys.Ed25519, ["deploy"], 3600, "INC-42", "key");

    [Theory]
    [InlineData("nothing", true)]
    [InlineData("left the team", false)]
    [InlineData("suspended", false)]
    [InlineData("grant gone", false)]
    [InlineData("grant shorter", false)]
    [InlineData("grant without the principal", false)]
    [InlineData("grant needs approval", false)]
    public async Task Only_what_still_holds_when_it_is_recorded_counts(string happened, bool allowed)
    {
        await using var portal = await StartAsync();
        using var bob = await ApiClient.SignInAsync(portal, "bob");
        await portal.DatabaseAsync(async db =>
        {
            var user = await db.Users.SingleAsync(row => row.Login == "bob", Cancel);
            var looked = await db.SshGrants.AsNoTracking().Include(row => row.Role).SingleAsync(row => row.RoleName == "oncall", Cancel);
            await HappenAsync(db, happened, user.Id);

            var actor = new Actor(user.Id, null, "bob", "");
            (await GrantedSshRoles.StillAllowsAsync(db, actor, looked, s_wish, Cancel)).ShouldBe(allowed);
            return true;
        });
    }

    [Fact]
    public void Of_several_grants_the_one_that_fits_in_all_is_used()
    {
        var (all, longer, approved) = (Grant([], 3600, false), Grant(["deploy"], 8 * 3600, false), Grant([], 24 * 3600, true));

        Chosen(s_wish).ShouldBe(all);
        Chosen(s_wish with { DurationSeconds = 4 * 3600 }).ShouldBe(longer);
        Chosen(s_wish with { DurationSeconds = 4 * 3600, Principals = ["ubuntu"] }).ShouldBe(all);

        SshGrant Chosen(CertificateRequest wish)
        {
            wish.Check([all, longer, approved], TimeSpan.FromMinutes(1), out var grant, out _);
            return grant;
        }
    }

    private static Task<int> HappenAsync(PortalDb db, string what, Guid user)
    {
        var grants = db.SshGrants.Where(row => row.RoleName == "oncall");
        return what switch
        {
            "left the team" => db.Memberships.Where(row => row.UserId == user).ExecuteDeleteAsync(Cancel),
            "suspended" => db.Users.Where(row => row.Id == user).ExecuteUpdateAsync(set => set.SetProperty(row => row.SuspendedAt, DateTimeOffset.UtcNow), Cancel),
            "grant gone" => grants.ExecuteDeleteAsync(Cancel),
            "grant shorter" => grants.ExecuteUpdateAsync(set => set.SetProperty(row => row.MaxDurationSeconds, 60), Cancel),
            "grant without the principal" => grants.ExecuteUpdateAsync(set => set.SetProperty(row => row.Principals, new List<string> { "ubuntu" }), Cancel),
            "grant needs approval" => grants.ExecuteUpdateAsync(set => set.SetProperty(row => row.RequiresApproval, true), Cancel),
            _ => Task.FromResult(0),
        };
    }

    private static SshGrant Grant(List<string> principals, int seconds, bool approval) => new()
    {
        Id = Guid.CreateVersion7(), RoleName = "oncall", Principals = principals, MaxDurationSeconds = seconds, RequiresApproval = approval,
        Role = new SshRole { Name = "oncall", Allows = "", Hosts = "", Principals = ["deploy", "ubuntu"], Extensions = [], MaxDurationSeconds = 24 * 3600 },
    };
}
