using Portal.Features.CloudCredentials;
using Portal.Sandbox.Clouds;
using Portal.Tests.Support;

namespace Portal.Tests.Features.CloudCredentials;

/// <summary>What all verifiers make of a cloud that does not do its work: they do not know, and say why.</summary>
public sealed class CloudTroubleTests(CloudVisits visits) : IClassFixture<CloudVisits>, IDisposable
{
    private static readonly string[] s_clouds = ["amazon", "azure", "google", "digitalocean", "cloudflare"];

    public static TheoryData<string> Clouds => [.. s_clouds];

    public void Dispose()
    {
        foreach (var cloud in s_clouds)
            visits.Clouds.Control(cloud).Clear();
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task An_outage(string cloud)
    {
        visits.Clouds.Control(cloud).Trouble = new CloudTrouble.Status(500);
        (await visits.VerifySeededAsync(cloud)).ShouldBeUnreachable("out of order (500)");
        visits.Clouds.Control(cloud).Calls.ShouldBeInRange(1, 2);
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task Too_many_calls(string cloud)
    {
        visits.Clouds.Control(cloud).Trouble = new CloudTrouble.Status(429);
        (await visits.VerifySeededAsync(cloud)).ShouldBeUnreachable("too often");
        visits.Clouds.Control(cloud).Calls.ShouldBeInRange(1, 2);
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task A_redirect_even_to_another_cloud_of_ours(string cloud)
    {
        var elsewhere = s_clouds[(Array.IndexOf(s_clouds, cloud) + 1) % s_clouds.Length];
        visits.Clouds.Control(cloud).Trouble = new CloudTrouble.Redirect(visits.Clouds.Address(elsewhere));
        (await visits.VerifySeededAsync(cloud)).ShouldBeUnreachable("redirects are not followed");
        visits.Clouds.Control(elsewhere).Calls.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task Somebody_elses_page(string cloud)
    {
        visits.Clouds.Control(cloud).Trouble = new CloudTrouble.Garbage();
        (await visits.VerifySeededAsync(cloud)).ShouldBeUnreachable("cannot be read");
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task Json_that_says_nothing(string cloud)
    {
        visits.Clouds.Control(cloud).Trouble = new CloudTrouble.Garbage("{}");
        (await visits.VerifySeededAsync(cloud)).ShouldBeUnreachable("cannot be read");
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task A_connection_cut_off(string cloud)
    {
        visits.Clouds.Control(cloud).Trouble = new CloudTrouble.HangUp();
        (await visits.VerifySeededAsync(cloud)).ShouldBeOfType<CloudVerdict.Unreachable>();
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task No_answer(string cloud)
    {
        visits.Clouds.Control(cloud).Trouble = new CloudTrouble.Stall();
        (await visits.VerifyAsync(cloud, visits.Clouds.Seed.Values(cloud), ("CloudCredentials:VerifyTimeout", "00:00:01"))).ShouldBeUnreachable("within 1 s");
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task A_certificate_of_somebody_else(string cloud)
    {
        await using var others = await CloudServer.StartAsync();
        using var authority = new TemporaryFile(others.CaPem);

        (await visits.VerifyAsync(cloud, visits.Clouds.Seed.Values(cloud), ("Outbound:CaFile", authority.Path))).ShouldBeUnreachable("certificate");
        visits.Clouds.Control(cloud).Calls.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task Nobody_there(string cloud)
    {
        var dead = visits.Clouds.Settings.Select(setting => (setting.Key, (string?)setting.Value!.Replace($":{visits.Clouds.Address(cloud).Port}", ":9", StringComparison.Ordinal)));
        (await visits.VerifyAsync(cloud, visits.Clouds.Seed.Values(cloud), dead)).ShouldBeUnreachable("takes no connection");
    }

    [Fact]
    public async Task Only_cancellation_is_thrown()
    {
        visits.Clouds.Control("amazon").Trouble = new CloudTrouble.Stall();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => visits.VerifyAsync("amazon", visits.Clouds.Seed.Values("amazon"), cancelled.Token));
    }

    [Fact]
    public async Task A_cloud_that_repeats_a_secret_is_not_repeated()
    {
        var token = visits.Clouds.Seed.Values("digitalocean")["DO_TOKEN"];
        visits.Clouds.Control("digitalocean").Trouble = new CloudTrouble.Garbage(
            $$$$"""{"account":{"uuid":"you said {{{{token}}}}","email":"{{{{new string('a', 180)}}}}{{{{token}}}}","team":{"name":"line one\nline two\u202e"}}}""");

        var facts = (await visits.VerifySeededAsync("digitalocean")).ShouldBeGood();

        facts["Account id"].ShouldBe("(withheld)");
        facts["Account"].ShouldBe("(withheld)", "even its beginning");
        facts["Team"].ShouldBe("line one line two");
    }

    [Theory]
    [InlineData("digitalocean", "DO_TOKEN", "dop_v1_a\r\nHost: evil.example")]
    [InlineData("cloudflare", "CF_API_KEY", "a\nb")]
    [InlineData("amazon", "AWS_ACCESS_KEY_ID", "AKIA\u00e9")]
    [InlineData("amazon", "AWS_REGION", "evil.example/")]
    [InlineData("amazon", "AWS_REGION", "us-east-1\n")]
    [InlineData("google", "project_id", "../../x")]
    [InlineData("azure", "AZURE_TENANT_ID", "../evil")]
    public async Task What_would_bend_a_call_is_bad_and_not_sent(string cloud, string field, string value)
    {
        (await visits.VerifySeededAsync(cloud, (field, value))).ShouldBeBad(field);
        visits.Clouds.Control(cloud).Calls.ShouldBe(0);
    }
}
