using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Ssh;
using Portal.Features.Teams;
using Portal.Tests.Features.Ssh;
using Portal.Tests.Support;

namespace Portal.Tests.Shell;

/// <summary>The document says all that comes and nothing else.</summary>
public sealed class ApiContractTests(SandboxFixture fixture) : SandboxTests(fixture)
{
    private static readonly Dictionary<string, string?> s_nothingRemembered = new()
    {
        ["AccessTokens:CacheTime"] = "00:00:00",
        ["AccessTokens:CallsPerMinute"] = "0",
        ["Databases:EndingInterval"] = "00:00:00.2",
    };

    [Fact]
    public async Task Every_documented_answer_comes_as_documented_and_no_other()
    {
        ApiContract contract;
        await using (var portal = await TestPortal.StartAsync(Sandbox, s_nothingRemembered))
        {
            contract = await ReadAsync(portal);
            await LetPaymentsUseOncallAsync(portal);
            using var alice = await ClientAsync(portal, contract, "alice");
            using var dave = await ClientAsync(portal, contract, "dave");
            await CallWellAsync(alice);
            await CallSshWellAsync(alice, dave);
            using var carol = await ClientAsync(portal, contract, "carol");
            await CallCloudsAsync(alice, carol);
            await CallWronglyAsync(alice, contract);
            await CallWithoutRightAsync(portal, contract);
            await CallInVaultsTroubleAsync(alice, contract);
        }

        await using (var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["AccessTokens:CallsPerMinute"] = "1" }))
        {
            using var alice = await ClientAsync(portal, contract, "alice");
            await alice.GetAsync("/me");
            await CallAllAsync(alice, contract, HttpStatusCode.TooManyRequests);
        }

        contract.Kept.Select(promise => $"{promise}").Order(StringComparer.Ordinal)
            .ShouldBe(contract.Promises.Select(promise => $"{promise}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_the_document_calls_required_is_required()
    {
        await using var portal = await TestPortal.StartAsync(Sandbox);
        var contract = await ReadAsync(portal);
        await LetPaymentsUseOncallAsync(portal);
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var credential = await alice.IssueAsync();

        foreach (var operation in contract.Operations.Where(operation => operation.Body is not null))
        {
            if (contract.Document["components"]!["schemas"]![operation.Body!["$ref"]!.GetValue<string>().Split('/')[^1]]!["required"]?.AsArray() is not { } required)
            {
                operation.Id.ShouldBe("changeCloudCredential", "all other calls ask for something");
                continue;
            }

            foreach (var field in required.Select(name => name!.GetValue<string>()))
            {
                foreach (var body in new[] { "{}", $$"""{"{{field}}":null}""" })
                {
                    contract.MistakesOf(operation.Body, body).ShouldNotBeEmpty();
                    var answer = await alice.SendAsync(HttpMethod.Post, operation.PathOf(credential.Id), Json(body));
                    answer.Status.ShouldBe(HttpStatusCode.UnprocessableEntity, $"{operation.Id} {body}");
                    answer.ErrorOf(field).ShouldNotBeEmpty();
                }
            }
        }
    }

    private async Task CallWellAsync(ApiClient alice)
    {
        await alice.GetAsync("/me");
        await alice.GetAsync("/databases");
        await alice.GetAsync("/access-tokens?limit=1");
        var token = await alice.PostAsync("/access-tokens", new { name = "a job", scopes = new[] { "tokens" }, expiresInSeconds = 600 }, "same");
        await alice.PostAsync("/access-tokens", new { name = "a job", scopes = new[] { "tokens" }, expiresInSeconds = 600 }, "same");
        await alice.DeleteAsync($"/access-tokens/{token.Id}");
        await alice.DeleteAsync($"/access-tokens/{token.Id}");

        var first = await alice.IssueAsync(seconds: 600, idempotencyKey: "same");
        await alice.IssueAsync(seconds: 600, idempotencyKey: "same");
        var second = await alice.IssueAsync();
        await alice.GetAsync("/credentials?state=active");
        await alice.GetAsync($"/credentials/{first.Id}");
        await alice.PostAsync($"/credentials/{first.Id}/renew", new { durationSeconds = 1200 });
        await alice.DeleteAsync($"/credentials/{first.Id}");
        await alice.GetAsync($"/credentials/{first.Id}");
        await Sandbox.Postgres.StopAsync();
        await alice.DeleteAsync($"/credentials/{second.Id}");
        await alice.GetAsync("/credentials");
        await Sandbox.Postgres.StartAgainAsync();
    }

    private static async Task CallSshWellAsync(ApiClient alice, ApiClient dave)
    {
        var key = TestKeys.Ed25519;
        var wish = new { publicKey = key, principals = new[] { "deploy" }, durationSeconds = 600, reason = "INC-42" };
        await alice.GetAsync("/ssh/roles");
        (await alice.PostAsync("/ssh/roles/oncall/certificates", wish, "ssh")).Status.ShouldBe(HttpStatusCode.Created);
        await alice.PostAsync("/ssh/roles/oncall/certificates", wish, "ssh");
        var revoked = await alice.PostAsync("/ssh/revoked-keys", new { key });
        await alice.PostAsync("/ssh/revoked-keys", new { key });
        await alice.GetAsync("/ssh/revoked-keys?limit=1");
        await dave.DeleteAsync($"/ssh/revoked-keys/{revoked.Id}");
    }

    // Alice's own, and carol's, which is not alice's to change.
    private async Task CallCloudsAsync(ApiClient alice, ApiClient carol)
    {
        const string clouds = "/teams/payments/cloud-credentials";
        var (mine, hers) = ($"contract-{Guid.NewGuid():N}", $"contract-{Guid.NewGuid():N}");
        await alice.GetAsync("/credential-types");
        await alice.GetAsync("/credential-types/amazon");
        await alice.GetAsync("/credential-types/none");
        await alice.GetAsync("/teams/none/cloud-credentials");
        var first = await alice.PostAsync(clouds, Credential(mine, "x"));
        await alice.PostAsync(clouds, Credential(mine, "x"));
        await alice.PostAsync("/teams/none/cloud-credentials", Credential(mine, "x"));
        await carol.PostAsync(clouds, Credential(hers, "x"));
        await alice.GetAsync($"{clouds}?limit=1");
        await alice.GetAsync($"{clouds}/{mine}");
        await carol.GetAsync("/teams/payments/known-to-leavers");
        await alice.GetAsync("/teams/payments/known-to-leavers");
        await alice.PostAsync($"{clouds}/{mine}/reveal", new { field = "token" });
        await alice.PostAsync($"{clouds}/{mine}/reveal", new { field = "none" });
        await alice.PostAsync($"{clouds}/{mine}/verify");
        await alice.PostAsync($"{clouds}/{hers}/reveal", new { field = "token" });

        var second = await SendAsync(alice, HttpMethod.Put, mine, first, new { values = new { token = "y" } });
        await SendAsync(alice, HttpMethod.Put, mine, first, new { values = new { token = "z" } });
        await SendAsync(alice, HttpMethod.Put, mine, null, new { values = new { token = "z" } });
        await SendAsync(alice, HttpMethod.Put, mine, second, new { tags = new[] { "Wrong" } });
        await SendAsync(alice, HttpMethod.Put, hers, first, new { values = new { token = "z" } });
        var third = await SendAsync(alice, HttpMethod.Post, $"{mine}/versions/1/restore", second, null);
        await SendAsync(alice, HttpMethod.Post, $"{mine}/versions/1/restore", second, null);
        await SendAsync(alice, HttpMethod.Post, $"{mine}/versions/9/restore", third, null);
        await SendAsync(alice, HttpMethod.Post, $"{mine}/versions/1/restore", null, null);
        await SendAsync(alice, HttpMethod.Post, $"{hers}/versions/1/restore", third, null);
        await alice.GetAsync($"{clouds}/{mine}/versions");
        await alice.DeleteAsync($"{clouds}/{mine}/versions/3");
        await alice.DeleteAsync($"{clouds}/{mine}/versions/1");
        await alice.DeleteAsync($"{clouds}/{mine}/versions/1");
        await alice.DeleteAsync($"{clouds}/{hers}/versions/1");
        await alice.DeleteAsync($"{clouds}/{hers}");
        await alice.DeleteAsync($"{clouds}/{mine}");

        var token = new { name = mine, type = "digitalocean", values = Sandbox.Clouds.Seed.Values("digitalocean") };
        (await alice.PostAsync(clouds, token)).Status.ShouldBe(HttpStatusCode.Created);
        await alice.PostAsync($"{clouds}/{mine}/verify");
        await Sandbox.Vault.Control.DenyAsync($"*/metadata/*/{mine}", Cancel);
        (await alice.DeleteAsync($"{clouds}/{mine}")).Status.ShouldBe(HttpStatusCode.Accepted);
        await Sandbox.Vault.Control.DenyAsync(null, Cancel);
        foreach (var path in new[] { "", "/versions", "/reveal", "/verify", "/versions/1/restore", "/versions/1" })
        {
            await alice.GetAsync($"{clouds}/none{path}");
            await alice.DeleteAsync($"{clouds}/none{path}");
            await SendAsync(alice, path.Length == 0 ? HttpMethod.Put : HttpMethod.Post, $"none{path}", first, path.EndsWith("restore", StringComparison.Ordinal) || path == "/verify" ? null : new { field = "x" });
        }

        static object Credential(string name, string value) => new { name, type = "generic", values = new { token = value } };

        Task<Answer> SendAsync(ApiClient client, HttpMethod method, string path, Answer? basis, object? body)
        {
            var request = new HttpRequestMessage(method, client.AddressOf($"{clouds}/{path}")) { Content = body is null ? null : JsonContent.Create(body) };
            if (basis is not null)
                request.Headers.IfMatch.Add(basis.Headers.ETag!);
            return client.SendAsync(request);
        }
    }

    private static async Task CallWronglyAsync(ApiClient alice, ApiContract contract)
    {
        foreach (var operation in contract.Operations.Where(operation => operation.Body is not null))
        {
            await SendAsync(Json("{"), HttpStatusCode.BadRequest);
            await SendAsync(Json("{}"), HttpStatusCode.UnprocessableEntity, HttpStatusCode.NotFound, HttpStatusCode.PreconditionRequired);
            await SendAsync(new StringContent("durationSeconds=600", Encoding.UTF8, "application/x-www-form-urlencoded"), HttpStatusCode.UnsupportedMediaType);
            await SendAsync(Json($"\"{new string('x', 5_000_000)}\""), HttpStatusCode.RequestEntityTooLarge);

            async Task SendAsync(HttpContent content, params HttpStatusCode[] expected) =>
                (await alice.SendAsync(new HttpMethod(operation.Method), operation.PathOf(Guid.NewGuid()), content)).Status.ShouldBeOneOf(expected);
        }

        var credential = await alice.IssueAsync();
        (await alice.PostAsync($"/credentials/{credential.Id}/renew", new { durationSeconds = -1 })).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await alice.IssueAsync("no-such-role")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await alice.IssueAsync("shop-readwrite")).Status.ShouldBe(HttpStatusCode.Forbidden);
        foreach (var operation in contract.Operations.Where(operation => operation.Path.EndsWith("{id}", StringComparison.Ordinal)))
            (await alice.SendAsync(new HttpMethod(operation.Method), operation.PathOf(Guid.NewGuid()))).Status.ShouldBe(HttpStatusCode.NotFound);
        (await alice.PostAsync("/ssh/roles/no-such-role/certificates", new { })).Status.ShouldBe(HttpStatusCode.NotFound);
        (await alice.PostAsync("/ssh/revoked-keys", new { key = TestKeys.Ed25519 })).Status.ShouldBe(HttpStatusCode.NotFound);
        foreach (var list in new[] { "/access-tokens", "/credentials", "/ssh/revoked-keys", "/teams/payments/cloud-credentials" })
        {
            (await alice.GetAsync($"{list}?limit=many")).Status.ShouldBe(HttpStatusCode.BadRequest);
            (await alice.GetAsync($"{list}?limit=201")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        }
    }

    private static async Task CallWithoutRightAsync(TestPortal portal, ApiContract contract)
    {
        using var nobody = new ApiClient(portal.Address, null, contract.Watch());
        await CallAllAsync(nobody, contract, HttpStatusCode.Unauthorized);
        foreach (var needed in contract.Operations.Where(operation => operation.Scopes.Count > 0).GroupBy(operation => string.Join(' ', operation.Scopes)))
        {
            using var other = await ClientAsync(portal, contract, "alice", [.. ApiClient.AllScopes.Except(needed.Key.Split(' '))]);
            await CallAllAsync(other, contract, HttpStatusCode.Forbidden, needed.Contains);
        }
    }

    private async Task CallInVaultsTroubleAsync(ApiClient alice, ApiContract contract)
    {
        await Sandbox.Vault.Control.DenyAsync("*-kv/*", Cancel);
        await CallAllAsync(alice, contract, HttpStatusCode.BadGateway);
        await Sandbox.Vault.Control.ResetAsync(Cancel);
        await Sandbox.Vault.Control.StopAsync(Cancel);
        await CallAllAsync(alice, contract, HttpStatusCode.ServiceUnavailable);
        await Sandbox.Vault.Control.ResetAsync(Cancel);
    }

    private static async Task CallAllAsync(ApiClient client, ApiContract contract, HttpStatusCode expected, Func<ApiOperation, bool>? which = null)
    {
        foreach (var operation in contract.Operations.Where(which ?? (_ => true)))
        {
            var answer = await client.SendAsync(new HttpMethod(operation.Method), operation.PathOf(Guid.NewGuid()), operation.Body is null ? null : Json("{}"));
            answer.Status.ShouldBe(expected, $"{operation.Id}: {answer.Text}");
        }
    }

    private static async Task<ApiContract> ReadAsync(TestPortal portal)
    {
        using var alice = await ApiClient.SignInAsync(portal, "alice");
        var document = await alice.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(portal.Address, "/openapi/v1.json")));
        document.Status.ShouldBe(HttpStatusCode.OK, document.Text);
        return new ApiContract(document.Text);
    }

    private static async Task<ApiClient> ClientAsync(TestPortal portal, ApiContract contract, string login, params string[] scopes)
    {
        using var client = await ApiClient.SignInAsync(portal, login, scopes);
        return new ApiClient(portal.Address, client.Token, contract.Watch());
    }

    // In the seed nobody may use both databases and SSH.
    private static async Task LetPaymentsUseOncallAsync(TestPortal portal) => await portal.DatabaseAsync(async db =>
    {
        var payments = await db.Teams.SingleAsync(team => team.Name == "payments", Cancel);
        db.Add(new SshGrant { Id = Guid.CreateVersion7(), TeamId = payments.Id, RoleName = "oncall", Principals = [], MaxDurationSeconds = 3600 });
        return await db.SaveChangesAsync(Cancel);
    });

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
