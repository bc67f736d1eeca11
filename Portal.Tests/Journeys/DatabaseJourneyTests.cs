using System.Text.RegularExpressions;
using Microsoft.Playwright;
using MySqlConnector;
using Npgsql;
using Portal.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Portal.Tests.Journeys;

/// <summary>What the portal is for, from end to end: the published portal, a real browser, a real database.</summary>
public sealed class DatabaseJourneyTests(SandboxFixture fixture, BrowserFixture browsers) : SandboxTests(fixture)
{
    private readonly SandboxFixture _fixture = fixture;

    [Theory]
    [InlineData(1440, 900)]
    [InlineData(390, 844)]
    public async Task Alice_asks_connects_extends_revokes_and_is_refused(int width, int height)
    {
        await using var portal = await _fixture.StartPortalAsync();
        await browsers.WithPageAsync(
            portal.Address,
            async page =>
            {
                await page.SignInAsync("alice", "/databases?role=shop-readonly");
                await page.AskAsync("fix order 42");
                await page.Button("Show password").ClickAsync();
                var password = (await page.Password.TextContentAsync())!;
                var user = (await page.Secret.Locator("[data-secret=user]").TextContentAsync())!.Trim();
                await page.Button("Done").ClickAsync();

                user.ShouldStartWith("v-alice-");
                await using var session = await Sandbox.Postgres.OpenAsync(user, password);
                await using (var count = new NpgsqlCommand("SELECT count(*) FROM orders", session))
                    ((long)(await count.ExecuteScalarAsync(Cancel))!).ShouldBeGreaterThan(0);

                var row = page.Locator(".held");
                await Expect(row).ToContainTextAsync("fix order 42");
                await Expect(row.Locator("time").First).ToHaveTextAsync(new Regex(@"^(1:00:00|59:\d\d|58:\d\d)"));

                await page.Button("Extend shop-readonly").ClickAsync();
                await row.GetByText("4 h", new() { Exact = true }).ClickAsync();
                await row.GetByRole(AriaRole.Button, new() { Name = "Extend", Exact = true }).ClickAsync();
                await Expect(row.Locator("time").First).ToHaveTextAsync(new Regex(@"^(4:00:00|3:59:\d\d|3:58:\d\d)"));

                await page.Button("End now: shop-readonly").ClickAsync();
                await row.GetByRole(AriaRole.Button, new() { Name = "End now", Exact = true }).ClickAsync();
                await Expect(page.Locator(".held")).ToHaveCountAsync(0);
                await Expect(page.GetByText("by you")).ToBeVisibleAsync();

                (await Sandbox.Postgres.RefusalAsync(user, password)).ShouldBe("28P01");
                await using var again = new NpgsqlCommand("SELECT 1", session);
                await Should.ThrowAsync<NpgsqlException>(() => again.ExecuteScalarAsync(Cancel));
            },
            new() { ViewportSize = new() { Width = width, Height = height } });
    }

    [Theory]
    [InlineData(1440, 900)]
    [InlineData(390, 844)]
    public async Task Alice_does_the_same_with_billing_on_MariaDB(int width, int height)
    {
        await using var portal = await _fixture.StartPortalAsync();
        await browsers.WithPageAsync(
            portal.Address,
            async page =>
            {
                await page.SignInAsync("alice", "/databases");
                await Expect(page.Locator(".role-where")).ToHaveTextAsync(["MariaDB · billing", "PostgreSQL · shop", "PostgreSQL · shop"]);
                await page.GetByRole(AriaRole.Link, new() { Name = "billing-readonly" }).ClickAsync();
                await Expect(page.GetByText("SELECT on all tables of billing")).ToBeVisibleAsync();
                await page.AskAsync("invoice 17");
                await Expect(page.Secret.GetByRole(AriaRole.Tab)).ToHaveTextAsync(["mariadb", "URL", "ADO.NET", "JDBC", ".env"]);
                await page.Button("Show password").ClickAsync();
                var password = (await page.Password.TextContentAsync())!;
                var user = (await page.Secret.Locator("[data-secret=user]").TextContentAsync())!.Trim();
                await Expect(page.Secret.GetByRole(AriaRole.Tabpanel)).ToContainTextAsync($"MYSQL_PWD='{password}' mariadb -h '127.0.0.1' -P {Sandbox.MariaDb.Port} -u '{user}' -D 'billing' --skip-ssl");
                await page.Button("Done").ClickAsync();

                user.ShouldStartWith("v-alice-");
                await using var session = await Sandbox.MariaDb.OpenAsync(user, password);
                (await session.QueryAsync<long>("SELECT count(*) FROM invoices")).ShouldBeGreaterThan(0);

                var row = page.Locator(".held");
                await Expect(row).ToContainTextAsync("MariaDB billing");
                await page.Button("Extend billing-readonly").ClickAsync();
                await row.GetByText("4 h", new() { Exact = true }).ClickAsync();
                await row.GetByRole(AriaRole.Button, new() { Name = "Extend", Exact = true }).ClickAsync();
                await Expect(row.Locator("time").First).ToHaveTextAsync(new Regex(@"^(4:00:00|3:59:\d\d|3:58:\d\d)"));

                await page.Button("End now: billing-readonly").ClickAsync();
                await row.GetByRole(AriaRole.Button, new() { Name = "End now", Exact = true }).ClickAsync();
                await Expect(page.Locator(".held")).ToHaveCountAsync(0);

                (await Sandbox.MariaDb.RefusalAsync(user, password)).ShouldBe(MariaDb.AccessDenied);
                await Should.ThrowAsync<MySqlException>(() => session.ExecuteAsync("SELECT 1"));
            },
            new() { ViewportSize = new() { Width = width, Height = height } });
    }

