using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Portal.Sandbox.Clouds;
using Portal.Tests.Support;

namespace Portal.Tests.Features.CloudCredentials;

public sealed class GoogleVerifierTests(CloudVisits visits) : IClassFixture<CloudVisits>, IDisposable
{
    public void Dispose() => visits.Clouds.Control("google").Clear();

    [Fact]
    public async Task A_good_key_tells_project_and_account()
    {
        var facts = (await visits.VerifySeededAsync("google")).ShouldBeGood();

        facts["Project"].ShouldBe("acme-shop");
        facts["Service account"].ShouldBe("deployer@acme-shop.iam.gserviceaccount.com");
        visits.Clouds.Control("google").Calls.ShouldBe(3);
    }

    [Fact]
    public async Task Addresses_in_the_file_are_ignored() =>
        (await visits.VerifySeededAsync("google", ("token_uri", "https://evil.example/token"), ("auth_uri", "https://evil.example/"))).ShouldBeGood();

    [Fact]
    public async Task A_key_of_somebody_else()
    {
        using var other = RSA.Create(2048);
        (await visits.VerifySeededAsync("google", ("private_key", other.ExportPkcs8PrivateKeyPem()))).ShouldBeBad("does not take the key");
    }

    [Theory]
    [InlineData("client_email", "nobody@acme-shop.iam.gserviceaccount.com", "does not take the key")]
    [InlineData("private_key_id", "0123456789012345678901234567890123456789", "does not take the key")]
    [InlineData("private_key", "no key of any kind, and none that could be one", "no private key")]
    [InlineData("project_id", "another-project", "cannot see its project")]
    public async Task A_wrong_field_is_told_apart(string field, string value, string words) => (await visits.VerifySeededAsync("google", (field, value))).ShouldBeBad(words);

    [Fact]
    public async Task A_disabled_key()
    {
        visits.Clouds.Control("google").KeyIsDisabled = true;
        (await visits.VerifySeededAsync("google")).ShouldBeBad("deleted or disabled");
    }

    [Fact]
    public async Task What_is_not_enabled_is_named()
    {
        visits.Clouds.Control("google").Remove("container.googleapis.com");
        visits.Clouds.Control("google").Remove("iamcredentials.googleapis.com");

        var bad = (await visits.VerifySeededAsync("google")).ShouldBeBad("lacks services");
        bad.Missing.Select(missing => missing[..missing.IndexOf(" (", StringComparison.Ordinal)]).ShouldBe(["Kubernetes Engine API", "IAM Service Account Credentials API"]);
        bad.Identity.ShouldContain(fact => fact.Name == "Project");
    }

    [Theory]
    [InlineData("storage.googleapis.com")]
    [InlineData("storage-component.googleapis.com")]
    public async Task Either_name_of_storage_will_do(string without)
    {
        visits.Clouds.Control("google").Remove(without);
        (await visits.VerifySeededAsync("google")).ShouldBeGood();
    }

    [Fact]
    public async Task Neither_name_of_storage_will_not()
    {
        visits.Clouds.Control("google").Remove("storage.googleapis.com");
        visits.Clouds.Control("google").Remove("storage-component.googleapis.com");
        (await visits.VerifySeededAsync("google")).ShouldBeBad("lacks services").Missing.ShouldHaveSingleItem().ShouldContain("Cloud Storage");
    }

    [Theory]
    [InlineData("cloudresourcemanager.googleapis.com", "Cloud Resource Manager API")]
    [InlineData("serviceusage.googleapis.com", "Service Usage API")]
    public async Task A_service_that_would_tell_is_named_when_it_is_off(string service, string name)
    {
        visits.Clouds.Control("google").Remove(service);
        (await visits.VerifySeededAsync("google")).ShouldBeBad("services").Missing.ShouldHaveSingleItem().ShouldContain($"{name} ({service}) is not enabled");
    }

    [Fact]
    public async Task What_was_signed_for_another_hour_is_refused()
    {
        await using var clouds = await CloudServer.StartAsync(new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(3)));
        using var authority = new TemporaryFile(clouds.CaPem);
        (string, string?)[] settings = [("Outbound:CaFile", authority.Path), .. clouds.Settings.Select(setting => (setting.Key, setting.Value))];

        (await visits.VerifyAsync("google", clouds.Seed.Values("google"), settings)).ShouldBeBad("does not take the key");
    }
}
