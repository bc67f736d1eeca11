using AngleSharp.Dom;
using Bunit;
using Portal.Features.CloudCredentials;
using Portal.Features.CloudCredentials.Pages;
using Portal.Features.Health;
using Portal.Tests.Support;
using static Portal.Tests.Features.CloudCredentials.PageSamples;

namespace Portal.Tests.Features.CloudCredentials;

public sealed class CloudFormTests : ComponentTests
{
    private readonly List<bool> _sent = [];

    public static TheoryData<string> TypeNames => [.. Types.All.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void Fields_are_bound_to_nothing_and_leave_no_draft(string type)
    {
        var form = Render(Types.Find(type)!);

        var fields = form.FindAll("[name^='field:'], input[type=file]");
        foreach (var field in fields)
        {
            field.Attributes.ShouldAllBe(attribute => !attribute.Name.StartsWith("blazor:", StringComparison.Ordinal) && attribute.Name != "data-draft");
            if (field.HasAttribute("data-secret"))
                (field.GetAttribute("type") ?? "").ShouldBe(field.TagName == "INPUT" ? "password" : "");
        }

        fields.Count(field => field.HasAttribute("data-secret")).ShouldBe(Types.Find(type)!.Fields.Count(field => field.IsSensitive));
        form.Find("form").GetAttribute("method").ShouldBe("post");
        form.FindAll("[data-draft]").Select(field => field.GetAttribute("name")).ShouldBe(["name", "tags"]);
    }

    [Fact]
    public void Each_field_says_what_it_is_and_shows_an_example()
    {
        var form = Render();

        var region = form.Find("[name='field:AWS_REGION']");
        region.GetAttribute("placeholder").ShouldBe("eu-central-1");
        form.Find($"#{region.GetAttribute("aria-describedby")}").TextContent.ShouldContain("The code of the region");
        form.Find($"label[for='{region.Id}']").TextContent.ShouldContain("optional");
    }

    [Fact]
    public void The_first_button_asks_the_cloud_and_the_other_does_not()
    {
        var form = Render();

        form.Find("form").Submit();
        Button(form, "Register without checking").Click();

        _sent.ShouldBe([true, false]);
    }

    [Fact]
    public void What_no_cloud_can_be_asked_about_is_only_registered()
    {
        var form = Render(Types.Find("password"), verifies: false);

        form.Find("form").Submit();

        _sent.ShouldBe([false]);
        form.FindAll("button[type=submit]").Single().TextContent.Trim().ShouldBe("Register");
        Words(form).ShouldNotContain("without checking");
    }

    [Fact]
    public async Task While_it_runs_it_says_whom_it_asks()
    {
        var answer = JSInterop.Setup<CloudAnswer>("portal.cloud.send", _ => true);
        var submission = Submission();
        var form = Render(submission: submission);

        var sending = submission.SendAsync("/browser/x", new { }, asks: true);
        form.Render();
        form.Find("button[type=submit]").TextContent.Trim().ShouldBe("Asking Amazon Web Services…");
        form.Find("button[type=submit]").HasAttribute("disabled").ShouldBeTrue();
        (await submission.SendAsync("/browser/x", new { }, asks: true)).ShouldBeNull();
        answer.SetResult(new("aws", 1, null));

        (await sending).ShouldBe(new CloudSaved("aws", 1));
        answer.Invocations.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_the_cloud_misses_is_listed_and_it_can_be_kept_all_the_same()
    {
        var form = await RefusedAsync(new("verification-failed", "The key lacks a right. Nothing was stored.", null, ["ec2:DescribeRegions", "<b>"], HasErrors: false));

        var note = form.Find(".notice-error[role=alert]:not([hidden])");
        note.TextContent.ShouldContain("Amazon Web Services does not find it good.");
        note.QuerySelectorAll("li").Select(item => item.TextContent).ShouldBe(["ec2:DescribeRegions", "<b>"]);
        Button(form, "Register without checking").Click();
        _sent.ShouldBe([false]);
    }

    [Fact]
    public async Task A_silent_cloud_is_not_taken_for_a_bad_key() =>
        Words(await RefusedAsync(new("cloud-unreachable", "No answer came.", null, null, HasErrors: false))).ShouldContain("Amazon Web Services could not be asked. No answer came.");

    [Fact]
    public async Task A_lost_answer_says_that_nobody_knows() =>
        Words(await RefusedAsync(new(CloudProblem.UnknownOutcome, null, null, null, HasErrors: false))).ShouldContain("The connection broke before the answer came.");

    [Fact]
    public async Task Errors_of_fields_stand_at_the_fields_alone() =>
        (await RefusedAsync(new("invalid", null, "trace", null, HasErrors: true))).FindAll(".notice:not([hidden])").ShouldBeEmpty();

    [Fact]
    public async Task Vault_away_is_said_until_it_was_seen_to_come_back()
    {
        var submission = Submission();
        JSInterop.Setup<CloudAnswer>("portal.cloud.send", _ => true).SetResult(new(null, null, new("vault-sealed", "Vault is sealed.", null, null, HasErrors: false)));
        await submission.SendAsync("/browser/x", new { }, asks: true);
        var form = Render(submission: submission);
        Words(form).ShouldContain("It was not registered. Vault is sealed.");

        submission.NoteVault(HealthStatus.Ok);
        submission.Trouble.ShouldNotBeNull();
        submission.NoteVault(HealthStatus.Broken);
        submission.NoteVault(HealthStatus.Ok);
        form.Render();

        Words(form).ShouldContain("Vault answers again. What you typed is still here.");
    }

    [Fact]
    public void The_types_are_found_by_what_they_hold()
    {
        var list = Render<TypeList>(parameters => parameters
            .Add(l => l.Types, Types.All).Add(l => l.Filter, "access key").Add(l => l.Address, type => $"?type={type}").Add(l => l.Knows, type => type == "amazon"));

        list.FindAll(".role").Select(type => type.GetAttribute("href")).ShouldContain("?type=amazon");
        list.FindAll(".role").Count.ShouldBeLessThan(Types.All.Count);
        list.Find("[href='?type=amazon'] .role-how").TextContent.ShouldBe("checked at the cloud");
    }

    [Fact]
    public void To_change_it_safe_fields_are_filled_and_the_others_keep_their_values()
    {
        var fields = Render<CloudFields>(parameters => parameters.Add(f => f.Type, Types.Find("amazon")!).Add(f => f.Before, Credential(Now)));

        fields.Find("[name='field:AWS_REGION']").GetAttribute("value").ShouldBe("eu-central-1");
        fields.Find("[name='field:AWS_REGION']").GetAttribute("data-was").ShouldBe("eu-central-1");
        fields.Find("[name='field:AWS_SECRET_ACCESS_KEY']").GetAttribute("placeholder").ShouldBe("leave empty to keep it");
        fields.Find("[name='field:AWS_SECRET_ACCESS_KEY']").HasAttribute("value").ShouldBeFalse();
    }

    [Fact]
    public void Fields_with_names_of_their_own_can_be_given_anew_or_removed()
    {
        var generic = Credential(Now) with { Type = "generic", Fields = [new("API_KEY", null, 1, Now)] };

        var fields = Render<CloudFields>(parameters => parameters.Add(f => f.Type, Types.Find("generic")!).Add(f => f.Before, generic));

        fields.Find("[name='field:API_KEY']").HasAttribute("data-secret").ShouldBeTrue();
        fields.Find("[name='clear:API_KEY']").ShouldNotBeNull();
        fields.Find("[data-cloud-add]").TextContent.ShouldBe("Add a field");
    }

    private async Task<IRenderedComponent<RegisterForm>> RefusedAsync(CloudProblem problem)
    {
        var submission = Submission();
        JSInterop.Setup<CloudAnswer>("portal.cloud.send", _ => true).SetResult(new(null, null, problem));
        (await submission.SendAsync("/browser/x", new { }, asks: true)).ShouldBeNull();
        return Render(submission: submission);
    }

    private CloudSubmission Submission() => new(RegisterForm.Id, "It was not registered.", JSInterop.JSRuntime);

    private static IElement Button(IRenderedComponent<RegisterForm> form, string name) => form.FindAll("button").Single(button => button.TextContent.Trim() == name);

    private IRenderedComponent<RegisterForm> Render(CloudType? type = null, bool verifies = true, CloudSubmission? submission = null) => Render<RegisterForm>(parameters => parameters
        .Add(f => f.Type, type ?? Types.Find("amazon")!)
        .Add(f => f.Verifies, verifies)
        .Add(f => f.Teams, ["payments"])
        .Add(f => f.Team, "payments")
        .Add(f => f.OtherType, "?")
        .Add(f => f.Submission, submission ?? Submission())
        .Add(f => f.OnSend, _sent.Add));
}