    [Fact]
    public async Task Two_browsers_see_each_others_revoke()
    {
        await using var portal = await _fixture.StartPortalAsync();
        await browsers.WithPageAsync(portal.Address, async first =>
        {
            await first.SignInAsync("alice", "/databases?role=shop-readonly");
            await first.AskAsync("fix order 42");
            await first.Button("Done").ClickAsync();
            await browsers.WithPageAsync(portal.Address, async second =>
            {
                await second.SignInAsync("alice");
                var row = second.Locator(".held");
                await second.Button("End now: shop-readonly").ClickAsync();
                await row.GetByRole(AriaRole.Button, new() { Name = "End now", Exact = true }).ClickAsync();
                await Expect(row).ToHaveCountAsync(0);
            });

            await Expect(first.Locator(".held")).ToHaveCountAsync(0);
        });
    }

    [Fact]
    public async Task A_double_click_and_a_cut_connection_leave_one_credential_that_can_be_ended()
    {
        await using var portal = await _fixture.StartPortalAsync();
        var before = await Sandbox.Postgres.VaultUsersAsync();
        await browsers.WithPageAsync(portal.Address, async page =>
        {
            await page.SignInAsync("alice", "/databases?role=shop-readonly");
            // The request arrives and is carried out; its answer never comes back.
            await page.RouteAsync("**/browser/databases/**", async route =>
            {
                await route.FetchAsync();
                await route.AbortAsync();
            });
            await page.Reason.FillAsync("fix order 42");
            await page.GetCredentials.DblClickAsync();

            await Expect(page.Locator(".held")).ToHaveCountAsync(1);
            (await Sandbox.Postgres.VaultUsersAsync()).Except(before).Count().ShouldBe(1);
            await page.UnrouteAllAsync();
            await page.Button("End now: shop-readonly").ClickAsync();
            await page.Locator(".held").GetByRole(AriaRole.Button, new() { Name = "End now", Exact = true }).ClickAsync();
            await Expect(page.Locator(".held")).ToHaveCountAsync(0);
        });
        (await Sandbox.Postgres.VaultUsersAsync()).Except(before).ShouldBeEmpty();
    }

    [Fact]
    public async Task Bob_without_a_grant_is_told_whom_to_ask_and_eve_is_not_let_in()
    {
        await using var portal = await _fixture.StartPortalAsync();
        await browsers.WithPageAsync(portal.Address, async page =>
        {
            await page.SignInAsync("bob", "/databases");
            await Expect(page.GetByText("You may use no database role yet.")).ToBeVisibleAsync();
            await Expect(page.GetByText("Ask an admin of your team")).ToBeVisibleAsync();
        });
        await browsers.WithPageAsync(portal.Address, async page =>
        {
            await page.GotoAsync("/");
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with GitHub" }).ClickAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "eve" }).ClickAsync();
            await Expect(page.GetByText("You signed in as eve")).ToBeVisibleAsync();
        });
    }
}
