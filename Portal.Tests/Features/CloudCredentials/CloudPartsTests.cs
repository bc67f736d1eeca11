using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Features.CloudCredentials;
using Portal.Features.CloudCredentials.Pages;
using Portal.Tests.Support;
using static Portal.Tests.Features.CloudCredentials.PageSamples;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>The parts of the page of one cloud credential.</summary>
public sealed class CloudPartsTests : ComponentTests
{
    private readonly List<string> _done = [];
    private CloudOutcome? _outcome;

    [Fact]
    public void Sensitive_values_are_the_scripts_and_no_part_of_the_page()
    {
        var values = Values(Credential(Now));

        values.FindAll(".reveal").Single().ChildNodes.ShouldBeEmpty();
        JSInterop.VerifyInvoke("portal.cloud.attachReveal").Arguments.Skip(1).ShouldBe(["/browser/teams/payments/cloud-credentials/shop-prod/reveal", "AWS_SECRET_ACCESS_KEY", 2, "Secret access key"]);
        values.FindAll("[data-copy]").Select(button => button.GetAttribute("data-copy")).ShouldBe(["AKIAIOSFODNN7EXAMPLE", "eu-central-1"]);
    }

    [Fact]
    public void What_was_revealed_goes_with_another_version()
    {
        var values = Values(Credential(Now));

        values.Render(parameters => parameters.Add(v => v.Credential, Credential(Now)));
        JSInterop.Invocations["portal.cloud.attachReveal"].Count.ShouldBe(1);
        values.Render(parameters => parameters.Add(v => v.Credential, Credential(Now) with { Version = 3 }));

        JSInterop.Invocations["portal.cloud.attachReveal"].Count.ShouldBe(2);
    }

    [Fact]
    public void Others_see_dots_without_a_way_to_reveal_them()
    {
        var values = Values(Credential(Now) with { MayManage = false });

        values.FindAll(".reveal").ShouldBeEmpty();
        values.Find(".dots").GetAttribute("aria-label").ShouldBe("hidden");
        CloudWords.WhoMay(Credential(Now)).ShouldBe("Only alice, who registered it, and the admins of team payments may change, reveal or revoke it.");
    }

    [Theory]
    [InlineData(CloudStanding.Verified, "Amazon found it good an hour ago.")]
    [InlineData(CloudStanding.Failing, "The key lacks a right. It was last found good 3 days ago.")]
    [InlineData(CloudStanding.Unreachable, "Amazon does not answer. The portal asks again by itself.")]
    [InlineData(CloudStanding.Unverified, "Amazon was not asked about these values yet.")]
    public void The_box_says_what_the_cloud_said(CloudStanding standing, string says)
    {
        var box = Check(standing);

        Words(box).ShouldContain(says);
        box.FindAll("li").Count.ShouldBe(standing == CloudStanding.Failing ? 2 : 0);
        box.Find("button").Click();
        _done.ShouldBe(["verify"]);
    }

    [Fact]
    public void What_no_cloud_can_be_asked_about_has_no_button() => Check(CloudStanding.Unverified, knows: false).FindAll("button").ShouldBeEmpty();

    [Fact]
    public void The_version_in_use_and_a_removed_one_cannot_be_chosen()
    {
        Row(Version(Now, 2, isCurrent: true)).FindAll("button").ShouldBeEmpty();
        Row(Version(Now, 1, isGone: true)).FindAll("button").ShouldBeEmpty();
        Row(Version(Now, 1), mayManage: false).FindAll("button").ShouldBeEmpty();
        Words(Row(Version(Now, 2, isCurrent: true))).ShouldContain("alice changed: Region, end date");
    }

    [Fact]
    public void A_restore_asks_in_the_row_and_then_the_cloud()
    {
        _outcome = new CloudOutcome.Saved(Credential(Now), null);
        var row = Row(Version(Now, 1));

        Button(row, "Restore version 1").Click();
        row.Find(".question").TextContent.ShouldContain("Its values become those of a new version");
        Yes(row).Click();

        _done.ShouldBe(["restore True"]);
        row.FindAll(".question").ShouldBeEmpty();
    }

    [Fact]
    public void A_restore_that_the_cloud_refuses_can_be_done_without_asking()
    {
        _outcome = new CloudOutcome.NotVerified(new CloudVerdict.Bad("The key is inactive.", ["sts:GetCallerIdentity"], []));
        var row = Row(Version(Now, 1));
        Button(row, "Restore version 1").Click();
        Yes(row).Click();
        row.Find("[role=alert]").TextContent.ShouldBe("The key is inactive. Missing: sts:GetCallerIdentity. Nothing was changed.");
        Yes(row).TextContent.Trim().ShouldBe("Restore without checking");

        _outcome = new CloudOutcome.Saved(Credential(Now), null);
        Yes(row).Click();

        _done.ShouldBe(["restore True", "restore False"]);
        row.FindAll(".question, [role=alert]").ShouldBeEmpty();
    }

