using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support;

namespace Portal.Tests.Shell;

public sealed class ApiDocumentTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    private const string Address = "/openapi/v1.json";

    [Theory]
    [InlineData(Address, "application/json")]
    [InlineData("/docs/api/", "text/html")]
    public async Task Whoever_is_signed_in_by_token_or_session_may_read_it(string path, string mediaType)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await portal.SignInAsync("alice");
        var token = (await alice.IssueTokenAsync()).Token;

        foreach (var (header, value) in new[] { ("Authorization", $"Bearer {token}"), ("Cookie", $"__Host-portal={alice.SessionCookie}") })
        {
            var (status, answer) = await GetAsync(portal, path, (header, value));
            status.ShouldBe(HttpStatusCode.OK, header);
            answer.Content.Headers.ContentType!.MediaType.ShouldBe(mediaType);
        }
    }

    [Theory]
    [InlineData(Address)]
    [InlineData("/docs/api/")]
    public async Task A_program_without_a_token_is_told_so_and_a_browser_is_sent_to_sign_in(string path)
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);

        var (program, told) = await GetAsync(portal, path);
        program.ShouldBe(HttpStatusCode.Unauthorized);
        told.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer");
        (await GetAsync(portal, path, ("Authorization", "Bearer x.y.z"))).Answer.Headers.WwwAuthenticate.ToString().ShouldContain("invalid_token");
        var (browser, sent) = await GetAsync(portal, path, ("Accept", "text/html,*/*"));
        browser.ShouldBe(HttpStatusCode.Found);
        sent.Headers.Location!.OriginalString.ShouldStartWith("/sign-in?returnUrl=");
        sent.Headers.WwwAuthenticate.ShouldBeEmpty();
    }

    [Fact]
    public async Task All_that_it_names_it_describes()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var contract = new ApiContract((await alice.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(portal.Address, Address)))).Text);

        contract.Operations.Count.ShouldBe(28);
        contract.Operations.Select(operation => operation.Id).Distinct().Count().ShouldBe(28);
        foreach (var operation in contract.Operations)
        {
            Text(operation.Description["summary"]).ShouldMatch(@"^[A-Z].+\.$", operation.Id);
            foreach (var parameter in operation.Description["parameters"]?.AsArray() ?? [])
                Text(parameter!["description"]).ShouldNotBeEmpty($"{operation.Id} {parameter["name"]}");
            foreach (var (status, response) in operation.Responses)
                Text(response!["description"]).Length.ShouldBeGreaterThan(status[0] == '2' ? 1 : 20, $"{operation.Id} {status}");
        }

        foreach (var (name, schema) in contract.Document["components"]!["schemas"]!.AsObject())
        {
            schema!["type"].ShouldNotBeNull(name);
            foreach (var (property, described) in schema["properties"]?.AsObject() ?? [])
                (described!["type"] ?? described["$ref"]).ShouldNotBeNull($"{name}.{property}");
        }
    }

    [Fact]
    public async Task It_says_the_ranges_states_and_headers_that_hold()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var contract = new ApiContract((await alice.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(portal.Address, Address)))).Text);
        JsonNode Schema(string operation, string parameter) => contract.Operations.Single(known => known.Id == operation).Description["parameters"]!.AsArray()
            .Single(known => Text(known!["name"]) == parameter)!["schema"]!;

        var limit = Schema("listCredentials", "limit");
        (limit["minimum"]!.GetValue<int>(), limit["maximum"]!.GetValue<int>(), limit["default"]!.GetValue<int>(), Text(limit["type"])).ShouldBe((1, 200, 50, "integer"));
        var states = contract.Document["components"]!["schemas"]!["CredentialState"]!["enum"]!.ToJsonString();
        Schema("listCredentials", "state")["enum"]!.ToJsonString().ShouldBe(states);
        states.ShouldBe("""["pending","active","revoking","revoked","expired"]""");
        Schema("issueDatabaseCredential", "Idempotency-Key")["maxLength"]!.GetValue<int>().ShouldBe(60);
        Schema("issueAccessToken", "Idempotency-Key")["maxLength"]!.GetValue<int>().ShouldBe(60);
        contract.Operations.Single(known => known.Id == "issueDatabaseCredential").Responses["201"]!["headers"]!["Location"].ShouldNotBeNull();
    }

    private static string Text(JsonNode? node) => node?.GetValue<string>() ?? "";

    private static async Task<(HttpStatusCode Status, HttpResponseMessage Answer)> GetAsync(TestPortal portal, string path, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(portal.Address, path));
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        var answer = await http.SendAsync(request, Cancel);
        return (answer.StatusCode, answer);
    }
}
