using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Portal.Sandbox.Clouds;
using Portal.Tests.Support;

namespace Portal.Tests.Features.CloudCredentials;

public sealed class AmazonVerifierTests(CloudVisits visits) : IClassFixture<CloudVisits>, IDisposable
{
    public void Dispose() => visits.Clouds.Control("amazon").Clear();

    [Fact]
    public async Task A_good_key_tells_whose_it_is()
    {
        var facts = (await visits.VerifySeededAsync("amazon")).ShouldBeGood();

        facts["Account"].ShouldBe("123456789012");
        facts["ARN"].ShouldBe("arn:aws:iam::123456789012:user/deployer");
        facts["User id"].ShouldStartWith("AIDA");
        facts["Region"].ShouldBe("eu-central-1");
        visits.Clouds.Control("amazon").Calls.ShouldBe(2);
    }

    [Fact]
    public async Task Without_a_region_it_is_us_east_1()
    {
        var values = new Dictionary<string, string>(visits.Clouds.Seed.Values("amazon"));
        values.Remove("AWS_REGION");

        (await visits.VerifyAsync("amazon", values)).ShouldBeGood()["Region"].ShouldBe("us-east-1");
    }

    [Theory]
    [InlineData("cn-north-1")]
    [InlineData("us-gov-west-1")]
    public async Task Other_partitions_are_signed_for_their_regions(string region) =>
        (await visits.VerifySeededAsync("amazon", ("AWS_REGION", region))).ShouldBeGood()["Region"].ShouldBe(region);

    [Fact]
    public async Task A_wrong_secret() => (await visits.VerifySeededAsync("amazon", ("AWS_SECRET_ACCESS_KEY", new string('x', 40)))).ShouldBeBad("not that of the access key ID");

    [Fact]
    public async Task An_unknown_key() => (await visits.VerifySeededAsync("amazon", ("AWS_ACCESS_KEY_ID", "AKIAAAAAAAAAAAAAAAAA"))).ShouldBeBad("does not know the access key");

    [Fact]
    public async Task A_disabled_key()
    {
        visits.Clouds.Control("amazon").KeyIsDisabled = true;
        (await visits.VerifySeededAsync("amazon")).ShouldBeBad("deleted or made inactive");
    }

    [Fact]
    public async Task A_region_where_the_account_is_nothing() =>
        (await visits.VerifySeededAsync("amazon", ("AWS_REGION", "af-south-1"))).ShouldBeBad("the region is not enabled");

    [Fact]
    public async Task A_region_that_is_not_enabled()
    {
        visits.Clouds.Control("amazon").Remove("eu-central-1");
        (await visits.VerifySeededAsync("amazon")).ShouldBeBad("not enabled the region eu-central-1").Identity.ShouldContain(fact => fact.Name == "Account");
    }

    [Fact]
    public async Task A_key_that_may_nothing_still_tells_whose_it_is()
    {
        visits.Clouds.Control("amazon").Remove(CloudControl.Access);
        var bad = (await visits.VerifySeededAsync("amazon")).ShouldBeBad("may not look");
        bad.Missing.ShouldHaveSingleItem().ShouldContain("ec2:DescribeRegions");
        bad.Identity.ShouldContain(fact => fact.Value == "123456789012");
    }

    [Fact]
    public async Task Clocks_that_differ()
    {
        await using var clouds = await CloudServer.StartAsync(new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(1)));
        using var authority = new TemporaryFile(clouds.CaPem);
        (string, string?)[] settings = [("Outbound:CaFile", authority.Path), .. clouds.Settings.Select(setting => (setting.Key, setting.Value))];

        (await visits.VerifyAsync("amazon", clouds.Seed.Values("amazon"), settings)).ShouldBeUnreachable("clocks");
    }

    [Fact]
    public async Task What_the_environment_says_about_addresses_is_not_asked()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var trap = $"http://{listener.LocalEndpoint}";
        string[] variables = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_EC2"];
        foreach (var variable in variables)
            Environment.SetEnvironmentVariable(variable, trap);
        try
        {
            (await visits.VerifySeededAsync("amazon")).ShouldBeGood();
            listener.Pending().ShouldBeFalse();
        }
        finally
        {
            foreach (var variable in variables)
                Environment.SetEnvironmentVariable(variable, null);
        }
    }
}
