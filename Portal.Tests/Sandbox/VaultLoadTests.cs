using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Portal.Sandbox.Vault;

namespace Portal.Tests.Sandbox;

/// <summary>Many at once: all are answered, nothing gets lost between them, nothing is left behind.</summary>
public sealed class VaultLoadTests : IAsyncLifetime
{
    private VaultUnderTest _vault = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _vault = await VaultUnderTest.StartAsync();
        await _vault.DoAsync("POST", "sys/mounts/kv", new { type = "kv-v2" });
        await _vault.DoAsync("POST", "sys/mounts/tr", new { type = "transit" });
        await _vault.DoAsync("POST", "tr/keys/jwt", new { type = "ecdsa-p256" });
        await _vault.PolicyAsync("maker", """path "auth/token/create" { capabilities = ["update"] }""");
    }

    public ValueTask DisposeAsync() => _vault.DisposeAsync();

    [Fact]
    public async Task Two_thousand_requests_of_every_kind_are_all_answered()
    {
        (int Wanted, Func<int, Task<(int, JsonNode?)>> Ask)[] kinds =
        [
            (200, number => _vault.SendAsync("POST", $"kv/data/many/{number % 50}", new { data = new { number } })),
            (200, number => _vault.SendAsync("POST", $"kv/data/one/{number}", new { data = new { number }, options = new { cas = 0 } })),
            (200, _ => _vault.SendAsync("POST", "auth/token/create", new { policies = "default", ttl = "1h" })),
            (200, _ => _vault.SendAsync("POST", "tr/sign/jwt", new { input = "AAAA", marshaling_algorithm = "jws" })),
            (204, number => _vault.SendAsync("PUT", $"sys/policies/acl/p{number % 10}", new { policy = $"path \"kv/{number}\" {{ capabilities = [\"read\"] }}" })),
            (200, _ => _vault.SendAsync("GET", "sys/mounts")),
            (400, _ => _vault.SendAsync("POST", "kv/data/bad", "{")),
            (403, _ => _vault.SendAsync("GET", "sys/mounts", token: "none")),
            (404, number => _vault.SendAsync("GET", $"kv/data/none/{number}")),
            (405, _ => _vault.SendAsync("PATCH", "kv/data/a", "{}")),
        ];
        var answers = await Task.WhenAll(Enumerable.Range(0, 2000).Select(async number =>
        {
            var (wanted, ask) = kinds[number % kinds.Length];
            return (Wanted: wanted, Actual: (await ask(number)).Item1);
        }));
        answers.Where(answer => answer.Actual != answer.Wanted).ShouldBeEmpty();

        var versions = await Task.WhenAll(Enumerable.Range(0, 5).Select(async number =>
            (int)(await _vault.DoAsync("GET", $"kv/metadata/many/{number * 10}"))["data"]!["current_version"]!));
        versions.ShouldAllBe(version => version == 40);
    }

    [Fact]
    public async Task A_child_that_is_made_while_its_parent_is_revoked_does_not_outlive_it()
    {
        for (var round = 0; round < 20; round++)
        {
            var parent = await _vault.TokenAsync(new { policies = "maker", ttl = "1h" });
            var making = Enumerable.Range(0, 20).Select(_ => _vault.SendAsync("POST", "auth/token/create", new { ttl = "1h" }, parent)).ToList();
            var revoking = _vault.DoAsync("POST", "auth/token/revoke", new { token = parent });
            var children = (await Task.WhenAll(making)).Where(answer => answer.Status == 200).Select(answer => (string)answer.Body!["auth"]!["client_token"]!).ToList();
            await revoking;
            foreach (var child in children)
                (await _vault.SendAsync("GET", "auth/token/lookup-self", token: child)).Status.ShouldBe(403);
        }

        (await AccessorsAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_changed_policy_holds_for_the_next_request_however_many_ask_meanwhile()
    {
        var token = await _vault.TokenAsync(new { policies = "changing", ttl = "1h" });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var asking = Enumerable.Range(0, 8).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
                await _vault.SendAsync("GET", "sys/mounts", token: token);
        }).ToList();
        for (var round = 0; round < 200; round++)
        {
            var isAllowed = round % 2 == 0;
            await _vault.PolicyAsync("changing", $"path \"sys/mounts\" {{ capabilities = [\"{(isAllowed ? "read" : "deny")}\"] }}");
            (await _vault.SendAsync("GET", "sys/mounts", token: token)).Status.ShouldBe(isAllowed ? 200 : 403, $"round {round}");
        }

        await stop.CancelAsync();
        await Task.WhenAll(asking);
    }

    [Fact]
    public async Task A_token_is_renewed_or_revoked_but_does_not_come_back()
    {
        var tokens = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _vault.TokenAsync(new { policies = "default", ttl = "1h" })));
        await Task.WhenAll(tokens.SelectMany(token => new[]
        {
            _vault.SendAsync("POST", "auth/token/renew-self", new { }, token),
            _vault.SendAsync("POST", "auth/token/revoke", new { token }),
            _vault.SendAsync("POST", "auth/token/renew", new { token }),
        }));
        (await AccessorsAsync()).ShouldBe(1);
        Reachable.Count(_vault.Server, "Deadline").ShouldBe(1);
    }

    [Fact]
    public async Task Ten_thousand_tokens_that_came_and_went_leave_nothing_behind()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var vault = await VaultUnderTest.StartAsync(new VaultServerOptions { TimeProvider = time });
        await Parallel.ForAsync(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancelled }, async (number, _) =>
        {
            var token = await vault.TokenAsync(new { policies = "default", ttl = "1h" });
            await vault.DoAsync("POST", "cubbyhole/a", new { k = "v" }, token);
            // Half are revoked, half end by themselves.
            if (number % 2 == 0)
                await vault.DoAsync("POST", "auth/token/revoke-self", token: token);
        });
        Reachable.Count(vault.Server, "TokenEntry").ShouldBe(5_001);
        time.Advance(TimeSpan.FromHours(2));
        await vault.Control.SettleAsync(Cancelled);
        Reachable.Count(vault.Server, "TokenEntry").ShouldBe(1);
        Reachable.Count(vault.Server, "Deadline").ShouldBe(1);
    }

    private async Task<int> AccessorsAsync() => (await _vault.DoAsync("LIST", "auth/token/accessors"))["data"]!["keys"]!.AsArray().Count;
}