    [Fact]
    public void A_removal_asks_first_and_no_means_no()
    {
        _outcome = new CloudOutcome.Saved(Credential(Now), null);
        var row = Row(Version(Now, 1));

        Button(row, "Remove version 1").Click();
        row.Find(".question").TextContent.ShouldContain("it cannot be restored");
        row.Find("[data-cancel]").Click();
        _done.ShouldBeEmpty();
        Button(row, "Remove version 1").Click();
        Yes(row).Click();

        _done.ShouldBe(["remove"]);
    }

    [Fact]
    public void A_revoke_names_the_effect_and_what_to_do_at_the_cloud()
    {
        _outcome = new CloudOutcome.Saved(Credential(Now), null);
        var part = Render<RevokePart>(parameters => parameters
            .Add(p => p.Credential, Credential(Now)).Add(p => p.Type, Types.Find("amazon")).Add(p => p.Versions, 3).Add(p => p.OnRevoke, () => DoAsync("revoke")));

        part.Find("#revoke").Click();
        part.Find(".question").TextContent.ShouldContain("All 3 versions are deleted from Vault. Programs that read it there stop working.");
        part.Find(".question").TextContent.ShouldContain("aws iam update-access-key");
        part.FindAll(".question button")[0].Click();

        _done.ShouldBe(["revoke"]);
        var note = Render<RevokedNote>(parameters => parameters.Add(n => n.Credential, Credential(Now) with { State = CloudState.Revoked }).Add(n => n.Type, Types.Find("amazon")));
        Words(note).ShouldContain("shop-prod is revoked. Vault has nothing of it any more.");
        Words(note).ShouldContain("aws iam delete-access-key");
    }

    [Fact]
    public void Of_two_who_save_at_once_the_second_sees_both_sides()
    {
        var basis = Credential(Now);
        var theirs = basis with
        {
            Version = 4, ChangedBy = "carol", Tags = ["env:test"], EndsAt = Now.AddDays(9),
            Fields = [basis.Fields[0], basis.Fields[1] with { Since = 4 }, basis.Fields[2] with { Value = "us-east-1", Since = 3 }],
        };
        CloudVersionView[] since = [Version(Now, 4, isCurrent: true) with { By = "carol", Changed = ["AWS_SECRET_ACCESS_KEY"] }, Version(Now, 3)];

        var conflict = Render<CloudConflict>(parameters => parameters
            .Add(c => c.Basis, basis).Add(c => c.Current, theirs).Add(c => c.Since, since).Add(c => c.Type, Types.Find("amazon")).Add(c => c.Form, ChangeForm.Id)
            .Add(c => c.OnSaveOnTop, () => _done.Add("on top")));

        Words(conflict).ShouldContain("carol saved version 4 while you were here.");
        var sides = conflict.FindAll("section");
        sides[0].TextContent.ShouldContain("Secret access key");
        sides[0].TextContent.ShouldContain("us-east-1");
        sides[0].TextContent.ShouldContain("changed, not shown");
        sides[0].TextContent.ShouldContain("env:test");
        JSInterop.VerifyInvoke("portal.cloud.showMine").Arguments[1].ShouldBe(ChangeForm.Id);
        conflict.Find("a").GetAttribute("target").ShouldBe("_blank");
        conflict.Find("button").Click();
        _done.ShouldBe(["on top"]);
    }

    [Fact]
    public void Nothing_is_saved_on_top_of_another_credential_of_the_name()
    {
        var conflict = Render<CloudConflict>(parameters => parameters
            .Add(c => c.Basis, Credential(Now)).Add(c => c.Current, Credential(Now) with { Id = Guid.CreateVersion7(), Owner = "dave" }).Add(c => c.Since, []).Add(c => c.Form, ChangeForm.Id));

        Words(conflict).ShouldContain("shop-prod is another credential by now.");
        conflict.FindAll("button").ShouldBeEmpty();
    }

    private static IElement Button<T>(IRenderedComponent<T> component, string name)
        where T : IComponent => component.FindAll("button").Single(button => button.GetAttribute("aria-label") == name);

    private static IElement Yes(IRenderedComponent<VersionRow> row) => row.FindAll(".question button")[0];

    private Task<CloudOutcome?> DoAsync(string what)
    {
        _done.Add(what);
        return Task.FromResult(_outcome);
    }

    private IRenderedComponent<CloudValueList> Values(CloudCredentialView credential) =>
        Render<CloudValueList>(parameters => parameters.Add(v => v.Credential, credential).Add(v => v.Type, Types.Find("amazon")).Add(v => v.Now, Now));

    private IRenderedComponent<CloudCheck> Check(CloudStanding standing, bool knows = true) => Render<CloudCheck>(parameters => parameters
        .Add(c => c.Credential, Credential(Now, standing: standing)).Add(c => c.Cloud, "Amazon").Add(c => c.Knows, knows).Add(c => c.Now, Now).Add(c => c.OnVerify, () => DoAsync("verify")));

    private IRenderedComponent<VersionRow> Row(CloudVersionView version, bool mayManage = true) => Render<VersionRow>(parameters => parameters
        .Add(r => r.Version, version).Add(r => r.Type, Types.Find("amazon")).Add(r => r.Cloud, "Amazon").Add(r => r.MayManage, mayManage).Add(r => r.Verifies, true)
        .Add(r => r.OnRestore, verify => DoAsync($"restore {verify}")).Add(r => r.OnRemove, () => DoAsync("remove")));
}
