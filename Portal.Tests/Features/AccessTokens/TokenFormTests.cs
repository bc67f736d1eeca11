using Bunit;
using Portal.Features.AccessTokens;
using Portal.Tests.Support;
using static Portal.Tests.Features.AccessTokens.TokenSamples;

namespace Portal.Tests.Features.AccessTokens;

public sealed class TokenFormTests : ComponentTests
{
    private readonly List<TokenWish> _asked = [];

    [Fact]
    public void It_says_what_each_scope_allows_and_chooses_none()
    {
        var form = Render();

        form.FindAll(".choice").Select(choice => choice.TextContent.Trim()).ShouldBe(
            ["Get, extend and end database credentialsdatabases", "List, make and revoke access tokenstokens"]);
        form.FindAll(".choice input").ShouldAllBe(box => !box.HasAttribute("checked"));
    }

    [Theory]
    [InlineData(90, "7 days,30 days,60 days,90 days,Other", "30 days")]
    [InlineData(400, "7 days,30 days,60 days,90 days,Other", "30 days")]
    [InlineData(45, "7 days,30 days,45 days,Other", "30 days")]
    [InlineData(2, "2 days,Other", "2 days")]
    public void It_offers_the_usual_lives_that_the_portal_allows(int longest, string chips, string chosen)
    {
        var form = Render(longest: longest);

        form.FindAll(".chip").Select(chip => chip.TextContent).ShouldBe(chips.Split(','));
        form.FindAll(".chip").Single(chip => chip.QuerySelector("input")!.HasAttribute("checked")).TextContent.ShouldBe(chosen);
    }

    [Fact]
    public void It_says_when_the_token_would_end()
    {
        var form = Render();
        form.Find(".hint time").GetAttribute("data-at").ShouldBe("2026-12-23T13:32:00.000Z");

        form.FindAll(".chip input")[0].Change(true);

        form.Find(".hint time").GetAttribute("data-at").ShouldBe("2026-11-30T13:32:00.000Z");
    }

    [Fact]
    public void It_asks_for_what_is_chosen()
    {
        var form = Render();

        form.FindAll(".choice input")[0].Change(true);
        form.FindAll(".choice input")[1].Change(true);
        form.FindAll(".choice input")[0].Change(false);
        form.FindAll(".chip input")[0].Change(true);
        form.Find("form").Submit();

        _asked.ShouldHaveSingleItem().Scopes.ShouldBe(["tokens"]);
        _asked[0].ExpiresInSeconds.ShouldBe(7 * 24 * 3600);
    }

    [Fact]
    public void A_life_that_is_none_is_named_and_nothing_is_asked()
    {
        var form = Render();

        form.FindAll(".chip input")[4].Change(true);
        form.Find(".field-short").Change("for ever");
        form.Find("form").Submit();

        _asked.ShouldBeEmpty();
        form.Find("#duration-error").TextContent.ShouldContain("Write a time such as 45 days or 12 h, up to 90 days.");
    }

    [Fact]
    public void What_the_portal_found_wrong_stands_at_its_field()
    {
        var form = Render(errors: new() { ["name"] = ["Give the token a name."], ["scopes"] = ["Choose at least one scope."], ["expiresInSeconds"] = ["Too long."] });

        form.Find("#token-name-error").TextContent.ShouldContain("Give the token a name.");
        form.Find("#scopes-error").TextContent.ShouldContain("Choose at least one scope.");
        form.Find("#duration-error").TextContent.ShouldContain("Too long.");
        form.Find("#token-name").GetAttribute("aria-describedby").ShouldBe("token-name-error");
        form.Find(".choices").GetAttribute("aria-describedby").ShouldBe("scopes-error");
    }

    [Fact]
    public void The_name_is_bound_to_nothing_so_that_no_text_is_too_long_for_the_circuit()
    {
        var name = Render().Find("#token-name");

        name.Attributes.ShouldAllBe(attribute => !attribute.Name.StartsWith("blazor:", StringComparison.Ordinal));
        name.GetAttribute("data-draft").ShouldBe("token-name");
    }

    [Fact]
    public void What_was_chosen_before_the_connection_was_lost_is_chosen_again()
    {
        JSInterop.Setup<string?>("portal.draft.read", "token-scopes").SetResult("databases gone");
        JSInterop.Setup<string?>("portal.draft.read", "token-life").SetResult("12 h");

        var form = Render();

        form.FindAll(".choice input").Select(box => box.HasAttribute("checked")).ShouldBe([true, false]);
        form.Find(".field-short").GetAttribute("value").ShouldBe("12 h");
        form.FindAll(".choice input")[1].Change(true);
        JSInterop.Invocations["portal.draft.write"][^1].Arguments.ShouldBe(["token-scopes", "databases tokens"]);
    }

    [Fact]
    public async Task It_can_be_filled_with_what_another_token_had()
    {
        var form = Render();

        await form.InvokeAsync(() => form.Instance.FillAsync(Token(Now)));
        await form.InvokeAsync(form.Instance.SubmitAsync);

        JSInterop.VerifyInvoke("portal.draft.fill").Arguments.ShouldBe(["token-name", "ci"]);
        _asked.ShouldHaveSingleItem().Scopes.ShouldBe(["databases"]);
        _asked[0].ExpiresInSeconds.ShouldBe(30 * 24 * 3600);
    }

    [Fact]
    public async Task It_can_be_cleared_for_the_next_token()
    {
        var form = Render();
        form.FindAll(".choice input")[0].Change(true);
        form.FindAll(".chip input")[4].Change(true);
        form.Find(".field-short").Change("for ever");
        form.Find("form").Submit();

        await form.InvokeAsync(form.Instance.ClearAsync);

        form.FindAll(".field-error, .field-short").ShouldBeEmpty();
        form.FindAll(".choice input").ShouldAllBe(box => !box.HasAttribute("checked"));
        form.FindAll(".chip").Single(chip => chip.QuerySelector("input")!.HasAttribute("checked")).TextContent.ShouldBe("30 days");
        JSInterop.Invocations["portal.draft.write"].TakeLast(2).Select(call => call.Arguments[1] ?? "").ShouldBe(["", ""]);
    }

    [Fact]
    public void There_is_one_primary_button_and_it_waits_while_a_token_is_made()
    {
        var form = Render(busy: true);

        form.FindAll(".mud-button-filled-primary").Count.ShouldBe(1);
        form.Find("button[type=submit]").HasAttribute("disabled").ShouldBeTrue();
    }

    private IRenderedComponent<TokenForm> Render(int longest = 90, Dictionary<string, string[]>? errors = null, bool busy = false) => Render<TokenForm>(form => form
        .Add(f => f.Scopes, Scopes)
        .Add(f => f.Longest, TimeSpan.FromDays(longest))
        .Add(f => f.Errors, errors ?? [])
        .Add(f => f.Busy, busy)
        .Add(f => f.OnMake, _asked.Add));
}
