using System.Net;
using System.Text;
using Portal.Shell;
using Portal.Tests.Support;

namespace Portal.Tests.Shell;

public sealed class ApiRoutesTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    private const string Issue = "/databases/shop-readonly/credentials";

    [Theory]
    [InlineData("GET", "/no/such/thing", 404, "not-found")]
    [InlineData("GET", "", 404, "not-found")]
    [InlineData("GET", "/credentials/no-id", 404, "not-found")]
    [InlineData("PUT", "/me", 405, "method-not-allowed")]
    [InlineData("OPTIONS", "/me", 405, "method-not-allowed")]
    [InlineData("POST", Issue, 400, "malformed")]
    public async Task What_is_not_there_is_answered_by_a_problem(string method, string path, int status, string slug)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        using var nobody = new ApiClient(portal.Address, null);

        var answer = await alice.SendAsync(new HttpMethod(method), path);

        ((int)answer.Status, answer.Slug, answer.NoStore).ShouldBe((status, slug, true));
        if (status == 405)
            answer.ContentHeaders.Allow.ShouldContain("GET");
        var refused = await nobody.SendAsync(new HttpMethod(method), path);
        (refused.Status, refused.Slug, refused.NoStore).ShouldBe((HttpStatusCode.Unauthorized, "token-missing", true));
    }

    [Theory]
    [InlineData("""{"durationSeconds":"hunter2","reason":"x"}""", "durationSeconds")]
    [InlineData("""{"durationSeconds":"600","reason":"x"}""", "durationSeconds")]
    [InlineData("""{"durationSeconds":99999999999999999999,"reason":"x"}""", "durationSeconds")]
    [InlineData("""{"durationSeconds":1.5,"reason":"x"}""", "durationSeconds")]
    [InlineData("""{"durationSeconds":600,"reason":{"hunter2":1}}""", "reason")]
    [InlineData("""{"durationSeconds":600,"reason":["hunter2"]}""", "reason")]
    [InlineData("""{"hunter2":{"hunter2":hunter2}}""", null)]
    [InlineData("""{"durationSeconds":600,"reason":"hunter2""", null)]
    [InlineData("""["hunter2"]""", null)]
    [InlineData("\"hunter2\"", null)]
    [InlineData("null", null)]
    [InlineData("", null)]
    public async Task A_body_that_cannot_be_read_is_refused_at_its_field_and_never_repeated(string body, string? field)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var answer = await alice.SendAsync(HttpMethod.Post, Issue, new StringContent(body, Encoding.UTF8, "application/json"));

        (answer.Status, answer.Slug, answer.NoStore).ShouldBe((HttpStatusCode.BadRequest, "malformed", true), answer.Text);
        (answer.Json.TryGetProperty("field", out var named) ? named.GetString() : null).ShouldBe(field);
        if (field is not null)
            answer.Detail.ShouldContain(field);
        answer.Text.ShouldNotContain("hunter2");
        portal.Log.Text.ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("/credentials?limit=hunter2", "limit")]
    [InlineData("/access-tokens?limit=99999999999", "limit")]
    public async Task A_parameter_that_cannot_be_read_is_named(string path, string parameter)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var answer = await alice.GetAsync(path);

        (answer.Status, answer.Json.GetProperty("field").GetString()).ShouldBe((HttpStatusCode.BadRequest, parameter));
        answer.Text.ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task What_is_sent_but_not_JSON_or_much_too_large_is_refused()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var form = await alice.SendAsync(HttpMethod.Post, Issue, new FormUrlEncodedContent([KeyValuePair.Create("durationSeconds", "600")]));
        (form.Status, form.Slug).ShouldBe((HttpStatusCode.UnsupportedMediaType, "not-json"));
        var large = await alice.SendAsync(HttpMethod.Post, Issue, new StringContent($"\"{new string('x', 10_000_000)}\"", Encoding.UTF8, "application/json"));
        (large.Status, large.Slug).ShouldBe((HttpStatusCode.RequestEntityTooLarge, "too-large"));
    }

    [Theory]
    [InlineData("GET", "/me")]
    [InlineData("GET", "/credentials")]
    [InlineData("POST", Issue)]
    [InlineData("GET", "/no/such/thing")]
    public async Task A_browsers_session_opens_nothing_and_no_cookie_is_set(string method, string path)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        using var cookies = new ApiClient(portal.Address, null);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(portal.Address, ApiRoutes.Root + path));
        request.Headers.Add("Cookie", $"__Host-portal={alice.SessionCookie}");

        var answer = await cookies.SendAsync(request);

        (answer.Status, answer.Slug).ShouldBe((HttpStatusCode.Unauthorized, "token-missing"));
        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
        answer.Headers.Contains("Location").ShouldBeFalse();
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("text/plain")]
    [InlineData("image/png")]
    public async Task Refusals_are_problems_whatever_the_caller_accepts(string accept)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["AccessTokens:CacheTime"] = "00:00:00" });
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        async Task<Answer> GetAsync(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(portal.Address, ApiRoutes.Root + path));
            request.Headers.Add("Accept", accept);
            return await alice.SendAsync(request);
        }

        (await GetAsync("/nothing")).Slug.ShouldBe("not-found");
        (await GetAsync("/credentials?limit=x")).Slug.ShouldBe("malformed");
        await Sandbox.Vault.Control.SealAsync(Cancel);
        var away = await GetAsync("/me");
        (away.Status, away.Slug, away.RetryAfter, away.NoStore).ShouldBe((HttpStatusCode.ServiceUnavailable, "vault-sealed", "5", true));
        away.ContentHeaders.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Fact]
    public async Task Who_calls_too_often_waits_and_nobody_else_does()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["AccessTokens:CallsPerMinute"] = "3" });
        using var eager = await ApiClient.SignInAsync(portal, "alice");
        using var other = await ApiClient.SignInAsync(portal, "alice");
        for (var call = 0; call < 3; call++)
            (await eager.GetAsync("/me")).Status.ShouldBe(HttpStatusCode.OK);

        var refused = await eager.GetAsync("/me");

        (refused.Status, refused.Slug, refused.NoStore).ShouldBe((HttpStatusCode.TooManyRequests, "too-many-calls", true));
        int.Parse(refused.RetryAfter!, System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(1, 20);
        (await other.GetAsync("/me")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_limit_of_zero_is_none()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["AccessTokens:CallsPerMinute"] = "0" });
        using var alice = await ApiClient.SignInAsync(portal, "alice");

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => alice.GetAsync("/me")));

        answers.ShouldAllBe(answer => answer.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_missing_scope_is_named()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var tokens = await ApiClient.SignInAsync(portal, "alice", "tokens");

        foreach (var (answer, scopes) in new[]
        {
            (await tokens.IssueAsync(), "databases"),
            (await tokens.GetAsync("/credentials"), "databases ssh"),
            (await tokens.DeleteAsync($"/credentials/{Guid.NewGuid()}"), "databases ssh"),
        })
        {
            (answer.Status, answer.Slug, answer.NoStore).ShouldBe((HttpStatusCode.Forbidden, "scope-missing", true));
            answer.Json.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()).ShouldBe(scopes.Split(' '));
            answer.Headers.WwwAuthenticate.ToString().ShouldBe($"Bearer error=\"insufficient_scope\", scope=\"{scopes}\"");
        }
    }

    [Fact]
    public async Task A_trace_is_named_by_its_id_alone()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var nobody = new ApiClient(portal.Address, null);

        (await nobody.GetAsync("/me")).Json.GetProperty("traceId").GetString()!.ShouldMatch("^[0-9a-f]{32}$");
    }
}
