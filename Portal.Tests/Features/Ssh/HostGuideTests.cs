using Bunit;
using Portal.Features.Ssh;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

public sealed class HostGuideTests : ComponentTests
{
    private const string Line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE4=";

    private HostFacts Facts => new(
        "https://portal.example", new SshAuthority { Fingerprint = "SHA256:abc", PublicKey = Line }, new PublishedList(1795545660, Now, new byte[3000]));

    [Fact]
    public void The_commands_fetch_the_script_from_this_portal_and_try_it_before_they_run_it() => Copied(Facts)[..3].ShouldBe(
    [
        "curl -fsS -o host.sh 'https://portal.example/api/v1/ssh/host.sh' && less host.sh",
        "sudo sh host.sh --account deploy=deploy --dry-run",
        "sudo sh host.sh --account deploy=deploy",
    ]);

    [Fact]
    public void The_authority_can_be_copied_and_its_fingerprint_compared()
    {
        Copied(Facts)[3].ShouldBe($"{Line} vault-portal");
        Render(Facts).Find(".fingerprint").TextContent.ShouldBe("SHA256:abc");
    }

    [Fact]
    public void The_list_says_version_size_and_when_it_changed()
    {
        var guide = Render(Facts);

        Words(guide).ShouldContain("version 1795545660, 3 KiB, changed");
        guide.Find("time").GetAttribute("datetime").ShouldBe("2026-11-23T13:32:00.000Z");
        Words(Render(Facts with { List = new(1, Now, new byte[104]) })).ShouldContain("104 bytes");
    }

    [Fact]
    public void What_the_portal_does_not_know_yet_is_said()
    {
        var guide = Render(Facts with { Authority = null, List = null });

        guide.FindAll("[role=status]").Select(element => element.TextContent).ShouldBe(
        [
            "The portal has not seen its authority yet. This page goes on by itself.",
            "The portal has not made its list yet. This page goes on by itself.",
        ]);
        guide.FindAll(".fingerprint, time").ShouldBeEmpty();
    }

    [Fact]
    public void The_way_by_hand_is_folded_and_names_the_same_files()
    {
        var details = Render(Facts).Find("details");

        details.HasAttribute("open").ShouldBeFalse();
        details.TextContent.ShouldContain("'https://portal.example/api/v1/ssh/krl'");
        details.TextContent.ShouldContain("RevokedKeys /etc/ssh/vault-portal/revoked.krl");
    }

    private string?[] Copied(HostFacts facts) => [.. Render(facts).FindAll("[data-copy]").Select(button => button.GetAttribute("data-copy"))];

    private IRenderedComponent<HostGuide> Render(HostFacts facts) => Render<HostGuide>(guide => guide.Add(g => g.Facts, facts));
}
