using Bunit;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Shell;
using Portal.Tests.Support;
using Portal.Vault;

namespace Portal.Tests.Shell;

public sealed class SmallPartsTests : ComponentTests
{
    [Fact]
    public void A_list_that_loads_shows_a_skeleton_and_says_so()
    {
        var state = RenderList(() => new TaskCompletionSource<string>().Task);

        state.Find("[role=status]").TextContent.ShouldContain("Loading");
        state.FindAll(".skeleton-line").Count.ShouldBe(3);
    }

    [Fact]
    public void A_list_that_failed_says_why_and_offers_to_try_again()
    {
        var fails = true;
        var state = RenderList(() => fails ? Task.FromException<string>(new InvalidOperationException()) : Task.FromResult("rows"));
        state.Find("[role=alert]").TextContent.ShouldContain("This did not work.");

        fails = false;
        state.FindAll("button").Single(button => button.TextContent.Contains("Try again", StringComparison.Ordinal)).Click();

        state.WaitForAssertion(() => state.Markup.ShouldContain("rows"));
        state.FindAll("[role=alert]").ShouldBeEmpty();
    }

    [Fact]
    public void The_end_of_the_session_leads_to_sign_in()
    {
        Render<TroubleAlert>(alert => alert.Add(a => a.Trouble, new Trouble("Over.", "", SignedOut: true)));

        JSInterop.VerifyInvoke("portal.signIn");
    }

    [Fact]
    public void A_failure_of_Vault_is_said_in_plain_words_without_its_path()
    {
        var trouble = Services.GetRequiredService<TroubleWords>().Of(new VaultException(VaultFailure.Sealed, "secret/path"));

        trouble.Text.ShouldContain("Vault is sealed");
        trouble.Text.ShouldNotContain("secret/path");
        trouble.Reference.ShouldBeNull();
    }

    [Fact]
    public void What_nobody_knows_gets_a_reference_and_tells_nothing_of_itself()
    {
        var trouble = new TroubleWords([], NullLogger<TroubleWords>.Instance).Of(new InvalidOperationException("inner secret"));

        trouble.Reference.ShouldNotBeNullOrEmpty();
        trouble.ToString().ShouldNotContain("inner secret");
    }

    [Fact]
    public void The_menu_has_what_features_put_there_in_order_and_a_line_before_the_rest()
    {
        Services.AddSingleton(new MenuEntry("Health", "/health", Icon, 110));
        Services.AddSingleton(new MenuEntry("Databases", "/databases", Icon, 10));
        Services.AddSingleton(new MenuEntry("Home", "/", Icon, 0));

        var menu = Render<NavMenu>();

        menu.FindAll(".nav-group").Select(group => string.Join(',', group.QuerySelectorAll("a span").Select(title => title.TextContent))).ShouldBe(["Home,Databases", "Health"]);
    }

    [Fact]
    public void The_pager_says_where_one_is_and_leads_both_ways()
    {
        var pager = Render<Pager>(p => p.Add(x => x.Page, 2).Add(x => x.PageSize, 50).Add(x => x.Total, 120).Add(x => x.Address, page => $"/audit?page={page}"));

        Words(pager).ShouldContain("51–100 of 120");
        pager.FindAll("a").Select(link => link.GetAttribute("href")).ShouldBe(["/audit?page=1", "/audit?page=3"]);
        Render<Pager>(p => p.Add(x => x.Page, 1).Add(x => x.PageSize, 50).Add(x => x.Total, 50).Add(x => x.Address, _ => "")).Markup.ShouldBeEmpty();
    }

    [Fact]
    public void Signing_out_is_a_posted_form_never_a_circuit_call()
    {
        this.AddAuthorization().SetAuthorized("<b>alice</b>");

        var menu = Render<CascadingAuthenticationState>(state => state.AddChildContent<UserMenu>());

        menu.FindAll("b").ShouldBeEmpty();
        menu.Find("button").Click();
        Render<MudBlazor.MudPopoverProvider>().Find("button.user-menu-item").GetAttribute("form").ShouldBe("sign-out");
    }

    private const string Icon = "<path d=\"M0 0\" />";

    private IRenderedComponent<ListState<string>> RenderList(Func<Task<string>> load)
    {
        IRenderedComponent<ListState<string>>? state = null;
        var live = new Live<string>(_ => load(), () => state?.Render(), Services.GetRequiredService<TroubleWords>(), Time);
        _ = live.RunAsync();
        return state = Render<ListState<string>>(list => list
            .Add(l => l.Source, live)
            .Add(l => l.ChildContent, value => $"<p>{value}</p>"));
    }
}
