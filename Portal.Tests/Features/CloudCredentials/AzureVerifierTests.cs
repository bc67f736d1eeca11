using Portal.Sandbox.Clouds;

namespace Portal.Tests.Features.CloudCredentials;

public sealed class AzureVerifierTests(CloudVisits visits) : IClassFixture<CloudVisits>, IDisposable
{
    public void Dispose() => visits.Clouds.Control("azure").Clear();

    [Fact]
    public async Task A_good_secret_tells_subscription_and_tenant()
    {
        var seed = visits.Clouds.Seed.Values("azure");
        var facts = (await visits.VerifySeededAsync("azure")).ShouldBeGood();

        facts["Subscription"].ShouldBe($"Acme Production ({seed["AZURE_SUBSCRIPTION_ID"]})");
        facts["Tenant"].ShouldBe(seed["AZURE_TENANT_ID"]);
        // The sign-in, the subscription and four providers: nobody else is asked.
        visits.Clouds.Control("azure").Calls.ShouldBe(6);
    }

    [Fact]
    public async Task A_domain_of_the_directory_is_a_tenant_too() =>
        (await visits.VerifySeededAsync("azure", ("AZURE_TENANT_ID", "acme.onmicrosoft.com"))).ShouldBeGood()["Tenant"].ShouldBe("acme.onmicrosoft.com");

    [Theory]
    [InlineData("")]
    [InlineData("acme")]
    [InlineData("common")]
    [InlineData("..")]
    [InlineData("../acme.onmicrosoft.com")]
    [InlineData("acme.onmicrosoft.com/..")]
    [InlineData("acme.onmicrosoft.com/oauth2")]
    [InlineData("/evil.example.com/acme.onmicrosoft.com")]
    [InlineData("@evil.example.com")]
    [InlineData("evil.example.com:8443")]
    [InlineData("acme.onmicrosoft.com?a")]
    [InlineData("acme.onmicrosoft.com#a")]
    [InlineData("acme%2eonmicrosoft.com")]
    [InlineData("acme\\.onmicrosoft.com")]
    [InlineData("acme.onmicrosoft.com\n")]
    [InlineData(".onmicrosoft.com")]
    public async Task What_could_lead_elsewhere_is_no_tenant_and_nobody_is_asked(string tenant)
    {
        var before = visits.Clouds.Control("azure").Calls;

        (await visits.VerifySeededAsync("azure", ("AZURE_TENANT_ID", tenant))).ShouldBeBad("neither an id of Azure");
        visits.Clouds.Control("azure").Calls.ShouldBe(before);
    }

    [Fact]
    public async Task What_is_not_registered_is_named()
    {
        visits.Clouds.Control("azure").Remove("Microsoft.Network");
        visits.Clouds.Control("azure").Remove("Microsoft.ContainerService");

        var bad = (await visits.VerifySeededAsync("azure")).ShouldBeBad("lacks resource providers");
        bad.Missing.ShouldBe(["Microsoft.ContainerService is not registered", "Microsoft.Network is not registered"]);
        bad.Identity.ShouldContain(fact => fact.Name == "Subscription");
    }

    [Theory]
    [InlineData("AZURE_CLIENT_SECRET", "another~secret-of-this-application-1234", "secret's value")]
    [InlineData("AZURE_CLIENT_ID", "00000000-1111-2222-3333-444444444444", "no application")]
    [InlineData("AZURE_TENANT_ID", "00000000-1111-2222-3333-444444444444", "no such tenant")]
    [InlineData("AZURE_SUBSCRIPTION_ID", "00000000-1111-2222-3333-444444444444", "cannot see the subscription")]
    public async Task A_wrong_field_is_told_apart(string field, string value, string words) => (await visits.VerifySeededAsync("azure", (field, value))).ShouldBeBad(words);

    [Fact]
    public async Task A_secret_that_is_over()
    {
        visits.Clouds.Control("azure").KeyIsDisabled = true;
        (await visits.VerifySeededAsync("azure")).ShouldBeBad("over");
    }

    [Fact]
    public async Task An_application_without_a_role()
    {
        visits.Clouds.Control("azure").Remove(CloudControl.Access);
        (await visits.VerifySeededAsync("azure")).ShouldBeBad("no role").Missing.ShouldHaveSingleItem();
    }
}
