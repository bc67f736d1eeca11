using Bunit;
using Portal.Features.Ssh;
using Portal.Tests.Support;

namespace Portal.Tests.Features.Ssh;

public sealed class SshFormTests : ComponentTests
{
    private static readonly SshRoleAccess s_oncall = new(
        "oncall", "log in with a terminal", "web servers", ["deploy", "ubuntu"], ["permit-pty"], TimeSpan.FromHours(4), RequiresApproval: false, "on-call");

    private readonly List<SshWish> _asked = [];

    [Fact]
    public void All_principals_and_an_hour_are_chosen_at_first()
    {
        var form = Render();

        form.FindAll("input[type=checkbox]").ShouldAllBe(box => box.HasAttribute("checked"));
        form.Find("form").Submit();
        _asked.ShouldHaveSingleItem().Principals.ShouldBe(["deploy", "ubuntu"]);
        _asked[0].DurationSeconds.ShouldBe(3600);
    }

    [Fact]
    public void What_is_chosen_is_asked_for_and_outlives_a_lost_connection()
    {
        var form = Render();

        form.FindAll("input[type=checkbox]")[0].Change(false);
        form.Find("form").Submit();

        _asked.ShouldHaveSingleItem().Principals.ShouldBe(["ubuntu"]);
        JSInterop.Invocations["portal.draft.write"][^1].Arguments.ShouldBe(["ssh-principals.oncall", "ubuntu"]);
    }

    [Theory]
    [InlineData("ubuntu root", new[] { "ubuntu" })]
    [InlineData("root", new[] { "deploy", "ubuntu" })]
    public void Of_what_was_kept_only_what_the_grant_allows_is_chosen_again(string kept, string[] chosen)
    {
        JSInterop.Setup<string?>("portal.draft.read", "ssh-principals.oncall").SetResult(kept);
        var form = Render();

        form.Find("form").Submit();

        _asked.ShouldHaveSingleItem().Principals.ShouldBe(chosen);
    }

    [Fact]
    public void Reason_and_key_are_bound_to_nothing_and_no_draft_of_the_key_is_kept_unjudged()
    {
        var form = Render();

        foreach (var field in new[] { form.Find("#reason"), form.Find("textarea"), form.Find("input[type=file]") })
            field.Attributes.ShouldAllBe(attribute => !attribute.Name.StartsWith("blazor:", StringComparison.Ordinal));
        form.Find("textarea").Attributes.ShouldAllBe(attribute => attribute.Name != "data-draft" && attribute.Name != "name");
        JSInterop.VerifyInvoke("portal.sshKey.attach");
    }

    [Fact]
    public void The_page_says_that_a_private_key_stays_in_the_browser() =>
        Words(Render()).ShouldContain("The private key never leaves your browser.");

    [Fact]
    public void What_is_wrong_stands_at_its_field()
    {
        var form = Render(errors: new()
        {
            ["principals"] = ["As whom?"], ["durationSeconds"] = ["Too long."], ["reason"] = ["Say why."], ["publicKey"] = ["This key was revoked."],
        });

        form.Find("#principals-error").TextContent.ShouldContain("As whom?");
        form.Find("#duration-error").TextContent.ShouldContain("Too long.");
        form.Find("#reason-error").TextContent.ShouldContain("Say why.");
        form.Find("#key-error").TextContent.ShouldContain("This key was revoked.");
        form.Find("[data-ssh-key]").GetAttribute("aria-describedby").ShouldBe("key-error");
    }

    [Fact]
    public void A_role_that_needs_approval_says_so_and_has_no_form()
    {
        var form = Render(s_oncall with { RequiresApproval = true });

        Words(form).ShouldContain("Each use of this role needs an approval.");
        Words(form).ShouldContain("ask an admin of team on-call");
        form.FindAll("form, input, textarea").ShouldBeEmpty();
    }

    [Fact]
    public void There_is_one_primary_button_and_it_waits_while_the_certificate_is_made()
    {
        var form = Render(busy: true);

        form.FindAll(".mud-button-filled-primary").Count.ShouldBe(1);
        form.Find("button[type=submit]").HasAttribute("disabled").ShouldBeTrue();
    }

    [Fact]
    public void Hostile_text_stays_text()
    {
        const string script = "<script>alert(1)</script>";

        var form = Render(s_oncall with { Role = script, Allows = script, Hosts = script, Principals = [script], Team = script });

        form.FindAll("script").ShouldBeEmpty();
        form.Find(".chip").TextContent.ShouldBe(script);
    }

    [Fact]
    public void GitHub_is_asked_only_by_who_wants_it()
    {
        var asked = 0;
        var form = Render(load: () =>
        {
            asked++;
            return Task.FromResult<IReadOnlyList<GitHubKey>?>([]);
        });

        asked.ShouldBe(0);
        form.Find("input[value=github]").Change("github");
        asked.ShouldBe(1);
        Words(form).ShouldContain("You have no SSH key at GitHub.");
    }

    [Fact]
    public void The_first_key_at_GitHub_that_is_signed_is_chosen_and_the_others_say_why_not()
    {
        var (old, good) = (GitHubKeys.Judge(TestKeys.Rsa(2048)), GitHubKeys.Judge(TestKeys.Ed25519));
        var form = Render(load: () => Task.FromResult<IReadOnlyList<GitHubKey>?>([old, good, GitHubKeys.Judge("<b> x")]));

        form.Find("input[value=github]").Change("github");

        form.FindAll("[name=github-key]").Select(radio => (radio.HasAttribute("disabled"), radio.HasAttribute("checked"))).ShouldBe([(true, false), (false, true), (true, false)]);
        form.FindAll(".github-keys li")[0].TextContent.ShouldContain("An RSA key of 2048 bits is too weak");
        form.FindAll(".github-keys code")[1].TextContent.ShouldBe(good.Fingerprint);
        form.FindAll("b").ShouldBeEmpty();
    }

    [Fact]
    public async Task GitHub_away_is_said_with_another_try()
    {
        var answers = new Queue<TaskCompletionSource<IReadOnlyList<GitHubKey>?>>([new(), new()]);
        var (first, second) = (answers.First(), answers.Last());
        var form = Render(load: () => answers.Dequeue().Task);
        form.Find("input[value=github]").Change("github");
        Words(form).ShouldContain("Asking GitHub…");

        await form.InvokeAsync(() => first.SetResult(null));
        Words(form).ShouldContain("GitHub does not tell your keys right now.");
        form.Find(".notice button").Click();
        await form.InvokeAsync(() => second.SetResult([GitHubKeys.Judge(TestKeys.Ed25519)]));

        form.FindAll("[name=github-key]").Count.ShouldBe(1);
        form.FindAll(".notice").ShouldBeEmpty();
    }

    private IRenderedComponent<SshForm> Render(
        SshRoleAccess? role = null, Dictionary<string, string[]>? errors = null, bool busy = false, Func<Task<IReadOnlyList<GitHubKey>?>>? load = null) => Render<SshForm>(form => form
        .Add(f => f.Role, role ?? s_oncall)
        .Add(f => f.Errors, errors ?? [])
        .Add(f => f.Busy, busy)
        .Add(f => f.LoadFromGitHub, load ?? (() => Task.FromResult<IReadOnlyList<GitHubKey>?>([])))
        .Add(f => f.OnIssue, _asked.Add));
}
