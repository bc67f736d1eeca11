using Portal.Features.CloudCredentials;
using Portal.Features.Teams;
using Portal.Tests.Support;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>5,000 credentials of 100 teams.</summary>
public sealed class CloudScaleTests(SandboxFixture fixture) : CloudTests(fixture)
{
    [Fact]
    public async Task No_page_of_a_list_asks_Vault()
    {
        // No look at the whitelist, either, once the token is known.
        await using var portal = await TestPortal.StartAsync(Sandbox, new Dictionary<string, string?> { ["AccessTokens:CacheTime"] = "00:05:00" });
        await FillAsync(portal);
        using var dave = await ApiClient.SignInAsync(portal, "dave");
        using var person = await portal.SignInAsync("dave");
        var actor = await person.ActorAsync(portal);
        await dave.GetAsync("/me");
        var list = portal.Get<CloudCredentialList>();
        await list.ListAsync(actor, new(), Cancel);
        await Sandbox.Vault.Control.ResetAsync(Cancel);

        var names = new List<string>();
        for (var skip = 0; skip < 5000; skip += 1000)
        {
            foreach (var order in Enum.GetValues<CloudOrder>())
            {
                var page = await list.ListAsync(actor, new(Order: order, Skip: skip, Take: 50), Cancel);
                page.Total.ShouldBeGreaterThanOrEqualTo(5000);
                page.Items.Count.ShouldBe(50);
            }
        }

        foreach (var filter in Enum.GetValues<CloudFilter>())
            (await list.ListAsync(actor, new(Filter: filter, Text: "scale-0"), Cancel)).Items.ShouldAllBe(item => item.Name.Contains("scale-0"));
        string? cursor = null;
        do
        {
            var page = await dave.GetAsync($"/teams/scale-7/cloud-credentials?limit=20{(cursor is null ? "" : $"&cursor={cursor}")}");
            names.AddRange(page.Items.Select(item => item.GetProperty("name").GetString()!));
            cursor = page.Next;
        }
        while (cursor is not null);

        names.Distinct().Count().ShouldBe(50);
        (await Sandbox.Vault.Control.RequestsAsync(Cancel)).Where(request => request.Path.Contains("-kv/", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static async Task FillAsync(TestPortal portal)
    {
        var now = DateTimeOffset.UtcNow;
        var owner = new CloudIdentity("github", "1", "somebody");
        await portal.DatabaseAsync(async db =>
        {
            foreach (var number in Enumerable.Range(0, 100))
            {
                var team = new Team { Id = Guid.CreateVersion7(), Name = $"scale-{number}", Provider = "github", Subject = $"9{number:000}", Label = $"acme/scale-{number}" };
                db.Add(team);
                foreach (var index in Enumerable.Range(0, 50))
                {
                    var document = new CloudDocument
                    {
                        Id = Guid.CreateVersion7(), Type = "generic", Values = new Dictionary<string, string> { ["token"] = "x" }, Owner = owner, By = owner, RegisteredAt = now.AddMinutes(-index),
                        At = now.AddDays(-index * 4), Act = "registered", Since = new Dictionary<string, int> { ["token"] = 1 },
                        SinceAt = new Dictionary<string, DateTimeOffset> { ["token"] = now.AddDays(-index * 4) }, EndsAt = index % 5 == 0 ? now.AddDays(index + 1) : null,
                    };
                    var row = CloudCredential.Of(new(team.Id, $"scale-{number}-{index}"), document);
                    row.Follow(document, 1, null);
                    db.Add(row);
                }
            }

            return await db.SaveChangesAsync(Cancel);
        });
    }
}
